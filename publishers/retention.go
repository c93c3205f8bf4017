package publishers

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"
)

// How the delivery log is kept short: in small transactions, because the publisher writes to the same tables.
const (
	DefaultRetention = 30 * 24 * time.Hour
	pruneEvery       = time.Hour
	pruneRows        = 500
)

// Prune removes what is older than before from the delivery log, the messages that were refused included, and returns how many
// entries it has removed. Those remain whose deletion ctx has prevented.
func (o Operator) Prune(ctx context.Context, before time.Time) (removed int64, err error) {
	for _, old := range []struct{ table, key string }{
		{"deliveries", "event_id, channel"},
		{"refused", "event_id, channel, part"},
	} {
		for n := int64(pruneRows); n == pruneRows; removed += n {
			err := o.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
				gone, err := tx.NewRaw("DELETE FROM ? WHERE (?) IN (SELECT ? FROM ? WHERE at < ? ORDER BY at LIMIT ?)",
					bun.Ident(old.table), bun.Safe(old.key), bun.Safe(old.key), bun.Ident(old.table), before.UTC(), pruneRows).Exec(ctx)
				if err != nil {
					return err
				}
				n, err = gone.RowsAffected()
				return err
			})
			if err != nil {
				return removed, fmt.Errorf("prune delivery log: %w", err)
			}
		}
	}
	return removed, nil
}

// Retain prunes the delivery log once an hour until ctx ends. notice is told of each time that something was removed, or went wrong.
func (o Operator) Retain(ctx context.Context, keep time.Duration, notice func(removed int64, err error)) {
	tick := time.NewTicker(pruneEvery)
	defer tick.Stop()
	for {
		if n, err := o.Prune(ctx, time.Now().Add(-keep)); ctx.Err() == nil && (n > 0 || err != nil) {
			notice(n, err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
