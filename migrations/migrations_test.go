package migrations_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/uptrace/bun"
	"go.uber.org/goleak"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/database/databasetest"
	"github.com/royalglow/booking/migrations"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(databasetest.Main(m)) }

// sets are the two sets, with tables that each must have at least.
func sets() map[string]struct {
	tables database.Tables
	expect []string
} {
	return map[string]struct {
		tables database.Tables
		expect []string
	}{
		"engine":    {migrations.Engine, []string{"checkpoints", "leases", "generations", "keys", "directory", "settings"}},
		"publisher": {migrations.Publisher, []string{"checkpoints", "leases", "plans", "deliveries"}},
	}
}

// TestEachSetGivesItsTables applies both sets to databases of their own, twice: the second time finds nothing to do.
func TestEachSetGivesItsTables(t *testing.T) {
	t.Parallel()
	for name, set := range sets() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			databasetest.EachPlace(t, func(t *testing.T, where string) {
				for round := range 2 {
					db, err := database.Open(t.Context(), where, set.tables)
					if err != nil {
						t.Fatal(err)
					}
					if applied := db.Applied(); (len(applied) > 0) != (round == 0) {
						t.Errorf("round %d applied %q", round, applied)
					}
					have := slices.Collect(maps.Keys(shape(t, db)))
					if err := db.Close(); err != nil {
						t.Error(err)
					}
					for _, table := range set.expect {
						if !slices.Contains(have, table) {
							t.Errorf("no table %s in %q", table, have)
						}
					}
				}
			})
		})
	}
}

// TestBothKindsHaveTheSameTables compares what is there after all migrations: columns with types and nullability, keys and indexes.
func TestBothKindsHaveTheSameTables(t *testing.T) {
	t.Parallel()
	for name, set := range sets() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file, server := databasetest.Open(t, set.tables), databasetest.OpenPostgres(t, set.tables)
			if diff := cmp.Diff(shape(t, file), shape(t, server)); diff != "" {
				t.Errorf("SQLite's (-) and PostgreSQL's (+) differ:\n%s", diff)
			}
		})
	}
}

// TestTheComparisonObjects changes one thing at a time on PostgreSQL.
func TestTheComparisonObjects(t *testing.T) {
	t.Parallel()
	want := shape(t, databasetest.Open(t, migrations.Engine))
	db := databasetest.OpenPostgres(t, migrations.Engine)
	for _, change := range []string{
		`ALTER TABLE leases ALTER owner DROP NOT NULL`,
		`ALTER TABLE leases ADD also TEXT`,
		`ALTER TABLE leases ALTER term TYPE INTEGER`,
		`ALTER TABLE keys DROP CONSTRAINT keys_pkey`,
		`DROP INDEX keys_subject`,
		`DROP INDEX calendars_owner; CREATE INDEX calendars_owner ON calendars (owner)`,
		`DROP INDEX claim_keeper_claims_due; CREATE INDEX claim_keeper_claims_due ON claim_keeper_claims (due_at)`,
		`ALTER TABLE directory ALTER id TYPE TEXT COLLATE "default"`,
		`DROP TABLE settings`,
	} {
		tx, err := db.Write.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.ExecContext(t.Context(), change); err != nil {
			t.Fatal(err)
		}
		if cmp.Equal(want, serverShape(t.Context(), t, tx)) {
			t.Errorf("not noticed: %s", change)
		}
		if err := tx.Rollback(); err != nil {
			t.Fatal(err)
		}
	}
}

// table is what a table looks like, in words that both kinds share.
type table struct {
	Columns []string // name, type, and whether a value may be missing
	Key     []string // columns of the primary key
	Indexes []string
}

func shape(t *testing.T, db *database.DB) map[string]table {
	t.Helper()
	var all map[string]table
	err := db.Snapshot(t.Context(), func(ctx context.Context, tx bun.Tx) error {
		if db.Kind() == database.PostgreSQL {
			all = serverShape(ctx, t, tx)
		} else {
			all = fileShape(ctx, t, tx)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	maps.DeleteFunc(all, func(name string, _ table) bool {
		return strings.HasPrefix(name, "bun_") || strings.HasPrefix(name, "sqlite_")
	})
	return all
}
