package subscription

import (
	"context"

	"github.com/royalglow/booking/internal/eventstore"
)

// Batch is what a consumer gets at once: the events that have arrived, in log order, at most Runner.MaxBatch of them.
type Batch struct {
	Events []eventstore.Recorded
	// Position is where the consumer stands when it has handled the batch. It may lie past the last event (or there may be
	// none) when the store has reported that nothing in between matches the filter.
	Position eventstore.Position
	// Live is false while the consumer reads history and true once it has caught up.
	Live bool
}

// Handler is a consumer of the log: a projection, the publisher or a keeper. The runner never calls it concurrently.
type Handler interface {
	// Name identifies the consumer in checkpoints, logs and metrics.
	Name() string
	// Checkpoint returns the position after which the consumer wants events; zero means from the first.
	Checkpoint(ctx context.Context) (eventstore.Position, error)
	// Handle applies the batch. Its effects and the new checkpoint become durable together, or not at all. An error of
	// type *eventstore.DecodeError or *HaltError stops the consumer visibly; any other error is tried again with the same
	// batch.
	Handle(ctx context.Context, b Batch) error
}

// Item is one message of a subscription: an event, or a notice that the position has advanced without one. CaughtUp says
// that everything before it was history.
type Item struct {
	Event    *eventstore.Recorded
	Position eventstore.Position
	CaughtUp bool
}

// Source gives subscriptions to the log; internal/eventstore implements it through a small adapter in this package.
type Source interface {
	// Subscribe begins after the position. It does not block for the store; a store that is away shows in Recv.
	Subscribe(ctx context.Context, after eventstore.Position) (Stream, error)
}

// Stream is one subscription that is not revived when it breaks; the runner opens another.
type Stream interface {
	// Recv blocks for the next item, or until the context of Subscribe ends. It is called by one goroutine.
	Recv() (Item, error)
	Close() error
}
