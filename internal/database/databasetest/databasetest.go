// Package databasetest opens databases for tests.
package databasetest

import (
	"path/filepath"
	"testing"

	"github.com/uptrace/bun/migrate"

	"github.com/royalglow/booking/internal/database"
)

// Open returns a new database with the tables, which is closed and removed when the test ends.
func Open(tb testing.TB, tables func() (*migrate.Migrations, error)) *database.DB {
	tb.Helper()
	return Reopen(tb, filepath.Join(tb.TempDir(), "test.db"), tables)
}

// Reopen opens the database in a file, which a test may have closed before.
func Reopen(tb testing.TB, path string, tables func() (*migrate.Migrations, error)) *database.DB {
	tb.Helper()
	m, err := tables()
	if err != nil {
		tb.Fatal(err)
	}
	db, err := database.Open(tb.Context(), path, m)
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
