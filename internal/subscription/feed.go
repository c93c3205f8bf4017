package subscription

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/royalglow/booking/internal/eventstore"
)

// errBackwards says that a source went back in the log. Handling an event twice or out of order would be worse than a new
// subscription.
var errBackwards = errors.New("subscription went back in the log")

// Feed is one subscription, received on a goroutine of its own so that receiving goes on while a batch is handled. What
// arrives meanwhile is the next batch: it is handed over whole, because handing over each event costs more than receiving it.
type Feed struct {
	max    int // events in a batch
	stream Stream
	stop   context.CancelFunc
	done   chan struct{} // closed when nothing is received any more

	mu       sync.Mutex
	next     Batch
	room     int   // for events in the batch, from the start
	want     int   // with so many events it is worth waking who waits
	caughtUp bool  // the notice came after the batch
	over     error // why nothing comes after the batch
	moved    bool  // there is something to handle or to tell

	// arrived and taken each hold a token when that has happened since somebody last waited for it.
	arrived, taken chan struct{}
}

// NewFeed subscribes after pos and begins to receive. The feed holds at most maxBatch events that nobody has taken. Close must be
// called.
func NewFeed(ctx context.Context, source Source, pos eventstore.Position, maxBatch int) (*Feed, error) {
	ctx, stop := context.WithCancel(ctx)
	stream, err := source.Subscribe(ctx, pos)
	if err != nil {
		stop()
		return nil, err
	}
	f := &Feed{
		max: maxBatch, stream: stream, stop: stop, done: make(chan struct{}),
		next: Batch{Position: pos}, arrived: make(chan struct{}, 1), taken: make(chan struct{}, 1),
	}
	go func() {
		defer close(f.done)
		f.receive(ctx)
	}()
	return f, nil
}

// Close ends the subscription, and returns when nothing is received any more.
func (f *Feed) Close() error {
	f.stop()
	<-f.done
	return f.stream.Close()
}

// receive collects items until the stream breaks.
func (f *Feed) receive(ctx context.Context) {
	for {
		item, err := f.stream.Recv()
		if err != nil {
			f.end(err)
			return
		}
		for !f.put(item) {
			select {
			case <-f.taken:
			case <-ctx.Done():
				f.end(context.Cause(ctx))
				return
			}
		}
	}
}

// put adds an item to the batch, or reports that it belongs to the one after. A caught-up notice ends a batch, because what
// comes before it is history and what comes after is not.
func (f *Feed) put(item Item) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.over != nil {
		return true // nobody hears it: a source that has gone back is not listened to
	}
	if len(f.next.Events) == f.max || f.caughtUp {
		return false
	}
	switch {
	case item.Position > f.next.Position:
		f.next.Position = item.Position
	case item.Event != nil:
		f.over = fmt.Errorf("%w: %d after %d", errBackwards, item.Position, f.next.Position)
		item.Event = nil
	}
	if item.Event != nil {
		if f.next.Events == nil {
			f.next.Events = make([]eventstore.Recorded, 0, max(f.room, 1))
		}
		f.next.Events = append(f.next.Events, *item.Event)
	}
	f.caughtUp, f.moved = item.CaughtUp, true
	if f.isDue() {
		token(f.arrived)
	}
	return true
}

// end says that nothing comes any more.
func (f *Feed) end(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.over == nil {
		f.over = err
	}
	token(f.arrived)
}

// isDue reports whether there is what somebody waits for, or nothing more comes for now.
func (f *Feed) isDue() bool {
	return f.over != nil || f.caughtUp || len(f.next.Events) >= min(f.want, f.max) || f.moved && f.want <= 1
}

// Gather returns a batch of what has arrived, and waits only until it has anything: a consumer that keeps up handles an event as soon as
// it comes, one that is behind handles many at once. over says why nothing will come after the batch.
func (f *Feed) Gather(ctx context.Context) (b Batch, caughtUp bool, over error) {
	return f.GatherSome(ctx, 1, nil)
}

// GatherSome is Gather for who is not in a hurry: it waits until there are so many events, history or the subscription is over, or late
// fires; then the batch is what has come by then, and may be empty. To be woken for each event takes longer than to handle it.
func (f *Feed) GatherSome(ctx context.Context, want int, late <-chan time.Time) (b Batch, caughtUp bool, over error) {
	for {
		if b, caughtUp, ok, over := f.take(want); ok {
			return b, caughtUp, over
		}
		select {
		case <-f.arrived:
		case <-late:
			want, late = 0, nil // whatever there is
		case <-ctx.Done():
			return Batch{}, false, context.Cause(ctx)
		}
	}
}

// take takes the batch if so many events are wanted as there are, or there is something to tell. None wanted: whatever there is.
func (f *Feed) take(want int) (b Batch, caughtUp, ok bool, over error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.want = want; !f.isDue() {
		return b, false, false, nil
	}
	b, caughtUp = f.next, f.caughtUp
	// As much as the batch had, or half of what there was for it: large ones come in rows.
	f.next, f.room = Batch{Position: b.Position}, max(len(b.Events), f.room/2)
	f.caughtUp, f.moved = false, false
	token(f.taken)
	return b, caughtUp, true, f.over
}

// token leaves a token unless there is one.
func token(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
