package projections

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
)

// lagTime bounds the search for the first event after a position. A store that is shared with others may have a long way without
// one of ours.
const lagTime = 2 * time.Second

// LagOf looks for the first event after a position in the log itself. It says zero where the log has none, or none is found in two
// seconds. An event that cannot be decoded is one as well: it has been there since it was appended.
func LagOf(source subscription.Source, now func() time.Time) Lag {
	return func(ctx context.Context, after eventstore.Position) (lag time.Duration, err error) {
		search, cancel := context.WithTimeout(ctx, lagTime)
		defer cancel()
		stream, err := source.Subscribe(search, after)
		if err != nil {
			return 0, fmt.Errorf("look for events: %w", err)
		}
		defer func() { err = errors.Join(err, stream.Close()) }()
		for got := false; ; got = true {
			item, err := stream.Recv()
			broken, undecodable := errors.AsType[*eventstore.DecodeError](err)
			switch {
			case undecodable && broken.Created.IsZero():
				return time.Nanosecond, nil // it is behind, nobody knows how long
			case undecodable:
				return max(time.Nanosecond, now().Sub(broken.Created)), nil
			case err != nil && got && search.Err() != nil && ctx.Err() == nil:
				return 0, nil
			case err != nil:
				return 0, fmt.Errorf("look for events: %w", err)
			case item.Event != nil:
				return max(time.Nanosecond, now().Sub(item.Event.Created)), nil
			case item.CaughtUp:
				return 0, nil
			}
		}
	}
}
