package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/demo"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/httpapi"
)

// demoSession is how long a token of the demo is good for.
const demoSession = 12 * time.Hour

// demoDoors signs the demo's people in, and lets a visitor of the page be the first of each role.
type demoDoors struct {
	secret []byte

	mu    sync.Mutex
	first map[domain.Role]demo.User
}

// token signs a simulated person in.
func (d *demoDoors) token(u demo.User) (string, error) {
	d.mu.Lock()
	if _, known := d.first[u.Role]; !known {
		if d.first == nil {
			d.first = map[domain.Role]demo.User{}
		}
		d.first[u.Role] = u
	}
	d.mu.Unlock()
	return d.sign(u)
}

func (d *demoDoors) sign(u demo.User) (string, error) {
	return httpapi.SignSession(d.secret, httpapi.Session{
		UserID: u.ID, Role: u.Role, StaffID: u.StaffID, BranchIDs: u.BranchIDs,
	}, time.Now(), demoSession)
}

// signIn makes the visitor of the page the first person of a role. Nobody is there before the demo has opened its branches.
func (d *demoDoors) signIn(_ context.Context, as string) (httpapi.DemoIdentity, error) {
	role, ok := domain.ParseRole(as)
	if !ok {
		return httpapi.DemoIdentity{}, domain.Refuse(domain.Invalid, domain.CodeValidation, "the demo has no role %q", as)
	}
	d.mu.Lock()
	u, ok := d.first[role]
	desk, open := d.first[domain.RoleReceptionist]
	d.mu.Unlock()
	if !ok || !open {
		return httpapi.DemoIdentity{}, domain.Refuse(domain.Unavailable, domain.CodeUnavailable, "nobody with the role %q has arrived yet", as)
	}
	token, err := d.sign(u)
	if err != nil {
		return httpapi.DemoIdentity{}, err
	}
	return httpapi.DemoIdentity{
		Token: token, UserID: u.ID, Name: u.Name, Role: u.Role, BranchID: desk.BranchIDs[0],
		ExpiresAt: time.Now().Add(demoSession),
	}, nil
}

// demoLog lets the demo's checker read the log.
type demoLog struct{ store *eventstore.Store }

// Head returns the position of the last event.
func (l demoLog) Head(ctx context.Context) (eventstore.Position, error) { return l.store.Head(ctx) }

// Follow reads on until the context ends; a subscription that breaks is opened again.
func (l demoLog) Follow(ctx context.Context, after eventstore.Position, each func(eventstore.Recorded)) error {
	for ctx.Err() == nil {
		var err error
		after, err = l.followOnce(ctx, after, each)
		if ctx.Err() == nil && !errors.Is(err, eventstore.ErrUnavailable) {
			return fmt.Errorf("read the log: %w", err)
		}
	}
	return nil
}

// followOnce reads one subscription to its end and returns how far it came.
func (l demoLog) followOnce(ctx context.Context, after eventstore.Position, each func(eventstore.Recorded)) (
	_ eventstore.Position, err error,
) {
	sub, err := l.store.Subscribe(ctx, after)
	if err != nil {
		return after, err
	}
	defer func() {
		if cerr := sub.Close(); err == nil {
			err = cerr
		}
	}()
	for {
		m, err := sub.Recv()
		if err != nil {
			return after, err
		}
		if m.Event != nil {
			each(*m.Event)
		}
		after = m.Position
	}
}
