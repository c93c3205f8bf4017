package subscription

import (
	"context"

	"github.com/royalglow/booking/internal/eventstore"
)

// Subscriber is what this package asks of an event store.
type Subscriber interface {
	Subscribe(ctx context.Context, after eventstore.Position) (eventstore.Subscription, error)
}

// FromStore makes a store's subscriptions a Source.
func FromStore(s Subscriber) Source { return storeSource{s} }

type storeSource struct{ store Subscriber }

// Subscribe asks the store.
func (s storeSource) Subscribe(ctx context.Context, after eventstore.Position) (Stream, error) {
	sub, err := s.store.Subscribe(ctx, after)
	if err != nil {
		return nil, err
	}
	return storeStream{sub}, nil
}

type storeStream struct{ eventstore.Subscription }

// Recv returns the store's next message.
func (s storeStream) Recv() (Item, error) {
	m, err := s.Subscription.Recv()
	return Item(m), err
}
