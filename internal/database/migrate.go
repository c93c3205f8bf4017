package database

import (
	"context"
	"errors"
	"fmt"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/migrate"
)

// marks is the table in which bun's migrator keeps the names of what has been applied. Ours is filled and read alike.
const marks = "bun_migrations"

// migrate applies what the file lacks. Each migration commits together with its mark: bun's own loop marks in a second
// transaction, and a crash between the two would leave tables that can be neither used nor made again.
func (db *DB) migrate(ctx context.Context, tables *migrate.Migrations) error {
	m := migrate.NewMigrator(db.Write, tables, migrate.BeforeMigration(requireTx), migrate.AfterMigration(mark))
	if err := m.Init(ctx); err != nil {
		return fmt.Errorf("prepare migrations: %w", err)
	}
	unknown, err := m.MissingMigrations(ctx)
	if err != nil {
		return fmt.Errorf("read applied migrations: %w", err)
	}
	if len(unknown) > 0 {
		return &NewerSchemaError{Path: db.path, Migration: unknown[0].Name}
	}
	all, err := m.MigrationsWithStatus(ctx)
	if err != nil {
		return fmt.Errorf("read applied migrations: %w", err)
	}
	todo := all.Unapplied()
	for i := range todo {
		todo[i].GroupID = all.LastGroupID() + 1
		if err := todo[i].Up(ctx, m, &todo[i]); err != nil {
			return fmt.Errorf("migrate %s: %s: %w", db.path, todo[i], err)
		}
	}
	return nil
}

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

// NewerSchemaError says that a file has had a migration that this program does not know: what it would write there might
// not be what the newer program relies on.
type NewerSchemaError struct {
	Path      string
	Migration string // its number
}

// Error tells the operator what does not belong together.
func (e *NewerSchemaError) Error() string {
	return fmt.Sprintf("%s was written by a newer version of this program (it has migration %s): "+
		"start that version, or use another data folder", e.Path, e.Migration)
}
