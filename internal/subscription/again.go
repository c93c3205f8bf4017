package subscription

import (
	"context"
	"errors"

	"github.com/royalglow/booking/internal/eventstore"
)

// errHandled says that a batch which is given to its handler again has been handled: the commit of the attempt before went
// through although its answer was lost. The transaction of this attempt must not commit the same effects once more; so
// SaveCheckpoint fails in it, and the runner goes on.
var errHandled = errors.New("the batch has been handled")

// againKey marks the position of a batch that is handled again.
type againKey struct{}

func withAgain(ctx context.Context, batch eventstore.Position) context.Context {
	return context.WithValue(ctx, againKey{}, batch)
}

// isAgain reports whether a checkpoint at pos would end a batch that is handled again.
func isAgain(ctx context.Context, pos eventstore.Position) bool {
	batch, ok := ctx.Value(againKey{}).(eventstore.Position)
	return ok && batch == pos
}
