package projections

import (
	"context"
	"errors"
	"time"

	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
)

// incoming gives out what a feed has received as a build wants it: many events at a time, and none beyond a limit that may change.
type incoming struct {
	feed     *subscription.Feed
	rest     subscription.Batch // received, and not given out
	at       eventstore.Position
	caughtUp bool
	over     error // why nothing comes after the rest; nil: more comes
	kept     bool  // what ended it lay beyond the limit
}

// idle is how long the build waits for events before it looks whether something else has changed.
const idle = 50 * time.Millisecond

// receive begins to receive after a position; at most ahead events wait to be given out.
func receive(ctx context.Context, source subscription.Source, after eventstore.Position, ahead int) (*incoming, error) {
	feed, err := subscription.NewFeed(ctx, source, after, ahead)
	if err != nil {
		return nil, err
	}
	return &incoming{feed: feed, rest: subscription.Batch{Position: after}, at: after}, nil
}

// chunk returns the next events, at most most of them and none beyond the limit. pause says that there are no more at the moment:
// history is over, or the limit is reached. at is where the build stands once it has folded them. The events are not changed later.
func (in *incoming) chunk(
	ctx context.Context, most int, limit eventstore.Position,
) (events []eventstore.Recorded, pause bool, err error) {
	if len(in.rest.Events) == 0 && in.rest.Position <= limit && in.over == nil {
		if err := in.more(ctx, most); err != nil {
			return nil, false, err
		}
	}
	n := 0
	for n < min(most, len(in.rest.Events)) && in.rest.Events[n].Position <= limit {
		n++
	}
	events, in.rest.Events = in.rest.Events[:n], in.rest.Events[n:]
	if n > 0 {
		in.at = max(in.at, events[n-1].Position)
	}
	switch left := len(in.rest.Events) > 0; {
	case left && in.rest.Events[0].Position <= limit:
		return events, false, nil
	case left || in.rest.Position > limit: // nothing of ours lies before the limit any more
		in.at = max(in.at, limit)
		return events, true, nil
	}
	in.at = max(in.at, in.rest.Position)
	if in.over != nil && n == 0 {
		pause, err = in.ended(limit)
		return nil, pause, err
	}
	return events, in.caughtUp && in.over == nil, nil
}

// more takes what has arrived. Once history is over every event is waited for.
func (in *incoming) more(ctx context.Context, want int) error {
	if in.caughtUp {
		want = 1
	}
	late := time.NewTimer(idle)
	defer late.Stop()
	batch, caughtUp, over := in.feed.GatherSome(ctx, want, late.C)
	if err := context.Cause(ctx); err != nil {
		return err
	}
	in.rest, in.over = batch, over
	in.caughtUp = in.caughtUp || caughtUp
	return nil
}

// errAgain says that what could not be decoded lies no longer beyond the limit: somebody may have set it aside meanwhile.
var errAgain = errors.New("the limit has moved past what could not be decoded")

// ended is what chunk returns when nothing more comes. What cannot be decoded is nobody's concern as long as it lies beyond the limit.
func (in *incoming) ended(limit eventstore.Position) (pause bool, err error) {
	bad, known := subscription.HaltedAt(in.over)
	switch {
	case known && bad.Position > limit:
		in.kept, in.at = true, max(in.at, limit) // nothing of ours lies before that
		return true, nil
	case in.kept:
		return false, errAgain
	}
	return false, in.over
}
