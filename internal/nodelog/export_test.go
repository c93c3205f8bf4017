package nodelog

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/royalglow/booking/internal/esdbnode/nodetest"
	"github.com/royalglow/booking/internal/eventstore"
)

// Drain drains the log as if it had so many events.
func Drain(ctx context.Context, l *Log, events int) error {
	other := *l
	other.Events = events
	return other.drain(ctx)
}

// Empty is the store of a node without events.
func Empty(tb testing.TB) *eventstore.Store {
	tb.Helper()
	dir, err := os.MkdirTemp("", "log") //nolint:usetesting // a socket's path is short by nature
	check(tb, err)
	tb.Cleanup(func() { _ = os.RemoveAll(dir) })
	nodetest.ServeSocket(tb, filepath.Join(dir, "data"), filepath.Join(dir, "s"))
	store, err := eventstore.Open(eventstore.Config{Socket: filepath.Join(dir, "s")})
	check(tb, err)
	tb.Cleanup(func() { check(tb, store.Close()) })
	return store
}
