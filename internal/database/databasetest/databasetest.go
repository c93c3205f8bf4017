// Package databasetest opens databases for tests: of both kinds, each empty and migrated, on a PostgreSQL server that the test
// binary starts for itself.
package databasetest

import (
	"path/filepath"
	"testing"

	"github.com/royalglow/booking/internal/database"
)

// Open returns a new SQLite database with the tables, which is closed and removed when the test ends.
func Open(tb testing.TB, tables database.Tables) *database.DB {
	tb.Helper()
	return Reopen(tb, filepath.Join(tb.TempDir(), "test.db"), tables)
}

// OpenPostgres returns a new PostgreSQL database with the tables, which is closed and dropped when the test ends. It is a copy of one
// that has been migrated. Without PostgreSQL the test is skipped, with CI=true it fails. TestMain must use Main.
func OpenPostgres(tb testing.TB, tables database.Tables) *database.DB {
	tb.Helper()
	return Reopen(tb, sharedServer(tb).migrated(tb, tables), tables)
}

// OpenKind is Open or OpenPostgres.
func OpenKind(tb testing.TB, kind database.Kind, tables database.Tables) *database.DB {
	tb.Helper()
	switch kind {
	case database.SQLite:
		return Open(tb, tables)
	case database.PostgreSQL:
		return OpenPostgres(tb, tables)
	}
	tb.Fatalf("no database of %v", kind)
	return nil
}

// Reopen opens the database at a place, which a test may have closed before.
func Reopen(tb testing.TB, where string, tables database.Tables) *database.DB {
	tb.Helper()
	db, err := database.Open(tb.Context(), where, tables)
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

// Kinds are all kinds of databases.
func Kinds() []database.Kind { return []database.Kind{database.SQLite, database.PostgreSQL} }

// Each runs a test over a new database of each kind, as sub-tests "sqlite" and "postgres".
func Each(t *testing.T, tables database.Tables, test func(t *testing.T, db *database.DB)) {
	t.Helper()
	for _, kind := range Kinds() {
		t.Run(kind.String(), func(t *testing.T) { test(t, OpenKind(t, kind, tables)) })
	}
}

// Place returns where a test can open a new database that has no tables yet: a path in a folder of the test, or a URL.
func Place(tb testing.TB, kind database.Kind) string {
	tb.Helper()
	if kind == database.PostgreSQL {
		return sharedServer(tb).Create(tb)
	}
	return filepath.Join(tb.TempDir(), "test.db")
}

// EachPlace runs a test over a place of each kind, for tests that open the database themselves.
func EachPlace(t *testing.T, test func(t *testing.T, where string)) {
	t.Helper()
	for _, kind := range Kinds() {
		t.Run(kind.String(), func(t *testing.T) { test(t, Place(t, kind)) })
	}
}
