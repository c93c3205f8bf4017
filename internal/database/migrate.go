package database

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"hash/fnv"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/migrate"
)

// marks is the table in which bun's migrator keeps the names of what has been applied. Ours is filled and read alike.
const marks = "bun_migrations"

// migrateAlone brings the tables up to date while no other process does. On PostgreSQL an advisory lock sees to that, which the server
// drops when the process ends, however it ends; the file of a SQLite database belongs to one engine.
func (db *DB) migrateAlone(ctx context.Context, tables *migrate.Migrations) (err error) {
	if db.kind == SQLite {
		return db.migrate(ctx, tables)
	}
	conn, err := db.Write.Conn(ctx)
	if err != nil {
		return fmt.Errorf("lock migrations: %w", classify(ctx, err))
	}
	defer func() { _ = conn.Close() }() // it goes back to the pool, which looks after it
	var schema string
	if err := conn.QueryRowContext(ctx, "SELECT current_setting('search_path')").Scan(&schema); err != nil {
		return fmt.Errorf("lock migrations: %w", classify(ctx, err))
	}
	key := fnv.New64a()
	_, _ = key.Write([]byte("booking migrations " + schema)) // it never fails
	if _, err := conn.ExecContext(ctx, "SELECT pg_advisory_lock(?)", int64(key.Sum64())); err != nil {
		return fmt.Errorf("lock migrations: %w", classify(ctx, err))
	}
	defer unlock(ctx, conn, int64(key.Sum64()))
	if err := db.createSchema(ctx, schema); err != nil {
		return err
	}
	return db.migrate(ctx, tables)
}

// unlock gives the advisory lock back, or else the whole connection.
func unlock(ctx context.Context, conn bun.Conn, key int64) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if _, err := conn.ExecContext(ctx, "SELECT pg_advisory_unlock(?)", key); err != nil {
		_ = conn.Raw(func(any) error { return driver.ErrBadConn }) // which closes it
	}
}

// createSchema makes the schema unless it is there: whoever may not make one can still use one that was made for him.
func (db *DB) createSchema(ctx context.Context, schema string) error {
	var there bool
	err := db.Write.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = ?)", schema).Scan(&there)
	if err == nil && !there {
		_, err = db.Write.ExecContext(ctx, "CREATE SCHEMA ?", bun.Ident(schema))
	}
	if err != nil {
		return fmt.Errorf("create schema %s in the database at %s: %w", schema, db.name, classify(ctx, err))
	}
	return nil
}

// migrate applies what the database lacks. Each migration commits together with its mark: bun's own loop marks in a second
// transaction, and a crash between the two would leave tables that can be neither used nor made again.
func (db *DB) migrate(ctx context.Context, tables *migrate.Migrations) error {
	m := migrate.NewMigrator(db.Write, tables, migrate.BeforeMigration(requireTx), migrate.AfterMigration(mark))
	if err := m.Init(ctx); err != nil {
		return fmt.Errorf("prepare migrations of %s: %w", db.name, classify(ctx, err))
	}
	unknown, err := m.MissingMigrations(ctx)
	if err != nil {
		return fmt.Errorf("read applied migrations of %s: %w", db.name, classify(ctx, err))
	}
	if len(unknown) > 0 {
		return &NewerSchemaError{Path: db.name, Migration: unknown[0].Name}
	}
	all, err := m.MigrationsWithStatus(ctx)
	if err != nil {
		return fmt.Errorf("read applied migrations of %s: %w", db.name, classify(ctx, err))
	}
	todo := all.Unapplied()
	for i := range todo {
		todo[i].GroupID = all.LastGroupID() + 1
		if err := todo[i].Up(ctx, m, &todo[i]); err != nil {
			return fmt.Errorf("migrate %s: %s: %w", db.name, todo[i], classify(ctx, err))
		}
		db.applied = append(db.applied, todo[i].String())
	}
	return nil
}

// Applied returns the names of the migrations that Open has applied, in their order; none when the tables were up to date.
func (db *DB) Applied() []string { return db.applied }

// requireTx refuses a migration that does not run in a transaction, before any of it has run.
func requireTx(_ context.Context, conn bun.IConn, _ *migrate.Migration) error {
	if _, ok := conn.(bun.Tx); !ok {
		return errors.New("the name of a migration's file must end in .tx.up.sql")
	}
	return nil
}

// mark notes in the migration's own transaction that it has been applied.
func mark(ctx context.Context, conn bun.IConn, done *migrate.Migration) error {
	tx, ok := conn.(bun.Tx)
	if !ok {
		return requireTx(ctx, conn, done)
	}
	if _, err := tx.NewInsert().Model(done).ModelTableExpr(marks).Exec(ctx); err != nil {
		return fmt.Errorf("mark as applied: %w", err)
	}
	return nil
}

// NewerSchemaError says that a database has had a migration that this program does not know: what it would write there might
// not be what the newer program relies on.
type NewerSchemaError struct {
	Path      string // the file, or host and database
	Migration string // its number
}

// Error tells the operator what does not belong together.
func (e *NewerSchemaError) Error() string {
	return fmt.Sprintf("%s was written by a newer version of this program (it has migration %s): "+
		"start that version, or use another data folder or database", e.Path, e.Migration)
}
