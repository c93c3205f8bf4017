package main

import (
	"context"
	"log/slog"

	"github.com/royalglow/booking/publishers"
)

// retain keeps the delivery log short until ctx ends.
func (e *engine) retain(ctx context.Context) error {
	publishers.Operator{DB: e.outbox}.Retain(ctx, publishers.DefaultRetention, func(removed int64, err error) {
		if err != nil {
			e.log.WarnContext(ctx, "delivery log not pruned", slog.Any("error", err))
			return
		}
		e.log.InfoContext(ctx, "delivery log pruned", slog.Int64("entries", removed))
	})
	return nil
}
