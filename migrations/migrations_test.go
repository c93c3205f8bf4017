package migrations_test

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/uptrace/bun/migrate"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/migrations"
)

// TestEachSetGivesItsTables applies both sets to files of their own, twice: the second time finds nothing to do.
func TestEachSetGivesItsTables(t *testing.T) {
	sets := []struct {
		name   string
		load   func() (*migrate.Migrations, error)
		expect []string // at least
	}{
		{"engine", migrations.Engine, []string{
			"checkpoints", "bookings_v1", "schedule_slots_v1", "leaves_v1", "branches_v1", "customers_v1", "directory",
		}},
		{"publisher", migrations.Publisher, []string{"checkpoints"}},
	}
	for _, set := range sets {
		t.Run(set.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), set.name+".db")
			for range 2 {
				have := tablesAfter(t, path, set.load)
				for _, table := range set.expect {
					if !slices.Contains(have, table) {
						t.Errorf("no table %s in %q", table, have)
					}
				}
			}
		})
	}
}

func tablesAfter(t *testing.T, path string, load func() (*migrate.Migrations, error)) (names []string) {
	t.Helper()
	tables, err := load()
	if err != nil {
		t.Fatal(err)
	}
	db, err := database.Open(t.Context(), path, tables)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // the test has read what it wants to know
	err = db.Read.NewSelect().ColumnExpr("name").TableExpr("sqlite_master").Where("type = 'table'").
		Scan(t.Context(), &names)
	if err != nil {
		t.Fatal(err)
	}
	return names
}
