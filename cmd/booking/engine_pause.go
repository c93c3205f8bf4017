package main

import (
	"context"
	"sync/atomic"

	"github.com/royalglow/booking/internal/subscription"
	"github.com/royalglow/booking/publishers"
)

// letPause makes the publisher heed operators who hold it back. Each term begins held back, until it is known that nobody does.
func (e *engine) letPause(o *subscription.Owned) {
	var now atomic.Pointer[subscription.Runner]
	newRunner := o.NewRunner
	o.NewRunner = func() *subscription.Runner {
		r := newRunner()
		r.Pause()
		now.Store(r)
		return r
	}
	o.Beside = func(ctx context.Context) error {
		publishers.Operator{DB: e.outbox}.Follow(ctx, func(paused bool) {
			if r := now.Load(); paused {
				r.Pause()
			} else {
				r.Resume()
			}
		})
		return nil
	}
}
