package database_test

import (
	"context"
	"testing"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/database/databasetest"
)

// TestScrubTakesDeletedRowsOutOfTheTable, and says so when a reader of before keeps it from that.
func TestScrubTakesDeletedRowsOutOfTheTable(t *testing.T) {
	db := open(t, databasetest.Place(t, database.PostgreSQL))
	run := func(statement string) {
		t.Helper()
		if _, err := db.Write.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	dead := func() (n int) {
		t.Helper()
		if err := db.Read.QueryRowContext(t.Context(), "SELECT dead_tuple_count FROM pgstattuple('notes')").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	scrub := func() bool {
		t.Helper()
		ok, err := db.Scrub(t.Context(), "notes")
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
	run("CREATE EXTENSION pgstattuple")
	add(t, db, "kept")
	add(t, db, "to be deleted")
	err := db.Snapshot(t.Context(), func(ctx context.Context, tx bun.Tx) error {
		_ = count(ctx, t, tx)
		run("DELETE FROM notes WHERE text = 'to be deleted'")
		if scrub() || dead() != 1 {
			t.Errorf("beside an older reader: %d dead rows", dead())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if !scrub() || dead() != 0 || count(t.Context(), t, db.Read) != 1 {
		t.Errorf("%d dead rows, %d others", dead(), count(t.Context(), t, db.Read))
	}
}
