package memstore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

var errClosedSubscription = errors.New("subscription closed")

// Subscribe delivers the domain events after the position, then a caught-up notice, then each new event.
func (s *Store) Subscribe(ctx context.Context, after eventstore.Position) (eventstore.Subscription, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return &subscription{ctx: ctx, store: s, after: after, cut: s.cut, closed: make(chan struct{})}, nil
}

// DropSubscriptions breaks every open subscription, as an outage of the store would.
func (s *Store) DropSubscriptions() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.cut)
	s.cut = make(chan struct{})
}

type subscription struct {
	ctx      context.Context //nolint:containedctx // a subscription lives as long as the context that it was asked for with
	store    *Store
	after    eventstore.Position
	caughtUp bool
	cut      <-chan struct{}
	close    sync.Once
	closed   chan struct{}
}

// Recv returns the next message or blocks for it.
func (s *subscription) Recv() (eventstore.Message, error) {
	for {
		// What ends the subscription comes first: an event that is there must not hide it.
		if err := s.over(); err != nil {
			return eventstore.Message{}, err
		}
		m, changed, ok := s.next()
		if ok {
			return m, nil
		}
		select {
		case <-changed:
		case <-s.ctx.Done():
		case <-s.cut:
		case <-s.closed:
		}
	}
}

func (s *subscription) over() error {
	select {
	case <-s.ctx.Done():
		return fmt.Errorf("receive: %w", s.ctx.Err())
	case <-s.cut:
		return fmt.Errorf("receive: %w", eventstore.ErrUnavailable)
	case <-s.closed:
		return errClosedSubscription
	default:
		return nil
	}
}

// next returns what is there already, or the signal that tells of more.
func (s *subscription) next() (eventstore.Message, <-chan struct{}, bool) {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	first := int(s.after / stride)
	for i := min(first, len(s.store.log)); i < len(s.store.log); i++ {
		r := s.store.log[i]
		s.after = r.Position
		if subscribed(r.Stream) {
			return eventstore.Message{Event: &r, Position: r.Position}, nil, true
		}
	}
	if !s.caughtUp {
		s.caughtUp = true
		return eventstore.Message{Position: s.after, CaughtUp: true}, nil, true
	}
	return eventstore.Message{}, s.store.changed, false
}

func subscribed(stream string) bool {
	return slices.ContainsFunc(domain.StreamPrefixes(), func(p string) bool { return strings.HasPrefix(stream, p) })
}

// Close ends the subscription.
func (s *subscription) Close() error {
	s.close.Do(func() { close(s.closed) })
	return nil
}
