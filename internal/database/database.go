// Package database opens the SQL databases under the read models, the keepers and the publisher.
//
// A database is a SQLite file or a schema of a PostgreSQL database, and the package makes them alike. A transaction sees one moment,
// changes all or nothing, and is durable once it is committed. On SQLite one connection writes (its transactions begin immediately,
// so that they never fail half-way for a lock), with several read snapshots beside it. On PostgreSQL several may write at once, and
// what comes in each other's way is done again. The package knows no table; those are in migrations.
package database

import (
	"context"
	"database/sql"
	"errors"
	"sync"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/migrate"
)

// DB is an open database. Use Write inside transactions and for single statements only, Read for everything else; Read cannot
// change anything.
//
// Queries are bun's: "?" stands for an argument on both kinds. What an argument is becomes a part of the statement's text.
type DB struct {
	Write *bun.DB
	Read  *bun.DB

	kind    Kind
	name    string    // for people: the file, or host and database, never with a password
	conns   *sync.Map // *sql.Tx → *sql.Conn, of the write transactions that run
	applied []string  // migrations that Open has applied
}

// Tables returns the migrations of one set for a kind of database.
type Tables func(kind Kind) (*migrate.Migrations, error)

// Open opens or creates the database and brings its tables up to date.
//
// where is the path of a SQLite file (created with mode 0600, its folder with 0700), or a URL postgres://… or postgresql://…, in the
// form of libpq (https://www.postgresql.org/docs/15/libpq-connect.html#LIBPQ-CONNSTRING). Its parameter search_path names the one
// schema that the tables are in, public by default; it is created when it is not there. Several processes may open one PostgreSQL
// database at once. What cannot be opened is a *ConnectError; one that a newer program has migrated is a *NewerSchemaError.
func Open(ctx context.Context, where string, tables Tables) (*DB, error) {
	db, err := openPools(ctx, where)
	if err != nil {
		return nil, err
	}
	set, err := tables(db.kind)
	if err == nil {
		err = db.migrateAlone(ctx, set)
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func openPools(ctx context.Context, where string) (*DB, error) {
	switch KindOf(where) {
	case SQLite:
		return openSQLite(where)
	case PostgreSQL:
		return openPostgres(ctx, where)
	}
	return nil, ErrPlace
}

// Kind returns what kind of database it is.
func (db *DB) Kind() Kind { return db.kind }

// Name says which database it is, for people: the path of the file, or host, database and schema.
func (db *DB) Name() string { return db.name }

// Close closes both pools; it waits for queries that run.
func (db *DB) Close() error { return errors.Join(db.Read.Close(), db.Write.Close()) }

// setLimits bounds a pool. Connections stay open: opening one costs more than most queries.
func setLimits(pool *sql.DB, conns int) {
	pool.SetMaxOpenConns(conns)
	pool.SetMaxIdleConns(conns)
}
