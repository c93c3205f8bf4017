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

// demoDoors signs the demo's people in, and lets a visitor of the page be one of them: the first receptionist who came, or
// the first customer of that receptionist's branch, so that the two see the same bookings.
type demoDoors struct {
	secret []byte

	mu     sync.Mutex
	desk   *demo.User
	guests map[string]demo.User // by the branch that they visit
}

// token signs a simulated person in.
func (d *demoDoors) token(u demo.User) (string, error) {
	d.mu.Lock()
	if u.Role == domain.RoleReceptionist && d.desk == nil {
		d.desk = &u
	}
	if _, known := d.guests[u.Visits]; u.Role == domain.RoleCustomer && !known {
		if d.guests == nil {
			d.guests = map[string]demo.User{}
		}
		d.guests[u.Visits] = u
	}
	d.mu.Unlock()
	return d.sign(u)
}

func (d *demoDoors) sign(u demo.User) (string, error) {
	return httpapi.SignSession(d.secret, httpapi.Session{
		UserID: u.ID, Role: u.Role, StaffID: u.StaffID, BranchIDs: u.BranchIDs,
	}, time.Now(), demoSession)
}

// signIn makes the visitor of the page one of the people. Nobody is there before the demo has opened its branches.
func (d *demoDoors) signIn(_ context.Context, as string) (httpapi.DemoIdentity, error) {
	d.mu.Lock()
	u, branch, ok := d.person(domain.Role(as))
	d.mu.Unlock()
	if !ok {
		return httpapi.DemoIdentity{}, domain.Refuse(domain.Unavailable, domain.CodeUnavailable, "nobody with the role %q has arrived yet", as)
	}
	token, err := d.sign(u)
	if err != nil {
		return httpapi.DemoIdentity{}, err
	}
	return httpapi.DemoIdentity{
		Token: token, UserID: u.ID, Name: u.Name, Role: u.Role, BranchID: branch, ExpiresAt: time.Now().Add(demoSession),
	}, nil
}

// person finds who plays the role, and at which branch.
func (d *demoDoors) person(role domain.Role) (u demo.User, branch string, ok bool) {
	if d.desk == nil {
		return u, "", false
	}
	branch = d.desk.BranchIDs[0]
	if role == domain.RoleReceptionist {
		return *d.desk, branch, true
	}
	u, ok = d.guests[branch]
	return u, branch, ok && role == domain.RoleCustomer
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
