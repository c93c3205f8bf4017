package projections_test

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/database/databasetest"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
	"github.com/royalglow/booking/migrations"
	"github.com/royalglow/booking/projections"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(databasetest.Main(m)) }

const storeID = "store-of-this-test"

// empty is an engine database without rows. Making its tables takes longer than most of these tests, so it is done once and
// copied.
var empty = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "projections")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // nothing depends on it
	path := filepath.Join(dir, "engine.db")
	db, err := database.Open(context.Background(), path, migrations.Engine)
	if err != nil {
		return nil, err
	}
	if err := models(db).Install(context.Background()); err != nil {
		return nil, err
	}
	if err := db.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// openDB returns an empty engine database that the test closes. It does not wait for the disk: these tests crash
// transactions, not machines.
func openDB(tb testing.TB) *database.DB {
	tb.Helper()
	content, err := empty()
	if err != nil {
		tb.Fatal(err)
	}
	return openCopy(tb, content)
}

// openCopy opens a database of its own that begins as a file with the given content.
func openCopy(tb testing.TB, content []byte) *database.DB {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "engine.db")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		tb.Fatal(err)
	}
	db, err := database.Open(tb.Context(), path, migrations.Engine)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := db.Close(); err != nil {
			tb.Error(err)
		}
	})
	if _, err := db.Write.ExecContext(tb.Context(), "PRAGMA synchronous = OFF"); err != nil {
		tb.Fatal(err)
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
