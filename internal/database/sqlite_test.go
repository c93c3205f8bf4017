package database_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/database"
)

func TestOnlyTheOwnerMayReadTheFiles(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "data", "engine")
	db := open(t, filepath.Join(folder, "engine.db"))
	add(t, db, "a note, so that there is a log")
	modes := map[string]os.FileMode{
		folder: os.ModeDir | 0o700, filepath.Join(folder, "engine.db"): 0o600,
		filepath.Join(folder, "engine.db-wal"): 0o600, filepath.Join(folder, "engine.db-shm"): 0o600,
	}
	for path, want := range modes {
		info, err := os.Stat(path)
		if err != nil || info.Mode() != want {
			t.Errorf("%s: %v, %v", filepath.Base(path), info.Mode(), err)
		}
	}
}

// TestEveryConnectionIsSetUpAlike holds several connections of a pool at once, so that each of them is looked at.
func TestEveryConnectionIsSetUpAlike(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "engine.db"))
	want := map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "10000"}
	for name, pool := range map[string]*bun.DB{"write": db.Write, "read": db.Read} {
		conns := pool.Stats().MaxOpenConnections
		if name == "write" && conns != 1 || name == "read" && conns < 2 {
			t.Errorf("%s has %d connections", name, conns)
		}
		for range conns {
			conn, err := pool.Conn(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close() //nolint:errcheck // it goes back to the pool, which reports
			for pragma, value := range want {
				var got string
				if err := conn.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil || got != value {
					t.Errorf("%s: %s is %q, %v", name, pragma, got, err)
				}
			}
		}
	}
}

func TestAFullDiskIsToldFromOtherTrouble(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "engine.db"))
	add(t, db, "kept")
	// The database's own limit stands in for the disk's.
	if _, err := db.Write.ExecContext(t.Context(), "PRAGMA max_page_count = 1"); err != nil {
		t.Fatal(err)
	}
	insert := func(text string) error {
		return db.InTx(t.Context(), func(ctx context.Context, tx bun.Tx) error {
			_, err := tx.ExecContext(ctx, "INSERT INTO notes (text) VALUES (?)", text)
			return err
		})
	}
	if err := insert(strings.Repeat("x", 1<<20)); !errors.Is(err, database.ErrFull) {
		t.Errorf("no room: %v", err)
	}
	if n := count(t.Context(), t, db.Read); n != 1 {
		t.Errorf("%d rows", n)
	}
	err := db.InTx(t.Context(), func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO notes (id, text) VALUES (1, 'again')")
		return err
	})
	if err == nil || errors.Is(err, database.ErrFull) {
		t.Errorf("a row that is there already: %v", err)
	}
}

// TestAnyPathIsAFile: what is special in a URL is not in the name of a file.
func TestAnyPathIsAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "with space?&#.db")
	add(t, open(t, path), "kept")
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
}
