package main

import (
	"context"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/royalglow/booking/internal/subscription"
	"github.com/royalglow/booking/publishers"
)

// publisherDrain is how long a plan may go on when the engine is told to stop: what is left of it then is put off. With what is on its way
// (publishers.Config.AttemptTimeout) the engine stops within 10 s.
const publisherDrain = 4 * time.Second

// runPublisher lets the publisher send beside its runner, and makes both heed operators who hold it back. Each term begins held back, until it is known that nobody does.
func (e *engine) runPublisher(o *subscription.Owned) {
	var now atomic.Pointer[subscription.Runner]
	newRunner := o.NewRunner
	o.NewRunner = func() *subscription.Runner {
		r := newRunner()
		r.MaxBatch, r.Drain = publishers.MaxBatch, publisherDrain
		r.Pause()
		now.Store(r)
		return r
	}
	o.Beside = func(ctx context.Context) error {
		e.publisher.Hold(true)
		g, ctx := errgroup.WithContext(ctx)
		g.Go(func() error { return e.publisher.Run(ctx) })
		g.Go(func() error {
			publishers.Operator{DB: e.outbox}.Follow(ctx, func(paused bool) {
				e.publisher.Hold(paused)
				if r := now.Load(); paused {
					r.Pause()
				} else {
					r.Resume()
				}
			})
			return nil
		})
		return g.Wait()
	}
}
