package database_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/migrate"
	"go.uber.org/goleak"

	"github.com/royalglow/booking/internal/database"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// tables returns migrations from file names and their SQL.
func tables(tb testing.TB, files map[string]string) *migrate.Migrations {
	tb.Helper()
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	m := migrate.NewMigrations()
	if err := m.Discover(fsys); err != nil {
		tb.Fatal(err)
	}
	return m
}

const (
	notes     = "20260101000001_notes.tx.up.sql"
	notesSQL  = "CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;"
	labels    = "20260101000002_labels.tx.up.sql"
	labelsSQL = "CREATE TABLE labels (name TEXT PRIMARY KEY) STRICT; INSERT INTO labels VALUES ('old'), ('new');"
)

func open(tb testing.TB, path string) *database.DB {
	tb.Helper()
	db, err := database.Open(tb.Context(), path, tables(tb, map[string]string{notes: notesSQL}))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := db.Close(); err != nil {
			tb.Error(err)
		}
	})
	return db
}

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

// TestWritersNeverFailForALock opens the file twice, as two processes would, and lets both read before they write: what
// begins deferred would fail here.
func TestWritersNeverFailForALock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "engine.db")
	const rounds = 25
	done := make(chan error, 2)
	for _, db := range []*database.DB{open(t, path), open(t, path)} {
		go func() {
			var err error
			for range rounds {
				err = errors.Join(err, db.InTx(t.Context(), func(ctx context.Context, tx bun.Tx) error {
					var n int
					if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM notes").Scan(&n); err != nil {
						return err
					}
					_, err := tx.ExecContext(ctx, "INSERT INTO notes (id, text) VALUES (?, 'x')", n)
					return err
				}))
			}
			done <- err
		}()
	}
	for range 2 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if n := count(t.Context(), t, open(t, path).Read); n != 2*rounds {
		t.Errorf("%d rows", n)
	}
}

func TestReadersSeeOneMomentWhileAWriterWorks(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "engine.db"))
	add(t, db, "first")
	err := db.Snapshot(t.Context(), func(ctx context.Context, tx bun.Tx) error {
		if n := count(ctx, t, tx); n != 1 {
			t.Errorf("%d rows before", n)
		}
		err := db.InTx(ctx, func(ctx context.Context, w bun.Tx) error {
			if _, err := w.ExecContext(ctx, "INSERT INTO notes (text) VALUES ('second')"); err != nil {
				return err
			}
			// Others read on while the writer has not committed.
			if n := count(ctx, t, db.Read); n != 1 {
				t.Errorf("%d rows beside an open write", n)
			}
			return nil
		})
		if n := count(ctx, t, tx); n != 1 {
			t.Errorf("%d rows in the old snapshot", n)
		}
		return err
	})
	if n := count(t.Context(), t, db.Read); err != nil || n != 2 {
		t.Errorf("%d rows after, %v", n, err)
	}
}

func TestReadersCannotWrite(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "engine.db"))
	if _, err := db.Read.ExecContext(t.Context(), "INSERT INTO notes (text) VALUES ('x')"); err == nil {
		t.Error("a reader has written")
	}
	if n := count(t.Context(), t, db.Read); n != 0 {
		t.Errorf("%d rows", n)
	}
}

func TestAFailedTransactionLeavesNothing(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "engine.db"))
	broken := errors.New("broken")
	err := db.InTx(t.Context(), func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.ExecContext(ctx, "INSERT INTO notes (text) VALUES ('lost')"); err != nil {
			return err
		}
		return broken
	})
	if n := count(t.Context(), t, db.Read); !errors.Is(err, broken) || n != 0 {
		t.Errorf("%d rows, %v", n, err)
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

func TestWhatWasCommittedIsThereAfterReopening(t *testing.T) {
	path := filepath.Join(t.TempDir(), "with space?&#.db")
	first, err := database.Open(t.Context(), path, tables(t, map[string]string{notes: notesSQL}))
	if err != nil {
		t.Fatal(err)
	}
	add(t, first, "kept")
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if n := count(t.Context(), t, open(t, path).Read); n != 1 {
		t.Errorf("%d rows", n)
	}
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
}

func add(tb testing.TB, db *database.DB, text string) {
	tb.Helper()
	err := db.InTx(tb.Context(), func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO notes (text) VALUES (?)", text)
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
}

type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func count(ctx context.Context, tb testing.TB, q querier) (n int) {
	tb.Helper()
	if err := q.QueryRowContext(ctx, "SELECT count(*) FROM notes").Scan(&n); err != nil {
		tb.Fatal(err)
	}
	return n
}
