package subscription

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/royalglow/booking/internal/eventstore"
)

// board is where a runner writes down what it does, and where others look and wait.
type board struct {
	mu     sync.Mutex
	now    Status // State is left out
	phase  State  // of the subscription
	failed bool   // the handler has, and gets its batch again
	// behind is since when something waits to be handled, as far as is known; zero when nothing does.
	behind  time.Time
	changed chan struct{} // closed and replaced when the position moves or the consumer halts
	// caughtUp is closed at the first time that history is handled.
	caughtUp chan struct{}
	once     sync.Once
	halted   chan struct{} // closed by a halt
}

func (b *board) init() {
	b.changed = make(chan struct{})
	b.caughtUp = make(chan struct{})
	b.halted = make(chan struct{})
}

// wake tells the waiters to look again. The lock is held.
func (b *board) wake() {
	close(b.changed)
	b.changed = make(chan struct{})
}

// connecting: nobody knows what happens from now on, so from now on something may be waiting. err is why, if anything is
// wrong.
func (b *board) connecting(now time.Time, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.phase, b.now.Err = Connecting, err
	if b.behind.IsZero() {
		b.behind = now
	}
}

func (b *board) catchingUp() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.phase, b.now.Err = CatchingUp, nil
}

func (b *board) live() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.phase, b.now.Err = Live, nil
	b.behind = time.Time{}
	b.once.Do(func() { close(b.caughtUp) })
}

func (b *board) halt(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.phase, b.now.Err = Halted, err
	if e, ok := HaltedAt(err); ok {
		b.now.Event = &e
	}
	close(b.halted)
	b.wake()
}

// paused: what happens from now on waits.
func (b *board) paused(now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.phase, b.failed, b.now.Err = Paused, false, nil
	if b.behind.IsZero() {
		b.behind = now
	}
}

// stop leaves a halt standing: it is still what an operator has to know.
func (b *board) stop() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.phase != Halted {
		b.phase = Stopped
	}
	b.failed = false
}

// retrying: the handler has failed.
func (b *board) retrying(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.failed, b.now.Err = true, err
}

// inHand notes that the batch's events wait to be handled.
func (b *board) inHand(batch Batch) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(batch.Events) > 0 && (!batch.Live || b.behind.IsZero()) {
		b.behind = batch.Events[0].Created
	}
}

// committed notes that the handler stands at pos, after these events.
func (b *board) committed(pos eventstore.Position, events []eventstore.Recorded) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now.Position = pos
	if n := len(events); n > 0 {
		b.now.EventPosition, b.now.LastEventAt = events[n-1].Position, events[n-1].Created
	}
	if b.failed {
		b.failed, b.now.Err = false, nil
	}
	if b.phase == Live {
		b.behind = time.Time{}
	}
	b.wake()
}

func (b *board) status(now time.Time) Status {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.now
	s.State = b.phase
	if b.failed && b.phase != Halted {
		s.State = Retrying
	}
	if !b.behind.IsZero() && b.phase != Stopped {
		s.Lag = max(0, now.Sub(b.behind))
	}
	return s
}

func (b *board) wait(ctx context.Context, pos eventstore.Position) error {
	for {
		b.mu.Lock()
		s, halted, changed := b.now, b.phase == Halted, b.changed
		b.mu.Unlock()
		switch {
		case s.Position >= pos:
			return nil
		case halted:
			return fmt.Errorf("wait for position: %w", s.Err)
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("wait for position: %w", context.Cause(ctx))
		}
	}
}
