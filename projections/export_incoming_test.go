package projections

import (
	"context"

	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
)

// ErrAgain is what Chunk returns when what could not be decoded lies no longer beyond the limit.
var ErrAgain = errAgain

// Idle is how long Chunk waits.
const Idle = idle

// Incoming is what a build receives.
type Incoming struct{ *incoming }

// Receive begins to receive after a position; at most ahead events wait to be given out.
func Receive(ctx context.Context, source subscription.Source, after eventstore.Position, ahead int) (Incoming, error) {
	in, err := receive(ctx, source, after, ahead)
	return Incoming{in}, err
}

// Chunk returns the next events.
func (in Incoming) Chunk(ctx context.Context, most int, limit eventstore.Position) ([]eventstore.Recorded, bool, error) {
	return in.chunk(ctx, most, limit)
}

// At is where the build stands once it has folded what Chunk returned.
func (in Incoming) At() eventstore.Position { return in.at }

// Close ends it.
func (in Incoming) Close() error { return in.feed.Close() }
