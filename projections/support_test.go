package projections_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
	"github.com/royalglow/booking/migrations"
	"github.com/royalglow/booking/projections"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const storeID = "store-of-this-test"

// openDB returns an empty engine database that the test closes.
func openDB(tb testing.TB) *database.DB {
	tb.Helper()
	tables, err := migrations.Engine()
	if err != nil {
		tb.Fatal(err)
	}
	db, err := database.Open(tb.Context(), filepath.Join(tb.TempDir(), "engine.db"), tables)
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
