package database_test

import (
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	"github.com/uptrace/bun/migrate"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/database/databasetest"
)

func TestMigratingAgainChangesNothing(t *testing.T) {
	databasetest.EachPlace(t, func(t *testing.T, path string) {
		add(t, open(t, path), "kept")
		for range 2 {
			if n := count(t.Context(), t, open(t, path).Read); n != 1 {
				t.Fatalf("%d rows", n)
			}
		}
	})
}

func TestALaterMigrationIsAppliedToAnOldDatabase(t *testing.T) {
	databasetest.EachPlace(t, func(t *testing.T, path string) {
		add(t, open(t, path), "kept")
		db, err := database.Open(t.Context(), path, tables(map[string]string{notes: notesSQL, labels: labelsSQL}))
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
	})
}

func TestAMigrationThatFailsIsDoneAgain(t *testing.T) {
	databasetest.EachPlace(t, func(t *testing.T, path string) {
		broken := labelsSQL + " INSERT INTO missing VALUES (1);"
		if _, err := database.Open(t.Context(), path, tables(map[string]string{notes: notesSQL, labels: broken})); err == nil {
			t.Fatal("a broken migration has passed")
		}
		// Nothing of it is left, so that the repaired one applies.
		db, err := database.Open(t.Context(), path, tables(map[string]string{notes: notesSQL, labels: labelsSQL}))
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestAFolderIsNoDatabase(t *testing.T) {
	if _, err := database.Open(t.Context(), t.TempDir(), noted()); err == nil {
		t.Error("opened a folder")
	}
}

// TestAMigrationAndItsMarkAreOne refuses the mark after the migration's SQL has run, as a crash at that moment would. A
// folder of which only the SQL was kept would never start again.
func TestAMigrationAndItsMarkAreOne(t *testing.T) {
	databasetest.EachPlace(t, func(t *testing.T, path string) {
		both := map[string]string{notes: notesSQL, labels: labelsSQL}
		db := open(t, path)
		run := func(statement string) {
			t.Helper()
			if _, err := db.Write.ExecContext(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
		crash, repair := `CREATE TRIGGER crash BEFORE INSERT ON bun_migrations BEGIN SELECT RAISE(ABORT, 'the power is gone'); END`, ``
		if db.Kind() == database.PostgreSQL {
			run(`CREATE FUNCTION crash() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'the power is gone'; END $$`)
			crash, repair = `CREATE TRIGGER crash BEFORE INSERT ON bun_migrations EXECUTE FUNCTION crash()`, ` ON bun_migrations`
		}
		run(crash)
		if _, err := database.Open(t.Context(), path, tables(both)); err == nil || !strings.Contains(err.Error(), "power is gone") {
			t.Fatalf("the crash did not happen: %v", err)
		}
		run(`DROP TRIGGER crash` + repair)
		again, err := database.Open(t.Context(), path, tables(both))
		if err != nil {
			t.Fatalf("after the crash: %v", err)
		}
		defer again.Close() //nolint:errcheck // the read below has shown what matters
		var n int
		if err := again.Read.QueryRowContext(t.Context(), "SELECT count(*) FROM labels").Scan(&n); err != nil || n != 2 {
			t.Errorf("%d labels, %v", n, err)
		}
	})
}

// TestWhatBunHasMarkedIsKnown opens a file whose tables bun's own migrator has made.
func TestWhatBunHasMarkedIsKnown(t *testing.T) {
	path := filepath.Join(t.TempDir(), "engine.db")
	raw, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	set, err := noted()(database.SQLite)
	if err != nil {
		t.Fatal(err)
	}
	m := migrate.NewMigrator(bun.NewDB(raw, sqlitedialect.New()), set)
	if err := m.Init(t.Context()); err != nil {
		t.Fatal(err)
	}
	if group, err := m.Migrate(t.Context()); err != nil || len(group.Migrations) != 1 {
		t.Fatalf("bun applied %v, %v", group, err)
	}
	if err := raw.Close(); err != nil {
		t.Fatal(err)
	}
	add(t, open(t, path), "kept")
}

func TestADatabaseOfANewerProgramIsRefused(t *testing.T) {
	databasetest.EachPlace(t, func(t *testing.T, path string) {
		newer, err := database.Open(t.Context(), path, tables(map[string]string{notes: notesSQL, labels: labelsSQL}))
		if err != nil {
			t.Fatal(err)
		}
		if err := newer.Close(); err != nil {
			t.Fatal(err)
		}
		_, err = database.Open(t.Context(), path, noted())
		refused, ok := errors.AsType[*database.NewerSchemaError](err)
		if !ok || refused.Path == "" || strings.Contains(refused.Path, "postgres@") || refused.Migration != "20260101000002" || strings.Contains(err.Error(), "\n") {
			t.Errorf("opened by an older program: %v", err)
		}
	})
}

func TestAMigrationOutsideATransactionIsRefused(t *testing.T) {
	databasetest.EachPlace(t, func(t *testing.T, path string) {
		loose := strings.Replace(labels, ".tx.", ".", 1)
		_, err := database.Open(t.Context(), path, tables(map[string]string{notes: notesSQL, loose: labelsSQL}))
		if err == nil || !strings.Contains(err.Error(), ".tx.up.sql") {
			t.Errorf("opened with %v", err)
		}
		if _, err := open(t, path).Write.ExecContext(t.Context(), "CREATE TABLE labels (name TEXT)"); err != nil {
			t.Errorf("something of it is there: %v", err)
		}
	})
}
