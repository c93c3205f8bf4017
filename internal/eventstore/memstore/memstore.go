// Package memstore is an event store in memory with the rules of the real one: exact expected revisions, all-or-none
// appends, repeats recognised by their ids, and subscriptions in log order. It passes the same conformance suite.
//
// It is for tests. It reads no clock, starts no goroutine and draws no random number, so a run is decided by the calls alone
// and fits into a synctest bubble. Nothing outlives the process.
package memstore

import (
	"context"
	"fmt"
	"iter"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/royalglow/booking/internal/eventstore"
)

// The moments at which Store.Hook is called.
const (
	// BeforeAppend comes before an append touches the store. An error is returned to the caller, and nothing is written:
	// a *ConflictError, ErrUnavailable, or ErrInDoubt for a doubt that was not written.
	BeforeAppend = "before append"
	// AfterAppend comes after an append was written (or recognised as a repeat). An error replaces the receipt: ErrInDoubt
	// for a doubt that was written.
	AfterAppend = "after append"
	// BeforeRead comes before a read of a stream begins; an error ends the read.
	BeforeRead = "before read"
)

// stride is the distance of two positions. Real positions are byte offsets; a consumer that counts with them shall fail here
// as well.
const stride = 64

// Store holds the log. Its methods may be called concurrently.
type Store struct {
	// Hook, when set before the store is used, is called at the moments above. It holds no lock, so it may block to freeze
	// the caller there while others go on.
	Hook func(op, stream string) error
	// ID is what Identity returns. Tests with several stores give each its own.
	ID string

	mu      sync.Mutex
	log     []eventstore.Recorded
	streams map[string][]int // indexes into log
	changed chan struct{}    // closed and replaced by each append
	cut     chan struct{}    // closed and replaced by DropSubscriptions
}

// New returns an empty store.
func New() *Store {
	return &Store{
		ID:      "00000000-0000-4000-8000-000000000001",
		streams: map[string][]int{},
		changed: make(chan struct{}),
		cut:     make(chan struct{}),
	}
}

// Append adds the events, or recognises them, as *eventstore.Store does.
func (s *Store) Append(ctx context.Context, a eventstore.Append) (eventstore.Appended, error) {
	proposals, err := eventstore.Proposals(a)
	if err != nil {
		return eventstore.Appended{}, err
	}
	if err := s.hook(BeforeAppend, a.Stream); err != nil {
		return eventstore.Appended{}, err
	}
	if err := ctx.Err(); err != nil {
		return eventstore.Appended{}, fmt.Errorf("append to %s: %w: %w", a.Stream, eventstore.ErrUnavailable, err)
	}
	got, err := s.write(a, proposals)
	if err != nil {
		return eventstore.Appended{}, err
	}
	if err := s.hook(AfterAppend, a.Stream); err != nil {
		return eventstore.Appended{}, err
	}
	return got, nil
}

func (s *Store) hook(op, stream string) error {
	if s.Hook == nil {
		return nil
	}
	return s.Hook(op, stream)
}

func (s *Store) write(a eventstore.Append, proposals []eventstore.Proposal) (eventstore.Appended, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	stream := s.streams[a.Stream]
	next := int(a.Expected) + 1
	if next < len(stream) {
		return s.repeat(a, stream[next:], proposals)
	}
	if next > len(stream) {
		return eventstore.Appended{}, &eventstore.ConflictError{Stream: a.Stream, Expected: a.Expected}
	}
	// All are decoded before any is written: an append is all or none.
	recorded := make([]eventstore.Recorded, 0, len(proposals))
	for i, p := range proposals {
		r, err := s.record(a, next+i, len(s.log)+i, p)
		if err != nil {
			return eventstore.Appended{}, err
		}
		recorded = append(recorded, r)
	}
	for _, r := range recorded {
		s.streams[a.Stream] = append(s.streams[a.Stream], len(s.log))
		s.log = append(s.log, r)
	}
	close(s.changed)
	s.changed = make(chan struct{})
	return receipt(recorded[len(recorded)-1]), nil
}

// repeat answers an append below the stream's end: the first receipt if just these events stand there, else a conflict.
func (s *Store) repeat(a eventstore.Append, there []int, proposals []eventstore.Proposal) (eventstore.Appended, error) {
	conflict := &eventstore.ConflictError{Stream: a.Stream, Expected: a.Expected}
	if len(there) < len(proposals) {
		return eventstore.Appended{}, conflict
	}
	for i, p := range proposals {
		if s.log[there[i]].ID != p.ID {
			return eventstore.Appended{}, conflict
		}
	}
	return receipt(s.log[there[len(proposals)-1]]), nil
}

// record passes the event through the codec, so that a test reads what a real store would give back.
func (s *Store) record(a eventstore.Append, revision, index int, p eventstore.Proposal) (eventstore.Recorded, error) {
	e, m, err := eventstore.Decode(p.Type, p.Meta, p.Data)
	if err != nil {
		return eventstore.Recorded{}, fmt.Errorf("append to %s: %w", a.Stream, err)
	}
	return eventstore.Recorded{
		ID: p.ID, Stream: a.Stream,
		Revision: eventstore.Revision(revision), Position: eventstore.Position((index + 1) * stride),
		Created: created(m), Event: e, Metadata: m,
	}, nil
}

// created stands in for the store's clock.
func created(m eventstore.Metadata) time.Time { return m.OccurredAt.UTC() }

func receipt(r eventstore.Recorded) eventstore.Appended {
	return eventstore.Appended{Revision: r.Revision, Position: r.Position}
}

// Read yields the stream's events from the revision on; a stream that does not exist yields none.
func (s *Store) Read(ctx context.Context, stream string, from eventstore.Revision) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		err := s.hook(BeforeRead, stream)
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			yield(eventstore.Recorded{}, fmt.Errorf("read %s: %w", stream, err))
			return
		}
		for _, r := range s.snapshot(stream, from) {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func (s *Store) snapshot(stream string, from eventstore.Revision) []eventstore.Recorded {
	s.mu.Lock()
	defer s.mu.Unlock()
	indexes := s.streams[stream]
	start := min(max(int(from), 0), len(indexes))
	events := make([]eventstore.Recorded, 0, len(indexes)-start)
	for _, i := range indexes[start:] {
		events = append(events, s.log[i])
	}
	return events
}

// Identity returns ID.
func (s *Store) Identity(ctx context.Context) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", fmt.Errorf("read identity: %w", err)
	}
	if s.ID == "" {
		return uuid.Nil.String(), nil
	}
	return s.ID, nil
}

// Ping reports that the store answers, which it always does.
func (s *Store) Ping(ctx context.Context) error { return ctx.Err() }

// Head returns the position of the last event, zero when there is none.
func (s *Store) Head(ctx context.Context) (eventstore.Position, error) {
	if err := ctx.Err(); err != nil {
		return 0, fmt.Errorf("read head: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.log) == 0 {
		return 0, nil
	}
	return s.log[len(s.log)-1].Position, nil
}

// All returns the whole log. Checkers fold it.
func (s *Store) All() []eventstore.Recorded {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]eventstore.Recorded(nil), s.log...)
}
