package database

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"
)

// Scrub removes what was deleted from the tables, as far as that can be done now.
//
// In a SQLite file deleted rows are overwritten with zeros, and the journal that still holds them is emptied; ok is false while a
// reader keeps the journal from being emptied, and the next Scrub, or the journal's own turn, does it then.
//
// PostgreSQL takes the dead rows out of the tables that are named (VACUUM), so that no query finds them and their room is used again;
// ok is false while an older transaction may still see them, and autovacuum does it later. It writes no zeros: until the room is used
// again the bytes may stand in the table's file, and besides in the write-ahead log until that is recycled, in archives of it, in
// replicas and in backups. Who must be sure of those encrypts the disk and lets the archives expire.
func (db *DB) Scrub(ctx context.Context, tables ...string) (ok bool, err error) {
	if db.kind == PostgreSQL {
		return db.vacuum(ctx, tables)
	}
	var busy, frames, done int
	if err := db.Write.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &frames, &done); err != nil {
		return false, fmt.Errorf("empty journal: %w", err)
	}
	return busy == 0, nil
}

func (db *DB) vacuum(ctx context.Context, tables []string) (ok bool, err error) {
	err = db.Write.QueryRowContext(ctx, `SELECT NOT EXISTS (SELECT 1 FROM pg_stat_activity
		WHERE datname = current_database() AND pid <> pg_backend_pid() AND age(backend_xmin) > age(pg_current_xact_id()::xid))`).Scan(&ok)
	if err != nil {
		return false, classify(ctx, fmt.Errorf("look for older transactions: %w", err))
	}
	for _, table := range tables {
		if _, err := db.Write.ExecContext(ctx, "VACUUM ?", bun.Ident(table)); err != nil {
			return false, classify(ctx, fmt.Errorf("vacuum %s: %w", table, err))
		}
	}
	return ok, nil
}
