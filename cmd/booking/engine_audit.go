package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/royalglow/booking/projections"
)

// The read models are compared with the log by themselves now and then: a few streams of each, which takes less than a second.
const (
	auditEvery  = time.Hour
	auditSample = 50
)

// audit runs until ctx ends. It heals nothing: a drift is a mistake that somebody should look at.
func (e *engine) audit(ctx context.Context) error {
	e.models.AuditLoop(ctx, e.store, auditEvery, auditSample, func(r projections.AuditReport) {
		at := []any{slog.String("projection", r.Projection), slog.Int64("generation", r.Generation), slog.Int("audited", r.Audited)}
		switch {
		case r.Error != "":
			e.log.WarnContext(ctx, "read model not audited", append(at, slog.String("error", r.Error))...)
		case !r.Clean():
			streams := map[string]bool{}
			for _, d := range r.Drifted {
				streams[d.Stream] = true
			}
			e.log.ErrorContext(ctx, "read model differs from the log: look at it with booking projections audit", append(at,
				slog.Int("rows", len(r.Drifted)), slog.Int("streams", len(streams)), slog.Int("refused", len(r.Refused)))...)
		default:
			e.log.DebugContext(ctx, "read model audited", at...)
		}
	})
	return nil
}
