package database_test

import (
	"path/filepath"
	"testing"

	"github.com/royalglow/booking/internal/database"
)

func TestMigratingAgainChangesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "engine.db")
	add(t, open(t, path), "kept")
	for range 2 {
		if n := count(t.Context(), t, open(t, path).Read); n != 1 {
			t.Fatalf("%d rows", n)
		}
	}
}

func TestALaterMigrationIsAppliedToAnOldFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "engine.db")
	add(t, open(t, path), "kept")
	db, err := database.Open(t.Context(), path, tables(t, map[string]string{notes: notesSQL, labels: labelsSQL}))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // the reads below have shown what matters
	var n int
	if err := db.Read.QueryRowContext(t.Context(), "SELECT count(*) FROM labels").Scan(&n); err != nil || n != 2 {
		t.Errorf("%d labels, %v", n, err)
	}
	if n := count(t.Context(), t, db.Read); n != 1 {
		t.Errorf("%d notes", n)
	}
}

func TestAMigrationThatFailsIsDoneAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "engine.db")
	broken := labelsSQL + " INSERT INTO missing VALUES (1);"
	if _, err := database.Open(t.Context(), path, tables(t, map[string]string{notes: notesSQL, labels: broken})); err == nil {
		t.Fatal("a broken migration has passed")
	}
	// Nothing of it is left, so that the repaired one applies.
	db, err := database.Open(t.Context(), path, tables(t, map[string]string{notes: notesSQL, labels: labelsSQL}))
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

func TestAFolderIsNoDatabase(t *testing.T) {
	if _, err := database.Open(t.Context(), t.TempDir(), tables(t, map[string]string{notes: notesSQL})); err == nil {
		t.Error("opened a folder")
	}
}
