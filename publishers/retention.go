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

// Prune removes what is older than before from the delivery log, the messages that were refused and the replays that were finished
// included, and returns how many entries it has removed. Those remain whose deletion ctx has prevented.
func (o Operator) Prune(ctx context.Context, before time.Time) (removed int64, err error) {
	for _, old := range []struct {
		table, key, at string
		before         any // as the table has times
	}{
		{"deliveries", "event_id, channel", "at", before.UTC()},
		{"refused", "event_id, channel, part", "at", before.UTC()},
		{"replays", "id", "finished_at", before.UnixMicro()},
	} {
		for n := int64(pruneRows); n == pruneRows; removed += n {
			err := o.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
				gone, err := tx.NewRaw("DELETE FROM ?0 WHERE (?1) IN (SELECT ?1 FROM ?0 WHERE ?2 < ?3 ORDER BY ?2 LIMIT ?4)",
					bun.Ident(old.table), bun.Safe(old.key), bun.Ident(old.at), old.before, pruneRows).Exec(ctx)
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
