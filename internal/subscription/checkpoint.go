package subscription

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/eventstore"
)

// ForeignStoreError says that a database was filled from another event store: its positions mean nothing here.
type ForeignStoreError struct {
	Name       string // the consumer whose checkpoint it is
	Have, Want string // the ids of the store in the database and of the store that is connected
}

// Error tells the operator what does not belong together.
func (e *ForeignStoreError) Error() string {
	return fmt.Sprintf("the database belongs to event store %s but %s is connected (checkpoint %q): "+
		"connect that store, use another data folder, or, if its log was imported here, let the database belong here with \"booking adopt\"", e.Have, e.Want, e.Name)
}

// ErrCheckpointBack says that a checkpoint was asked to go back, which means that two owners run one consumer. The caller's
// transaction must fail with it.
var ErrCheckpointBack = errors.New("checkpoint would go back")

// LoadCheckpoint returns where the consumer of that name stands, zero when it has not begun. storeID is the identity of the
// connected event store; a checkpoint of another store is a *ForeignStoreError. The table "checkpoints" must exist.
func LoadCheckpoint(ctx context.Context, db bun.IDB, name, storeID string) (eventstore.Position, error) {
	have, pos, err := checkpoint(ctx, db, name)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return 0, nil
	case err != nil:
		return 0, fmt.Errorf("load checkpoint: %w", err)
	case have != storeID:
		return 0, &ForeignStoreError{Name: name, Have: have, Want: storeID}
	}
	return pos, nil
}

// SaveCheckpoint moves the consumer's checkpoint to pos, in the transaction that holds the effects of the events before it.
// It fails, changing nothing, where the checkpoint belongs to another store (*ForeignStoreError) or lies beyond pos
// (ErrCheckpointBack). In a context that a Runner has given to its handler it also notes the last event handled, for
// CheckHistory. In the context of a Lease's owner it fails when his term is over (*TermOverError), and notes the term; what a
// checkpoint says of its term never goes back.
func SaveCheckpoint(ctx context.Context, tx bun.IDB, name, storeID string, pos eventstore.Position) error {
	if pos > math.MaxInt64 {
		return fmt.Errorf("save checkpoint: position %d is beyond what a database holds", pos)
	}
	if db, ok := tx.(*bun.DB); ok && Term(ctx) != 0 {
		return db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
			return SaveCheckpoint(ctx, tx, name, storeID, pos)
		})
	}
	if err := CheckTerm(ctx, tx); err != nil {
		return fmt.Errorf("save checkpoint: %w", err)
	}
	last, at := lastHandled(ctx, pos)
	reached := "<="
	if isAgain(ctx, pos) {
		reached = "<"
	}
	n, err := affected(tx.ExecContext(ctx, `INSERT INTO checkpoints (name, store_id, position, event_id, event_position, term)
		VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (name) DO UPDATE SET position = excluded.position,
			event_id = COALESCE(excluded.event_id, checkpoints.event_id),
			event_position = COALESCE(excluded.event_position, checkpoints.event_position),
			term = CASE WHEN excluded.term > checkpoints.term THEN excluded.term ELSE checkpoints.term END
		WHERE checkpoints.store_id = excluded.store_id AND checkpoints.position `+reached+` excluded.position`,
		name, storeID, int64(pos), last, at, Term(ctx)))
	if err != nil {
		return fmt.Errorf("save checkpoint: %w", err)
	}
	if n == 1 {
		return nil
	}
	return whyRefused(ctx, tx, name, storeID, pos)
}

func whyRefused(ctx context.Context, tx bun.IDB, name, storeID string, pos eventstore.Position) error {
	have, at, err := checkpoint(ctx, tx, name)
	if err != nil {
		return fmt.Errorf("save checkpoint: %w", err)
	}
	if have != storeID {
		return &ForeignStoreError{Name: name, Have: have, Want: storeID}
	}
	if at == pos {
		return errHandled
	}
	return fmt.Errorf("save checkpoint of %s: %w", name, ErrCheckpointBack)
}

// CheckStore fails with a *ForeignStoreError when any checkpoint or lease in the database belongs to another store than storeID.
// Programs call it before they start a consumer.
func CheckStore(ctx context.Context, db bun.IDB, storeID string) error {
	var name, have string
	err := db.QueryRowContext(ctx, `SELECT name, store_id FROM checkpoints WHERE store_id <> ?
		UNION ALL SELECT name, store_id FROM leases WHERE store_id <> ? ORDER BY name LIMIT 1`, storeID, storeID).
		Scan(&name, &have)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return fmt.Errorf("check store of checkpoints: %w", err)
	}
	return &ForeignStoreError{Name: name, Have: have, Want: storeID}
}

// Used reports whether any consumer has ever kept a checkpoint in the database.
func Used(ctx context.Context, db bun.IDB) (used bool, err error) {
	err = db.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM checkpoints)`).Scan(&used)
	if err != nil {
		return false, fmt.Errorf("look for checkpoints: %w", err)
	}
	return used, nil
}

func checkpoint(ctx context.Context, db bun.IDB, name string) (storeID string, pos eventstore.Position, err error) {
	var p int64
	err = db.QueryRowContext(ctx, `SELECT store_id, position FROM checkpoints WHERE name = ?`, name).Scan(&storeID, &p)
	return storeID, eventstore.Position(p), err
}
