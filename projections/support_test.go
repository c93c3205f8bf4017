package projections_test

import (
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
func openDB(t testing.TB) *database.DB {
	t.Helper()
	tables, err := migrations.Engine()
	if err != nil {
		t.Fatal(err)
	}
	db, err := database.Open(t.Context(), filepath.Join(t.TempDir(), "engine.db"), tables)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
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
func project(t testing.TB, m *projections.Models, events []eventstore.Recorded) {
	t.Helper()
	for _, h := range m.Handlers() {
		if err := h.Handle(t.Context(), batch(events)); err != nil {
			t.Fatal(err)
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
func queries(t testing.TB, h *history) *projections.Queries {
	t.Helper()
	m := models(openDB(t))
	project(t, m, h.events)
	return m.Queries()
}
