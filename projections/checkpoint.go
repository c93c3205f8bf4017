package projections

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/eventstore"
)

type checkpointRow struct {
	bun.BaseModel `bun:"table:checkpoints"`

	Name     string              `bun:"name,pk"`
	StoreID  string              `bun:"store_id"`
	Position eventstore.Position `bun:"position"`
}

// position reads the checkpoint as tx sees it; zero when the read model has folded nothing yet.
func (p *Projection) position(ctx context.Context, tx bun.IDB) (eventstore.Position, error) {
	var row checkpointRow
	err := tx.NewSelect().Model(&row).Where("name = ?", p.spec.checkpoint()).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err == nil && row.StoreID != p.storeID {
		return 0, fmt.Errorf("checkpoint %s belongs to another event store", row.Name)
	}
	return row.Position, err
}

// save moves the checkpoint within the transaction that changes the rows.
func (p *Projection) save(ctx context.Context, tx bun.IDB, to eventstore.Position) error {
	row := checkpointRow{Name: p.spec.checkpoint(), StoreID: p.storeID, Position: to}
	_, err := tx.NewInsert().Model(&row).On("CONFLICT (name) DO UPDATE").Exec(ctx)
	return err
}
