package projections

import (
	"context"
	"errors"

	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
)

// passing is a source that does not stop at an event which cannot be decoded, where an operator has let the read model pass
// over it: it subscribes again after the event.
type passing struct {
	source subscription.Source
	skips  func(ctx context.Context) (skipSet, error)
}

// Subscribe looks up what is passed over. Who adds to that subscribes again.
func (s passing) Subscribe(ctx context.Context, after eventstore.Position) (subscription.Stream, error) {
	set, err := s.skips(ctx)
	if err != nil {
		return nil, err
	}
	inner, err := s.source.Subscribe(ctx, after)
	if err != nil {
		return nil, err
	}
	return &passingStream{ctx: ctx, source: s.source, set: set, inner: inner}, nil
}

// passingStream is one subscription after another. The context is that of Subscribe, which bounds Recv.
type passingStream struct {
	ctx    context.Context //nolint:containedctx // as in every Stream
	source subscription.Source
	set    skipSet
	inner  subscription.Stream
}

// Recv returns a notice of the position in place of an event that is passed over.
func (s *passingStream) Recv() (subscription.Item, error) {
	item, err := s.inner.Recv()
	broken, ok := errors.AsType[*eventstore.DecodeError](err)
	if !ok || !s.set.covers(broken.Stream, broken.Position) {
		return item, err
	}
	next, err := s.source.Subscribe(s.ctx, broken.Position)
	if err != nil {
		return subscription.Item{}, err
	}
	err = s.inner.Close()
	s.inner = next
	return subscription.Item{Position: broken.Position}, err
}

// Close gives the subscription back.
func (s *passingStream) Close() error { return s.inner.Close() }
