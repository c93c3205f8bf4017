package subscription_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
)

var errDropped = errors.New("dropped by the test")

// fakeSource is a log that a test fills and breaks at will. Like the store it delivers what lies after a position, and says
// once per subscription that history is over.
type fakeSource struct {
	mu      sync.Mutex
	log     []subscription.Item
	changed chan struct{}
	opened  []eventstore.Position // from where each subscription began
	openAt  []time.Time
	open    int // subscriptions at this moment
	// refuse makes the next subscriptions fail; budgets say after how many items each of the next ones drops.
	refuse  int
	budgets []int
}

func newSource() *fakeSource { return &fakeSource{changed: make(chan struct{})} }

// add puts n events at the end of the log; positions are ten apart.
func (s *fakeSource) add(n int) { s.addTraced(n, func(int) string { return "" }) }

// addTraced adds events whose traceparent is what trace says, counted from 0.
func (s *fakeSource) addTraced(n int, trace func(i int) string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range n {
		pos := eventstore.Position(10 * (len(s.log) + 1))
		s.log = append(s.log, subscription.Item{Position: pos, Event: &eventstore.Recorded{
			Stream: "branch-br_fakes1", Revision: eventstore.Revision(len(s.log)), Position: pos,
			Created: time.Now(), Event: domain.BranchOpened{}, Metadata: eventstore.Metadata{TraceParent: trace(i)},
		}})
	}
	s.signal()
}

// advance moves the position on without an event.
func (s *fakeSource) advance() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = append(s.log, subscription.Item{Position: eventstore.Position(10 * (len(s.log) + 1))})
	s.signal()
}

// drop breaks the subscriptions that are open once they have nothing more to deliver.
func (s *fakeSource) drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.budgets = append(s.budgets, 0)
	s.signal()
}

func (s *fakeSource) signal() {
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *fakeSource) subscriptions() []eventstore.Position {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.opened)
}

// Subscribe begins after the position.
func (s *fakeSource) Subscribe(ctx context.Context, after eventstore.Position) (subscription.Stream, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opened, s.openAt = append(s.opened, after), append(s.openAt, time.Now())
	if s.refuse > 0 {
		s.refuse--
		return nil, errDropped
	}
	s.open++
	next := 0
	for next < len(s.log) && s.log[next].Position <= after {
		next++
	}
	stream := &fakeStream{ctx: ctx, s: s, next: next, budget: -1, at: after}
	if len(s.budgets) > 0 {
		stream.budget, s.budgets = s.budgets[0], s.budgets[1:]
	}
	return stream, nil
}

type fakeStream struct {
	ctx      context.Context
	s        *fakeSource
	next     int
	at       eventstore.Position
	budget   int // items until it drops; below 0: it holds
	caughtUp bool
}

// Recv delivers the next item, drops, or blocks.
func (f *fakeStream) Recv() (subscription.Item, error) {
	for {
		item, changed, err := f.step()
		if err != nil || changed == nil {
			return item, err
		}
		select {
		case <-changed:
		case <-f.ctx.Done():
			return subscription.Item{}, context.Cause(f.ctx)
		}
	}
}

func (f *fakeStream) step() (subscription.Item, <-chan struct{}, error) {
	f.s.mu.Lock()
	defer f.s.mu.Unlock()
	if f.budget == 0 {
		return subscription.Item{}, nil, errDropped
	}
	item, ok := subscription.Item{}, true
	switch {
	case f.next < len(f.s.log):
		item = f.s.log[f.next]
		f.next++
		f.at = item.Position
	case !f.caughtUp:
		f.caughtUp = true
		item = subscription.Item{Position: f.at, CaughtUp: true}
	default:
		ok = false
	}
	if !ok {
		if len(f.s.budgets) > 0 && f.budget < 0 {
			f.budget, f.s.budgets = 0, f.s.budgets[1:]
			return subscription.Item{}, nil, errDropped
		}
		return subscription.Item{}, f.s.changed, nil
	}
	f.budget--
	return item, nil, nil
}

// Close gives the stream back.
func (f *fakeStream) Close() error {
	f.s.mu.Lock()
	defer f.s.mu.Unlock()
	f.s.open--
	return nil
}

// recorder is a handler that keeps what it was given.
type recorder struct {
	mu      sync.Mutex
	at      eventstore.Position
	batches []subscription.Batch // every one it was given, also those it failed
	done    []eventstore.Recorded
	// handle, when set, is asked before the batch is taken.
	handle     func(ctx context.Context, b subscription.Batch) error
	checkpoint func() error
	busy       bool
}

// Name is the same for all.
func (*recorder) Name() string { return "recorder" }

// Checkpoint returns where the recorder stands.
func (h *recorder) Checkpoint(context.Context) (eventstore.Position, error) {
	if h.checkpoint != nil {
		if err := h.checkpoint(); err != nil {
			return 0, err
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.at, nil
}

// Handle keeps the batch unless told otherwise.
func (h *recorder) Handle(ctx context.Context, b subscription.Batch) error {
	h.mu.Lock()
	if h.busy {
		h.mu.Unlock()
		return &subscription.HaltError{Err: errors.New("two batches at once")}
	}
	h.busy = true
	h.batches = append(h.batches, b)
	h.mu.Unlock()
	var err error
	if h.handle != nil {
		err = h.handle(ctx, b)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.busy = false
	if err != nil {
		return err
	}
	h.done = append(h.done, b.Events...)
	h.at = b.Position
	return nil
}

func (h *recorder) given() []subscription.Batch {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.batches)
}

func (h *recorder) revisions() []eventstore.Revision {
	h.mu.Lock()
	defer h.mu.Unlock()
	var all []eventstore.Revision
	for _, r := range h.done {
		all = append(all, r.Revision)
	}
	return all
}

// inOrder returns what is wrong with the events that were handled, when n of them should have been, each once.
func (h *recorder) inOrder(n int) error {
	got := h.revisions()
	if len(got) != n {
		return fmt.Errorf("%d events handled, want %d", len(got), n)
	}
	for i, r := range got {
		if int(r) != i {
			return fmt.Errorf("event %d was handled at place %d", r, i)
		}
	}
	return nil
}
