package projections_test

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/uptrace/bun"
	"go.uber.org/goleak"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/database/databasetest"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
	"github.com/royalglow/booking/migrations"
	"github.com/royalglow/booking/projections"
)

// TestMain lets the test binary be the program that a test kills.
func TestMain(m *testing.M) {
	if os.Getenv(killedPlace) != "" {
		os.Exit(beKilled(context.Background()))
	}
	goleak.VerifyTestMain(databasetest.Main(m))
}

const storeID = "store-of-this-test"

// empty is an engine database without rows, of each kind.
var empty = map[database.Kind]*databasetest.Template{
	database.SQLite:     {Kind: database.SQLite, Tables: migrations.Engine, Fill: install},
	database.PostgreSQL: {Kind: database.PostgreSQL, Tables: migrations.Engine, Fill: install},
}

func install(tb testing.TB, db *database.DB) {
	tb.Helper()
	if err := models(db).Install(tb.Context()); err != nil {
		tb.Fatal(err)
	}
}

// openDB returns an empty engine database, of the kind that these tests run over, that the test closes.
func openDB(tb testing.TB) *database.DB {
	tb.Helper()
	return openKind(tb, kind())
}

func openKind(tb testing.TB, k database.Kind) *database.DB {
	tb.Helper()
	return hasty(tb, empty[k].Open(tb))
}

// hasty lets a database not wait for the disk: these tests crash transactions, not machines. The PostgreSQL of the tests never does.
func hasty(tb testing.TB, db *database.DB) *database.DB {
	tb.Helper()
	if db.Kind() == database.SQLite {
		if _, err := db.Write.ExecContext(tb.Context(), "PRAGMA synchronous = OFF"); err != nil {
			tb.Fatal(err)
		}
	}
	return db
}

// models returns read models over db whose clock stands where the histories begin.
func models(db *database.DB) *projections.Models {
	return projections.New(projections.Config{
		DB: db, StoreID: storeID, Wait: 50 * time.Millisecond, Now: monday,
	})
}

// project folds events into every read model in one batch.
func project(tb testing.TB, m *projections.Models, events []eventstore.Recorded) {
	tb.Helper()
	projectWithin(tb.Context(), tb, m, events)
}

func projectWithin(ctx context.Context, tb testing.TB, m *projections.Models, events []eventstore.Recorded) {
	tb.Helper()
	for _, h := range m.Handlers() {
		if err := h.Handle(ctx, batch(events)); err != nil {
			tb.Fatal(err)
		}
	}
}

func batch(events []eventstore.Recorded) subscription.Batch {
	b := subscription.Batch{Events: events, Live: true}
	if n := len(events); n > 0 {
		b.Position = events[n-1].Position
	}
	return b
}

// queries returns the queries over a fresh database into which the history is folded.
func queries(tb testing.TB, h *history) *projections.Queries {
	tb.Helper()
	m := models(openDB(tb))
	project(tb, m, h.events)
	return m.Queries()
}

// nothing is a read that only waits.
func nothing(context.Context, bun.Tx, projections.Snapshot) error { return nil }
