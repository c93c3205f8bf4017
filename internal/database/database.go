// Package database opens the SQL databases under the read models, the keepers and the publisher.
//
// A database is a SQLite file: one connection writes (its transactions begin immediately, so that they never fail half-way
// for a lock), several read snapshots beside it. A committed transaction is durable. The package knows no table; those are
// in migrations.
package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	"github.com/uptrace/bun/migrate"
	"modernc.org/sqlite" // also the driver "sqlite", without cgo
	sqlite3 "modernc.org/sqlite/lib"
)

// readers is how many snapshots may be read at once.
const readers = 4

// DB is an open database. Use Write inside transactions only, Read for everything else; Read cannot change anything.
type DB struct {
	Write *bun.DB
	Read  *bun.DB
	path  string
}

// Open opens or creates the file (mode 0600, its folder 0700) and brings its tables up to date. A file that a newer program
// has migrated is a *NewerSchemaError.
func Open(ctx context.Context, path string, tables *migrate.Migrations) (*DB, error) {
	if err := prepareFile(path); err != nil {
		return nil, err
	}
	write, err := open(path, "immediate", 1)
	if err != nil {
		return nil, err
	}
	read, err := open(path, "deferred", readers, "query_only(ON)")
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	db := &DB{Write: write, Read: read, path: path}
	if err := db.migrate(ctx, tables); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func prepareFile(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("create database folder: %w", err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("create database file: %w", err)
	}
	return f.Close()
}

func open(path, lock string, conns int, pragmas ...string) (*bun.DB, error) {
	q := url.Values{
		"_txlock": {lock},
		"_pragma": append([]string{
			"journal_mode(WAL)", "secure_delete(ON)", "synchronous(FULL)", "busy_timeout(10000)", "foreign_keys(ON)", "temp_store(MEMORY)",
		}, pragmas...),
		"_time_format": {"sqlite"},
	}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+q.Encode())
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	// Connections stay open: opening one costs more than most queries.
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	return bun.NewDB(db, sqlitedialect.New()), nil
}

// ErrFull says that there was no room on the disk for what was to be written; nothing of it was.
var ErrFull = errors.New("the disk is full")

// InTx runs fn in one write transaction, which commits when fn returns nil. ErrFull: there is no room.
func (db *DB) InTx(ctx context.Context, fn func(ctx context.Context, tx bun.Tx) error) error {
	err := db.Write.RunInTx(ctx, nil, fn)
	const primary = 0xff // extended codes carry the primary one in the low byte
	if e, ok := errors.AsType[*sqlite.Error](err); ok && e.Code()&primary == sqlite3.SQLITE_FULL {
		return fmt.Errorf("%w: %w", ErrFull, err)
	}
	return err
}

// Snapshot runs fn in one read transaction: everything it reads is of one moment.
func (db *DB) Snapshot(ctx context.Context, fn func(ctx context.Context, tx bun.Tx) error) error {
	return db.Read.RunInTx(ctx, &sql.TxOptions{ReadOnly: true}, fn)
}

// Close closes both pools; it waits for queries that run.
func (db *DB) Close() error { return errors.Join(db.Read.Close(), db.Write.Close()) }
