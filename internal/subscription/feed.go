package subscription

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/royalglow/booking/internal/eventstore"
)

// errBackwards says that a source went back in the log. Handling an event twice or out of order would be worse than a new
// subscription.
var errBackwards = errors.New("subscription went back in the log")

// feed is one subscription, received on a goroutine of its own so that receiving goes on while a batch is handled. What
// arrives meanwhile is the next batch: it is handed over whole, because handing over each event costs more than receiving it.
type feed struct {
	max int // events in a batch

	mu       sync.Mutex
	next     Batch
	room     int   // for events in the batch, from the start
	caughtUp bool  // the notice came after the batch
	over     error // why nothing comes after the batch
	moved    bool  // there is something to handle or to tell

	// arrived and taken each hold a token when that has happened since somebody last waited for it.
	arrived, taken chan struct{}
}

func newFeed(pos eventstore.Position, maxBatch int) *feed {
	return &feed{
		max: maxBatch, next: Batch{Position: pos}, arrived: make(chan struct{}, 1), taken: make(chan struct{}, 1),
	}
}

// receive collects items until the stream breaks.
func (f *feed) receive(ctx context.Context, stream Stream) {
	for {
		item, err := stream.Recv()
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
func (f *feed) put(item Item) bool {
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
	token(f.arrived)
	return true
}

// end says that nothing comes any more.
func (f *feed) end(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.over == nil {
		f.over = err
	}
	token(f.arrived)
}

// gather returns a batch of what has arrived, waiting for the first item only: a consumer that keeps up handles an event as
// soon as it comes, one that is behind handles many at once. over says why nothing will come after the batch.
func (f *feed) gather(ctx context.Context) (b Batch, caughtUp bool, over error) {
	for {
		if b, caughtUp, ok, over := f.take(); ok {
			return b, caughtUp, over
		}
		select {
		case <-f.arrived:
		case <-ctx.Done():
			return Batch{}, false, context.Cause(ctx)
		}
	}
}

// take takes the batch if there is anything to handle or to tell.
func (f *feed) take() (b Batch, caughtUp, ok bool, over error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.moved && f.over == nil {
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
