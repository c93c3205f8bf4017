package database

import (
	"context"
	"fmt"
)

// Scrub removes what was deleted from the files, as far as that can be done now: deleted rows are overwritten with zeros, and the
// journal that still holds them is emptied. ok is false while a reader keeps the journal from being emptied; the next Scrub, or the
// journal's own turn, does it then.
func (db *DB) Scrub(ctx context.Context) (ok bool, err error) {
	var busy, frames, done int
	if err := db.Write.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &frames, &done); err != nil {
		return false, fmt.Errorf("empty journal: %w", err)
	}
	return busy == 0, nil
}
