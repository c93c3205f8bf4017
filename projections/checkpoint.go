package projections

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
)

// position reads the checkpoint as tx sees it; zero when the read model has folded nothing yet.
func (p *Projection) position(ctx context.Context, tx bun.IDB) (eventstore.Position, error) {
	return subscription.LoadCheckpoint(ctx, tx, p.spec.checkpoint(), p.storeID)
}

// save moves the checkpoint within the transaction that changes the rows.
func (p *Projection) save(ctx context.Context, tx bun.IDB, to eventstore.Position) error {
	return subscription.SaveCheckpoint(ctx, tx, p.spec.checkpoint(), p.storeID, to)
}
