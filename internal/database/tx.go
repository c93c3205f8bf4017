package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/uptrace/bun"
)

// A transaction that came into another's way is begun again at most attempts - 1 times. The pauses between are drawn evenly from zero to
// firstPause doubled each time, but at most longestPause.
const (
	attempts     = 10
	firstPause   = 4 * time.Millisecond
	longestPause = 250 * time.Millisecond
)

// InTx runs fn in one write transaction, which commits when fn returns nil.
//
// Where transactions run beside each other and one comes into another's way (PostgreSQL's 40001 and 40P01, SQLite's BUSY), all of it is
// undone and fn is called again, a bounded number of times: fn must be able to run again from its beginning, and so
// changes nothing but through tx, and sets what it returns to its caller anew.
//
// All that fn reads is of one moment, as if no other wrote meanwhile. On PostgreSQL that is REPEATABLE READ: a row that fn changes, or
// reads FOR UPDATE or FOR SHARE, and that another has changed since that moment, makes it run again. What fn merely reads may be
// changed by another before it commits; a decision that rests on such a row must lock it.
//
// Errors are fn's, ErrFull, or ErrUnavailable, with ErrInDoubt where the database was lost in the middle of the commit. They are never
// tried again here.
func (db *DB) InTx(ctx context.Context, fn func(ctx context.Context, tx bun.Tx) error) error {
	return db.write(ctx, way{level: sql.LevelRepeatableRead}, fn)
}

// InTxUnsynced is InTx for work that can be done again: it does not wait until the disk has it. A power failure may undo what it has
// committed, all of it or nothing; that a process is killed does not.
//
// On SQLite that is synchronous=NORMAL (https://www.sqlite.org/pragma.html#pragma_synchronous), on PostgreSQL synchronous_commit=off
// (https://www.postgresql.org/docs/15/wal-async-commit.html). Others who commit at the same time wait for the disk less.
func (db *DB) InTxUnsynced(ctx context.Context, fn func(ctx context.Context, tx bun.Tx) error) error {
	return db.write(ctx, way{level: sql.LevelRepeatableRead, unsynced: true}, fn)
}

// InTxLocking is InTx for one who begins by locking a row that all others who matter lock as well: what they have done while he waited
// for the lock is to be seen, and is no reason to begin again. However busy they are he comes to his turn.
//
// On PostgreSQL that is READ COMMITTED: each statement reads what was committed before it began. What fn reads after it has the lock is of
// one moment only as far as the lock keeps others from changing it.
func (db *DB) InTxLocking(ctx context.Context, fn func(ctx context.Context, tx bun.Tx) error) error {
	return db.write(ctx, way{level: sql.LevelReadCommitted}, fn)
}

// way is how a write transaction is done.
type way struct {
	level    sql.IsolationLevel // on PostgreSQL
	unsynced bool
}

func (db *DB) write(ctx context.Context, how way, fn func(ctx context.Context, tx bun.Tx) error) error {
	for n := 1; ; n++ {
		err := db.writeOnce(ctx, how, fn)
		if err == nil || n == attempts || ctx.Err() != nil || !isConflict(err) {
			return classify(ctx, err)
		}
		if pause(ctx, n) != nil {
			return err
		}
	}
}

func pause(ctx context.Context, n int) error {
	t := time.NewTimer(rand.N(min(firstPause<<n, longestPause)))
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (db *DB) writeOnce(ctx context.Context, how way, fn func(ctx context.Context, tx bun.Tx) error) error {
	conn, tx, err := db.begin(ctx, how)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }() // it goes back to the pool, which looks after it
	if how.unsynced {
		defer db.sync(ctx, conn)
	}
	db.conns.Store(tx.Tx, conn.Conn)
	defer db.conns.Delete(tx.Tx)
	defer func() { _ = tx.Rollback() }() // also when fn panics; nothing to do after a commit
	if err := fn(ctx, tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		if isLost(ctx, err) {
			return fmt.Errorf("%w: %w: %w", ErrUnavailable, ErrInDoubt, err)
		}
		return err
	}
	return nil
}

// begin begins a write transaction on a connection of its own. Connections that the server has closed while they were idle, or that
// broke with a statement that somebody else has given up, are passed over: nothing has been done on them yet. The pool does that by
// itself, but only twice.
func (db *DB) begin(ctx context.Context, how way) (conn bun.Conn, tx bun.Tx, err error) {
	opts := &sql.TxOptions{}
	if db.kind == PostgreSQL {
		opts.Isolation = how.level
	}
	for range serverWriters + 1 {
		if conn, err = db.Write.Conn(ctx); errors.Is(err, driver.ErrBadConn) {
			continue
		}
		if err != nil {
			return conn, tx, err
		}
		if tx, err = db.beginOn(ctx, conn, opts, how); err == nil {
			return conn, tx, nil
		}
		_ = conn.Close() // the error above says what is wrong
		if !isLost(ctx, err) {
			return conn, tx, err
		}
	}
	return conn, tx, err
}

func (db *DB) beginOn(ctx context.Context, conn bun.Conn, opts *sql.TxOptions, how way) (tx bun.Tx, err error) {
	if !how.unsynced {
		return conn.BeginTx(ctx, opts)
	}
	if db.kind == SQLite { // not in a transaction: there it would do nothing
		if _, err := conn.ExecContext(ctx, "PRAGMA synchronous = NORMAL"); err != nil {
			return tx, err
		}
		if tx, err = conn.BeginTx(ctx, opts); err != nil {
			db.sync(ctx, conn)
		}
		return tx, err
	}
	if tx, err = conn.BeginTx(ctx, opts); err != nil {
		return tx, err
	}
	if _, err = tx.ExecContext(ctx, "SET LOCAL synchronous_commit = off"); err != nil {
		_ = tx.Rollback() // the error above says what is wrong
	}
	return tx, err
}

// sync makes a connection wait for the disk again. One that does not is not used any more.
func (db *DB) sync(ctx context.Context, conn bun.Conn) {
	if db.kind != SQLite {
		return // it was for the transaction only
	}
	if _, err := conn.ExecContext(context.WithoutCancel(ctx), "PRAGMA synchronous = FULL"); err != nil {
		_ = conn.Raw(func(any) error { return driver.ErrBadConn })
	}
}

// Snapshot runs fn in one read transaction: everything it reads is of one moment. fn is called once. ErrUnavailable: the database was
// not reached, or lost.
func (db *DB) Snapshot(ctx context.Context, fn func(ctx context.Context, tx bun.Tx) error) (err error) {
	opts := &sql.TxOptions{ReadOnly: true}
	if db.kind == PostgreSQL {
		opts.Isolation = sql.LevelRepeatableRead
	}
	begun := false
	for range serverReaders + 1 {
		err = db.Read.RunInTx(ctx, opts, func(ctx context.Context, tx bun.Tx) error {
			begun = true
			return fn(ctx, tx)
		})
		if err == nil || begun || !isLost(ctx, err) {
			break
		}
	}
	return classify(ctx, err)
}
