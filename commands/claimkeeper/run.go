package claimkeeper

import (
	"context"
	"log/slog"
	"time"

	"github.com/royalglow/booking/commands/internal/aggregate"
)

const (
	// perRound bounds how many bookings are settled before the next due time is asked for.
	perRound = 100
	// longest bounds how long Run sleeps, whatever the rows say.
	longest = time.Minute
)

// Run settles what is due, until ctx ends; it then returns nil. What fails is logged and tried again later. Several may run
// at once: they do the same work, not different work.
func (k *Keeper) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		report, err := k.SettleDue(ctx)
		if err != nil && ctx.Err() == nil {
			k.log.WarnContext(ctx, "claims not settled", slog.Any("error", err))
		}
		if report.Released > 0 {
			k.log.InfoContext(ctx, "stray claims released",
				slog.Int("released", report.Released), slog.Int("fenced", report.Fenced))
		}
		k.sleep(ctx, err != nil)
	}
	return nil
}

// sleep waits until the next claim is due, a batch has been handled, or ctx ends.
func (k *Keeper) sleep(ctx context.Context, failed bool) {
	wait := longest
	due, ok, err := readNextDue(ctx, k.db.Read)
	switch {
	case failed || err != nil:
		// Without a pause a database or store that is away would be asked without end.
		_ = aggregate.Pause(ctx, k.retry) // it ends early only with ctx, which Run looks at
		return
	case ok:
		wait = min(wait, due.Sub(k.now()))
	}
	if wait <= 0 {
		return
	}
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-k.wake:
	case <-t.C:
	}
}
