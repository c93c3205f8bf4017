package projections

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
)

// incoming is a subscription that is received on a goroutine of its own, so that receiving goes on while events are folded. Items are
// handed over many at a time: to wake the other goroutine for each would take longer than to fold it.
type incoming struct {
	ahead int           // at most so many wait to be given out
	done  chan struct{} // closed when nothing is received any more
	news  chan struct{} // there are as many as were asked for, or nothing more comes for a while
	room  chan struct{} // some were taken

	mu    sync.Mutex
	queue []subscription.Item
	want  int   // how many are asked for
	err   error // why there is no more; nil: there is

	// The rest belongs to who folds.
	batch    []subscription.Item   // taken from the queue
	late     bool                  // chunk has waited for long enough
	given    int                   // of batch
	events   []eventstore.Recorded // what chunk gave out last
	at       eventstore.Position   // of the last item that was given out
	caughtUp bool
	held     *subscription.Item // beyond the limit
	kept     bool               // what ended it lay beyond the limit
}

// idle is how long the build waits for events before it looks whether something else has changed.
const idle = 50 * time.Millisecond

// receive begins to receive; at most ahead items wait to be given out.
func receive(ctx context.Context, stream subscription.Stream, ahead int) *incoming {
	in := &incoming{
		ahead: ahead, done: make(chan struct{}), news: make(chan struct{}, 1), room: make(chan struct{}, 1), want: 1,
	}
	go func() {
		defer close(in.done)
		for {
			item, err := stream.Recv()
			in.put(item, err)
			for err == nil && in.isFull() {
				select {
				case <-in.room:
				case <-ctx.Done():
					err = context.Cause(ctx)
					in.put(subscription.Item{}, err)
				}
			}
			if err != nil {
				return
			}
		}
	}()
	return in
}

// put takes an item in, or why there is none.
func (in *incoming) put(item subscription.Item, err error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.err = err; err == nil {
		in.queue = append(in.queue, item)
	}
	if err != nil || item.CaughtUp || len(in.queue) >= in.want {
		signal(in.news)
	}
}

// isFull reports whether there is no room for another item.
func (in *incoming) isFull() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	return len(in.queue) >= in.ahead
}

// signal wakes who waits on c, now or later.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// chunk returns the next events, at most most of them and none beyond the limit. pause says that there are no more at the
// moment: history is over, or the limit is reached. The events are the caller's until he asks for more.
func (in *incoming) chunk(
	ctx context.Context, most int, limit eventstore.Position,
) (events []eventstore.Recorded, pause bool, err error) {
	t := time.NewTimer(idle)
	defer t.Stop()
	in.events, in.late = in.events[:0], false
	defer func() { in.events = events }()
	events = in.events
	for len(events) < most {
		want := most - len(events)
		if in.caughtUp {
			want = 1
		}
		item, ok, waited := in.next(ctx, t, want, len(events) > 0 && in.caughtUp)
		if waited {
			return events, in.caughtUp, nil
		}
		if !ok {
			if err := context.Cause(ctx); err != nil {
				return nil, false, err
			}
			return in.ended(events, limit)
		}
		if item.Position > limit {
			in.held = &item
			return events, true, nil
		}
		in.at = max(in.at, item.Position)
		if item.Event != nil {
			events = append(events, *item.Event)
		}
		if item.CaughtUp {
			in.caughtUp = true
			return events, true, nil
		}
	}
	return events, false, nil
}

// errAgain says that what could not be decoded lies no longer beyond the limit: somebody may have set it aside meanwhile.
var errAgain = errors.New("the limit has moved past what could not be decoded")

// ended is what chunk returns when nothing more comes. What has come counts first, and what cannot be decoded is nobody's concern as
// long as it lies beyond the limit.
func (in *incoming) ended(events []eventstore.Recorded, limit eventstore.Position) ([]eventstore.Recorded, bool, error) {
	bad, known := subscription.HaltedAt(in.err)
	switch {
	case len(events) > 0:
		return events, false, nil
	case known && bad.Position > limit:
		in.kept = true
		return nil, true, nil
	case in.kept:
		return nil, false, errAgain
	}
	return nil, false, in.err
}

// next returns the next item. waited says that none came in time, or, for one who would rather go on, that none is there; want is how
// many are asked for.
func (in *incoming) next(ctx context.Context, t *time.Timer, want int, hurry bool) (item subscription.Item, ok, waited bool) {
	if in.held != nil {
		item, in.held = *in.held, nil
		return item, true, false
	}
	for in.given == len(in.batch) {
		over := in.take(want)
		switch {
		case len(in.batch) > 0:
		case over:
			return item, false, false
		case hurry, in.late:
			return item, false, true
		default:
			select {
			case <-in.news:
			case <-t.C:
				in.late = true // what has come by now counts
			case <-ctx.Done():
				return item, false, false
			}
		}
	}
	item = in.batch[in.given]
	in.given++
	return item, true, false
}

// take takes what is there, and asks for so many more; over says that nothing is there, nor comes.
func (in *incoming) take(want int) (over bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.batch, in.queue, in.given, in.want = in.queue, in.batch[:0], 0, min(want, in.ahead)
	signal(in.room)
	return len(in.batch) == 0 && in.err != nil
}
