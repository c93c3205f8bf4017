package main

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/projections"
	"github.com/royalglow/booking/publishers"
)

// openRevoker makes what ends realtime tokens before their time, and who watches for members of staff that lose access.
func (e *engine) openRevoker(ctx context.Context, storeID string) (err error) {
	e.revoker, err = publishers.NewRevoker(publishers.RevokerConfig{
		Config:    publishers.Config{Key: e.cfg.AblyKey, Endpoint: e.cfg.AblyEndpoint, Tracer: e.tel.Tracer},
		Revocable: e.cfg.AblyRevocable, Now: time.Now,
	})
	if err != nil || !e.revoker.Allowed() {
		return err
	}
	e.watch, err = publishers.NewTokenWatch(publishers.TokenWatchConfig{
		Revoker: e.revoker, DB: e.outbox, StoreID: storeID, Head: e.store.Head, Logger: e.log,
		// Tokens are made of the bookings.
		Seen: func(ctx context.Context, at eventstore.Position) error {
			return e.models.Bookings.AtLeast(ctx, at, func(context.Context, bun.Tx, projections.Snapshot) error { return nil })
		},
	})
	if err != nil {
		return err
	}
	// The first start begins at the end of the log. That is fixed before the first command is answered.
	_, err = e.watch.Checkpoint(ctx)
	return err
}

// aboutRealtime reports whether a consumer of the log depends on Ably: its trouble never makes the engine unready.
func (e *engine) aboutRealtime(consumer string) bool {
	return consumer == e.publisher.Name() || (e.watch != nil && consumer == e.watch.Name())
}
