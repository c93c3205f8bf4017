package database

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"
)

// Now returns the time by the clock that all users of the database share, in UTC and whole microseconds. For PostgreSQL that is the
// server's, as it is when asked and not when the transaction began. All users of a SQLite file are on one machine, whose clock it is.
func (db *DB) Now(ctx context.Context, tx bun.IDB) (time.Time, error) {
	if db.kind == SQLite {
		return time.Now().UTC().Truncate(time.Microsecond), nil
	}
	var at int64
	err := tx.QueryRowContext(ctx, `SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint`).Scan(&at)
	if err != nil {
		return time.Time{}, fmt.Errorf("ask the database for the time: %w", err)
	}
	return time.UnixMicro(at).UTC(), nil
}
