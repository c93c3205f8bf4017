package subscription

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"
)

// Rehome makes a database that was filled from another event store belong to the one with the identity storeID: no consumer has begun,
// and no lease is held. Terms are kept, because they only rise. It is for the transaction in which everything that was derived from
// the other log goes as well, while nobody else uses the database.
func Rehome(ctx context.Context, tx bun.IDB, storeID string) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM checkpoints`); err != nil {
		return fmt.Errorf("forget checkpoints: %w", err)
	}
	if _, err := tx.ExecContext(ctx, `UPDATE leases SET store_id = ?, owner = ''`, storeID); err != nil {
		return fmt.Errorf("free leases: %w", err)
	}
	return nil
}

// Home returns the identity of the store that a database belongs to, and whether it belongs to any yet.
func Home(ctx context.Context, db bun.IDB) (storeID string, ok bool, err error) {
	err = db.QueryRowContext(ctx, `SELECT store_id FROM checkpoints UNION ALL SELECT store_id FROM leases LIMIT 1`).Scan(&storeID)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return "", false, nil
	case err != nil:
		return "", false, fmt.Errorf("read store of checkpoints: %w", err)
	}
	return storeID, true, nil
}

// Held returns a lease that somebody holds at a moment of the database's clock, and has to renew; ok is false when there is none.
func Held(ctx context.Context, db bun.IDB, now time.Time) (held LeaseStatus, ok bool, err error) {
	var name string
	err = db.QueryRowContext(ctx, `SELECT name FROM leases WHERE owner <> '' AND expires_at > ? ORDER BY name LIMIT 1`, now.UnixMicro()).Scan(&name)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return held, false, nil
	case err != nil:
		return held, false, fmt.Errorf("look for owners: %w", err)
	}
	held, err = LoadLease(ctx, db, name)
	return held, err == nil, err
}
