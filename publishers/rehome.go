package publishers

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
)

// Rehome lets the publisher of a database that was filled from another event store begin at a position of the connected one, in the
// transaction tx: what lies before was published from the other. What is known of deliveries is kept. What waits in durable queues is not:
// it stands at positions of the other store, among which those of the connected one would come to lie. One that has never published is
// left to begin by itself.
func Rehome(ctx context.Context, tx bun.Tx, storeID string, head eventstore.Position) error {
	begun, err := tx.NewSelect().Model((*checkpointRow)(nil)).Where("name = ?", name).Exists(ctx)
	if err != nil {
		return fmt.Errorf("read publisher's checkpoint: %w", err)
	}
	if err := subscription.Rehome(ctx, tx, storeID); err != nil {
		return err
	}
	if _, err := tx.NewDelete().Model((*planRow)(nil)).Where("TRUE").Exec(ctx); err != nil {
		return fmt.Errorf("forget plans: %w", err)
	}
	for _, table := range []string{"queued", "parked", "replays"} {
		if _, err := tx.NewRaw("DELETE FROM ?", bun.Ident(table)).Exec(ctx); err != nil {
			return fmt.Errorf("forget what waits in %s: %w", table, err)
		}
	}
	if !begun {
		return nil
	}
	return subscription.SaveCheckpoint(ctx, tx, name, storeID, head)
}
