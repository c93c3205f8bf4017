package database_test

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/uptrace/bun"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/database/databasetest"
)

// faults counts the statements that failed for a reason, and calls then, if any, at the first.
type faults struct {
	is   func(error) bool
	then func()
	once sync.Once
	n    atomic.Int64
}

func (f *faults) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context { return ctx }

func (f *faults) AfterQuery(_ context.Context, e *bun.QueryEvent) {
	if e.Err == nil || !f.is(e.Err) {
		return
	}
	f.n.Add(1)
	if f.then != nil {
		f.once.Do(f.then)
	}
}

// watch makes f see what writers on db fail with.
func (f *faults) watch(db *database.DB) { db.Write = db.Write.WithQueryHook(f) }

func isBusy(err error) bool {
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && e.Code()&0xff == sqlite3.SQLITE_BUSY
}

func hasCode(code string) func(error) bool {
	return func(err error) bool {
		e, ok := errors.AsType[*pgconn.PgError](err)
		return ok && e.Code == code
	}
}

// TestWritersNeverFailForALock opens the database twice, as two processes would, and lets both read before they write: on a file, what
// begins deferred would fail here.
func TestWritersNeverFailForALock(t *testing.T) {
	databasetest.EachPlace(t, func(t *testing.T, where string) {
		const rounds = 25
		add(t, open(t, where), "0")
		done := make(chan error, 2)
		for _, db := range []*database.DB{open(t, where), open(t, where)} {
			go func() {
				var err error
				for range rounds {
					err = errors.Join(err, increment(t.Context(), db, func() {}))
				}
				done <- err
			}()
		}
		for range 2 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if n := value(t, open(t, where)); n != 2*rounds {
			t.Errorf("%d of %d steps are there", n, 2*rounds)
		}
	})
}

// increment reads the number in the only note, calls between, and writes the next number.
func increment(ctx context.Context, db *database.DB, between func()) error {
	return db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		var n int
		if err := tx.QueryRowContext(ctx, "SELECT CAST(text AS INTEGER) FROM notes").Scan(&n); err != nil {
			return err
		}
		between()
		_, err := tx.ExecContext(ctx, "UPDATE notes SET text = CAST(? AS TEXT)", n+1)
		return err
	})
}

func value(tb testing.TB, db *database.DB) (n int) {
	tb.Helper()
	if err := db.Read.QueryRowContext(tb.Context(), "SELECT CAST(text AS INTEGER) FROM notes").Scan(&n); err != nil {
		tb.Fatal(err)
	}
	return n
}

// TestABusyFileIsTriedAgain: another process holds the file, and lets go once the writer has been refused.
func TestABusyFileIsTriedAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "engine.db")
	db, other := open(t, path), open(t, path)
	add(t, db, "0")
	if _, err := db.Write.ExecContext(t.Context(), "PRAGMA busy_timeout = 0"); err != nil {
		t.Fatal(err)
	}
	held, release, done := make(chan struct{}), make(chan struct{}), make(chan error)
	go func() {
		done <- increment(t.Context(), other, func() { close(held); <-release })
	}()
	<-held
	fault := &faults{is: isBusy, then: func() { close(release) }}
	fault.watch(db)
	if err := increment(t.Context(), db, func() {}); err != nil {
		t.Error(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	if fault.n.Load() == 0 || value(t, db) != 2 {
		t.Errorf("refused %d times, the value is %d", fault.n.Load(), value(t, db))
	}
}

// TestAConflictIsDecidedAgain: another transaction changes what the first has read, before that writes.
func TestAConflictIsDecidedAgain(t *testing.T) {
	db := open(t, databasetest.Place(t, database.PostgreSQL))
	add(t, db, "0")
	fault := &faults{is: hasCode("40001")}
	fault.watch(db)
	runs := 0
	err := increment(t.Context(), db, func() {
		if runs++; runs > 1 {
			return
		}
		if err := increment(t.Context(), db, func() {}); err != nil {
			t.Error(err)
		}
	})
	if err != nil || runs != 2 || fault.n.Load() != 1 || value(t, db) != 2 {
		t.Errorf("%v; run %d times, %d conflicts, the value is %d", err, runs, fault.n.Load(), value(t, db))
	}
}

// TestADeadlockIsUndoneAndDoneAgain: two transactions take the same two rows, each the other's first.
func TestADeadlockIsUndoneAndDoneAgain(t *testing.T) {
	db := open(t, databasetest.Place(t, database.PostgreSQL)+"&deadlock_timeout=20ms")
	add(t, db, "one")
	add(t, db, "two")
	fault := &faults{is: hasCode("40P01")}
	fault.watch(db)
	var met sync.WaitGroup
	met.Add(2)
	done := make(chan error, 2)
	for _, order := range [][2]string{{"one", "two"}, {"two", "one"}} {
		go func() {
			first := true
			done <- db.InTx(t.Context(), func(ctx context.Context, tx bun.Tx) error {
				for i, text := range order {
					if _, err := tx.ExecContext(ctx, "SELECT id FROM notes WHERE text = ? FOR UPDATE", text); err != nil {
						return err
					}
					if i == 0 && first {
						first = false
						met.Done()
						met.Wait()
					}
				}
				return nil
			})
		}()
	}
	for range 2 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if fault.n.Load() == 0 {
		t.Error("there was no deadlock")
	}
}

// TestAConflictWithoutEndIsReturned: whoever always loses is told in the end.
func TestAConflictWithoutEndIsReturned(t *testing.T) {
	db := open(t, databasetest.Place(t, database.PostgreSQL))
	runs := 0
	err := db.InTx(t.Context(), func(ctx context.Context, tx bun.Tx) error {
		runs++
		_, err := tx.ExecContext(ctx, `DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40001'; END $$`)
		return err
	})
	if !hasCode("40001")(err) || runs < 5 || runs > 20 {
		t.Errorf("after %d runs: %v", runs, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	runs = 0
	err = db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		runs++
		_, err := tx.ExecContext(ctx, `DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40001'; END $$`)
		cancel()
		return err
	})
	if err == nil || runs != 1 {
		t.Errorf("run %d times after its caller had gone: %v", runs, err)
	}
}

// TestOtherErrorsAreNotTriedAgain: what fails for its own reasons would only fail again.
func TestOtherErrorsAreNotTriedAgain(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB) {
		runs := 0
		err := db.InTx(t.Context(), func(ctx context.Context, tx bun.Tx) error {
			runs++
			_, err := tx.ExecContext(ctx, "INSERT INTO notes (id, text) VALUES (1, 'x'), (1, 'x')")
			return err
		})
		if err == nil || runs != 1 || errors.Is(err, database.ErrUnavailable) {
			t.Errorf("after %d runs: %v", runs, err)
		}
	})
}
