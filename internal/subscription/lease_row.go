package subscription

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect"
)

// LeaseStatus is a lease at one moment, as the database has it.
type LeaseStatus struct {
	Name    string
	StoreID string
	Owner   string    // empty: nobody
	Term    int64     // of the owner, or of the last one; 0: there never was any
	TakenAt time.Time // by the database's clock, like ExpiresAt; in UTC
	// ExpiresAt is when others may take it, unless it is renewed; zero for an owner that need not fear any.
	ExpiresAt time.Time
}

// LoadLease returns the lease of that name for an operator. One that nobody has ever taken has term 0.
func LoadLease(ctx context.Context, db bun.IDB, name string) (LeaseStatus, error) {
	s, err := readLease(ctx, db, name, "")
	if err != nil {
		return LeaseStatus{}, fmt.Errorf("load lease: %w", err)
	}
	return s, nil
}

func readLease(ctx context.Context, db bun.IDB, name, lock string) (LeaseStatus, error) {
	s := LeaseStatus{Name: name}
	var taken int64
	var expires sql.NullInt64
	err := db.QueryRowContext(ctx, `SELECT store_id, owner, term, taken_at, expires_at FROM leases WHERE name = ?`+lock, name).
		Scan(&s.StoreID, &s.Owner, &s.Term, &taken, &expires)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return s, nil
	case err != nil:
		return s, err
	}
	s.TakenAt = time.UnixMicro(taken).UTC()
	if expires.Valid {
		s.ExpiresAt = time.UnixMicro(expires.Int64).UTC()
	}
	return s, nil
}

// Locks on the row of a lease, as PostgreSQL knows them: who takes the lease excludes those who check its term until they have
// committed, while one who renews it does not wait for them, because he changes no key.
const (
	forUpdate   = " FOR UPDATE"
	forKeyShare = " FOR KEY SHARE"
)

// lockClause is empty on SQLite, which has one writer at a time.
func lockClause(db bun.IDB, clause string) string {
	if db.Dialect().Name() == dialect.PG {
		return clause
	}
	return ""
}

// databaseNow tells the time by one clock for all who use the database. A SQLite file is used on one machine, so that is the
// process's own.
func databaseNow(ctx context.Context, tx bun.IDB) (now time.Time, err error) {
	if tx.Dialect().Name() != dialect.PG {
		return time.Now(), nil
	}
	// Not now(): that is when the transaction began, which may have waited for a lock since.
	err = tx.QueryRowContext(ctx, `SELECT clock_timestamp()`).Scan(&now)
	return now, err
}

// affected returns how many rows a statement has changed.
func affected(res sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}
