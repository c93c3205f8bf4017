package database_test

import (
	"context"
	"errors"
	"testing"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/database/databasetest"
)

// hangUp ends sessions of writers on db's database, from another session, and returns how many there were.
func hangUp(ctx context.Context, tb testing.TB, db *database.DB) (n int) {
	tb.Helper()
	err := db.Read.QueryRowContext(ctx, `SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM pg_stat_activity
		WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'`).Scan(&n)
	if err != nil {
		tb.Fatal(err)
	}
	return n
}

// TestATransactionThatLosesItsServerHasNotHappened: the operator ends the session between two statements.
func TestATransactionThatLosesItsServerHasNotHappened(t *testing.T) {
	db := open(t, databasetest.Place(t, database.PostgreSQL))
	runs := 0
	err := db.InTx(t.Context(), func(ctx context.Context, tx bun.Tx) error {
		runs++
		if _, err := tx.ExecContext(ctx, "INSERT INTO notes (text) VALUES ('lost')"); err != nil {
			return err
		}
		if n := hangUp(ctx, t, db); n == 0 {
			t.Error("there was nobody to hang up on")
		}
		_, err := tx.ExecContext(ctx, "INSERT INTO notes (text) VALUES ('lost, too')")
		return err
	})
	if !errors.Is(err, database.ErrUnavailable) || errors.Is(err, database.ErrInDoubt) || runs != 1 {
		t.Errorf("after %d runs: %v", runs, err)
	}
	add(t, db, "kept") // the pool has healed
	if n := count(t.Context(), t, db.Read); n != 1 {
		t.Errorf("%d rows", n)
	}
}

// TestIdleConnectionsThatAreGoneArePassedOver: nobody is told of what was lost while nobody used it.
func TestIdleConnectionsThatAreGoneArePassedOver(t *testing.T) {
	where := databasetest.Place(t, database.PostgreSQL)
	db, operator := open(t, where), open(t, where)
	for range 3 {
		// Several connections are open at once, of both pools.
		err := db.InTx(t.Context(), func(ctx context.Context, _ bun.Tx) error {
			return errors.Join(
				db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
					_, err := tx.ExecContext(ctx, "SELECT 1")
					return err
				}),
				db.Snapshot(ctx, func(ctx context.Context, _ bun.Tx) error {
					return db.Snapshot(ctx, func(ctx context.Context, tx bun.Tx) error {
						_, err := tx.ExecContext(ctx, "SELECT 1")
						return err
					})
				}))
		})
		if err != nil {
			t.Fatal(err)
		}
		if n := hangUp(t.Context(), t, operator); n < 4 {
			t.Fatalf("hung up on %d connections", n)
		}
		add(t, db, "kept")
		if err := db.Snapshot(t.Context(), func(ctx context.Context, tx bun.Tx) error {
			_ = count(ctx, t, tx)
			return nil
		}); err != nil {
			t.Error(err)
		}
	}
}

// TestAServerThatWasAwayIsFoundAgain stops the server as a power cut would, and starts it again.
func TestAServerThatWasAwayIsFoundAgain(t *testing.T) {
	server := databasetest.NewServer(t, false)
	db := open(t, server.Create(t))
	add(t, db, "before")
	insert := func(text string) error {
		return db.InTx(t.Context(), func(ctx context.Context, tx bun.Tx) error {
			_, err := tx.ExecContext(ctx, "INSERT INTO notes (text) VALUES (?)", text)
			return err
		})
	}
	if err := server.Stop(); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := insert("nowhere"); !errors.Is(err, database.ErrUnavailable) {
			t.Errorf("without a server: %v", err)
		}
		err := db.Snapshot(t.Context(), func(context.Context, bun.Tx) error { return nil })
		if !errors.Is(err, database.ErrUnavailable) {
			t.Errorf("without a server: %v", err)
		}
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	if err := insert("after"); err != nil {
		t.Error(err)
	}
	if n := count(t.Context(), t, db.Read); n != 2 {
		t.Errorf("%d rows", n)
	}
}

// TestWhoHasGivenUpIsNotToldOfTheServer: the caller's own end is not a fault of the database.
func TestWhoHasGivenUpIsNotToldOfTheServer(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB) {
		ctx, cancel := context.WithCancel(t.Context())
		err := db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
			cancel()
			_, err := tx.ExecContext(ctx, "INSERT INTO notes (text) VALUES ('x')")
			return err
		})
		if !errors.Is(err, context.Canceled) || errors.Is(err, database.ErrUnavailable) {
			t.Error(err)
		}
		add(t, db, "the pool is as before")
	})
}

// TestAFrozenTransactionDoesNotKeepItsLocks: a process that stands still in the middle of a transaction, as under SIGSTOP, must not
// keep others from what it has locked.
func TestAFrozenTransactionDoesNotKeepItsLocks(t *testing.T) {
	where := databasetest.Place(t, database.PostgreSQL)
	frozen, other := open(t, where+"&idle_in_transaction_session_timeout=100ms"), open(t, where)
	add(t, other, "0")
	update := func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE notes SET text = '1'")
		return err
	}
	err := frozen.InTx(t.Context(), func(ctx context.Context, tx bun.Tx) error {
		if err := update(ctx, tx); err != nil {
			return err
		}
		if err := other.InTx(ctx, update); err != nil {
			t.Errorf("the other waited in vain: %v", err)
		}
		return update(ctx, tx)
	})
	if !errors.Is(err, database.ErrUnavailable) {
		t.Errorf("the frozen one went on: %v", err)
	}
}

// TestTheServerLooksForHostsThatAreGone, on both kinds of connection.
func TestTheServerLooksForHostsThatAreGone(t *testing.T) {
	db := open(t, databasetest.Place(t, database.PostgreSQL))
	for _, pool := range []*bun.DB{db.Write, db.Read} {
		var seconds int
		err := pool.QueryRowContext(t.Context(), `SELECT current_setting('tcp_keepalives_idle')::int
			+ current_setting('tcp_keepalives_interval')::int * current_setting('tcp_keepalives_count')::int`).Scan(&seconds)
		if err != nil || seconds != 20 {
			t.Errorf("a host that is gone is noticed after %d s, not after 20: %v", seconds, err)
		}
	}
}
