package database_test

import (
	"context"
	"errors"
	"testing"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/database/databasetest"
)

// TestOnlyWhatAsksForItIsNotSynced: afterwards the same connection waits for the disk again, however the transaction has ended.
func TestOnlyWhatAsksForItIsNotSynced(t *testing.T) {
	t.Parallel()
	for _, kind := range databasetest.Kinds() {
		t.Run(kind.String(), func(t *testing.T) {
			t.Parallel()
			onlyWhatAsksForIt(t, kind)
		})
	}
}

func onlyWhatAsksForIt(t *testing.T, kind database.Kind) {
	t.Helper()
	_, tables := things(kind)
	db := databasetest.OpenKind(t, kind, tables)
	question, synced, unsynced := "PRAGMA synchronous", "2", "1"
	if kind == database.PostgreSQL {
		question, synced, unsynced = "SHOW synchronous_commit", "on", "off"
	}
	setting := func(db bun.IDB) (s string) {
		if err := db.QueryRowContext(t.Context(), question).Scan(&s); err != nil {
			t.Fatal(err)
		}
		return s
	}
	errEnd := errors.New("end")
	for _, end := range []error{nil, errEnd} {
		err := db.InTxUnsynced(t.Context(), func(_ context.Context, tx bun.Tx) error {
			if s := setting(tx); s != unsynced {
				t.Errorf("within: %s", s)
			}
			return end
		})
		if !errors.Is(err, end) {
			t.Error(err)
		}
		if s := setting(db.Write); s != synced {
			t.Errorf("afterwards: %s", s)
		}
	}
	func() {
		defer func() { _ = recover() }()
		_ = db.InTxUnsynced(t.Context(), func(context.Context, bun.Tx) error { panic("end") })
	}()
	err := db.InTx(t.Context(), func(_ context.Context, tx bun.Tx) error {
		if s := setting(tx); s != synced {
			t.Errorf("in the next transaction: %s", s)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
