package projections_test

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
)

// logSource is a log in memory that can be followed.
type logSource struct {
	mu       sync.Mutex
	events   []eventstore.Recorded
	more     chan struct{} // closed and replaced when events are added
	broken   map[eventstore.Position]error
	received atomic.Int64
	closed   atomic.Int64  // streams
	hold     chan struct{} // not nil: nothing is delivered until it is closed
	limit    int           // not zero: no more events than these are delivered
}

func newLog(events ...eventstore.Recorded) *logSource {
	// A copy: what is added must not end up in the history of another test.
	return &logSource{events: slices.Clone(events), more: make(chan struct{}), broken: map[eventstore.Position]error{}}
}

func (l *logSource) add(events ...eventstore.Recorded) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.events = append(l.events, events...)
	close(l.more)
	l.more = make(chan struct{})
}

// upTo delivers no more than the first n events; zero: all.
func (l *logSource) upTo(n int) {
	l.mu.Lock()
	l.limit = n
	l.mu.Unlock()
	l.add() // there may be more
}

// spoil makes an event undecodable, or, with nil, decodable again.
func (l *logSource) spoil(e eventstore.Recorded, why error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if why == nil {
		delete(l.broken, e.Position)
		return
	}
	l.broken[e.Position] = &eventstore.DecodeError{
		ID: e.ID, Stream: e.Stream, Revision: e.Revision, Position: e.Position, Type: e.Event.EventType(), Created: e.Created, Err: why,
	}
}

// Subscribe begins after a position.
func (l *logSource) Subscribe(ctx context.Context, after eventstore.Position) (subscription.Stream, error) {
	return &logStream{ctx: ctx, log: l, at: after}, nil
}

type logStream struct {
	ctx    context.Context
	log    *logSource
	at     eventstore.Position
	next   int
	caught bool
}

// Recv returns the next event, a notice at the end of history, or waits.
func (s *logStream) Recv() (subscription.Item, error) {
	for {
		s.log.mu.Lock()
		more, hold := s.log.more, s.log.hold
		for s.next < len(s.log.events) && s.log.events[s.next].Position <= s.at {
			s.next++
		}
		var e *eventstore.Recorded
		held := s.log.limit > 0 && s.next >= s.log.limit
		if s.next < len(s.log.events) && !held {
			one := s.log.events[s.next]
			e = &one
		}
		var broken error
		if e != nil {
			broken = s.log.broken[e.Position]
		}
		s.log.mu.Unlock()
		if hold != nil {
			select {
			case <-hold:
			case <-s.ctx.Done():
				return subscription.Item{}, context.Cause(s.ctx)
			}
		}
		switch {
		case broken != nil:
			return subscription.Item{}, broken
		case e != nil:
			s.at = e.Position
			s.log.received.Add(1)
			return subscription.Item{Event: e, Position: e.Position}, nil
		case !s.caught && !held:
			s.caught = true
			return subscription.Item{Position: s.at, CaughtUp: true}, nil
		}
		select {
		case <-more:
		case <-s.ctx.Done():
			return subscription.Item{}, context.Cause(s.ctx)
		}
	}
}

// Close gives it back.
func (s *logStream) Close() error {
	s.log.closed.Add(1)
	return nil
}
