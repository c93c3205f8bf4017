package projections

import (
	"context"
	"errors"
	"time"

	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
)

// incoming is a subscription that is received on a goroutine of its own, so that receiving goes on while events are folded.
type incoming struct {
	items chan subscription.Item
	err   error // why there is no more; valid once items is closed
	done  chan struct{}

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
	in := &incoming{items: make(chan subscription.Item, ahead), done: make(chan struct{})}
	go func() {
		defer close(in.done)
		defer close(in.items)
		for {
			item, err := stream.Recv()
			if err != nil {
				in.err = err
				return
			}
			select {
			case in.items <- item:
			case <-ctx.Done():
				in.err = context.Cause(ctx)
				return
			}
		}
	}()
	return in
}

// chunk returns the next events, at most most of them and none beyond the limit. pause says that there are no more at the
// moment: history is over, or the limit is reached. The events are the caller's until he asks for more.
func (in *incoming) chunk(
	ctx context.Context, most int, limit eventstore.Position,
) (events []eventstore.Recorded, pause bool, err error) {
	t := time.NewTimer(idle)
	defer t.Stop()
	in.events = in.events[:0]
	defer func() { in.events = events }()
	events = in.events
	for len(events) < most {
		item, ok, waited := in.next(ctx, t, len(events) > 0 && in.caughtUp)
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

// next returns the next item. waited says that none came in time, or, for one who would rather go on, that none is there.
func (in *incoming) next(ctx context.Context, t *time.Timer, hurry bool) (item subscription.Item, ok, waited bool) {
	if in.held != nil {
		item, in.held = *in.held, nil
		return item, true, false
	}
	select {
	case item, ok = <-in.items:
		return item, ok, false
	default:
	}
	if hurry {
		return item, false, true
	}
	select {
	case item, ok = <-in.items:
		return item, ok, false
	case <-t.C:
		return item, false, true
	case <-ctx.Done():
		return item, false, false
	}
}
