package main

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/migrations"
)

// TestAnEventStoreThatWasPutBackIsRefused restores the embedded node alone, and lets it grow past where it was before the
// databases see it again. Going on would leave acknowledged bookings out of the read models and off the wire.
func TestAnEventStoreThatWasPutBackIsRefused(t *testing.T) {
	t.Parallel()
	dir, backup, grown, planned := t.TempDir(), t.TempDir(), t.TempDir(), t.TempDir()
	node := filepath.Join(dir, "eventstore")
	on := func(dir string) func(*Config) { return func(c *Config) { c.DataDir = dir } }
	book := func(t *testing.T, dir string, salon bool, hours ...int) {
		t.Helper()
		e := startEngine(t, on(dir), nil)
		if salon {
			e.openSalon(t)
		}
		for _, hour := range hours {
			e.call(t, customer("usr_customer001"), http.MethodPost, "/api/bookings", wish("stf_memberX1", hour)).want(t, http.StatusCreated)
		}
	}
	ok := t.Run("fill", func(t *testing.T) { book(t, dir, true, 8) }) // a run of its own stops its engine
	copyFolder(t, node, backup)
	ok = ok && t.Run("go on", func(t *testing.T) { book(t, dir, false, 9, 10) })
	if !ok {
		return
	}
	putBack := func(from string) {
		t.Helper()
		if err := os.RemoveAll(node); err != nil {
			t.Fatal(err)
		}
		copyFolder(t, from, node)
	}
	refused := func(what string, flags ...string) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), startLimit) // an engine that starts is stopped again
		defer cancel()
		args := append([]string{"serve", "-data", dir, "-listen", "127.0.0.1:0", "-log-level", "warn"}, flags...)
		got := runProgram(ctx, t, map[string]string{"SESSION_SECRET": childSecret}, args...)
		if got.code != exitFailed || !strings.Contains(got.stderr, "put back to an older state") || strings.Count(got.stderr, "\n") != 1 {
			t.Errorf("%s: exit %d, %q", what, got.code, got.stderr)
		}
	}
	putBack(backup)
	refused("an older log")

	// Another engine lets the restored log grow.
	copyFolder(t, backup, filepath.Join(grown, "eventstore"))
	if !t.Run("grow", func(t *testing.T) { book(t, grown, false, 11, 12, 13, 14, 15) }) {
		return
	}
	putBack(filepath.Join(grown, "eventstore"))
	refused("an older log that has grown")

	// The databases are of the backup's time as well; only the publisher's knows of a plan that the log does not hold.
	copyFolder(t, backup, filepath.Join(planned, "eventstore"))
	if !t.Run("begin", func(t *testing.T) { book(t, planned, false, 16) }) {
		return
	}
	planAhead(t, planned)
	dir = planned
	refused("a plan beyond the log", "-ably-private-key", "app.key:secret", "-ably-endpoint", "127.0.0.1:1")
}

// planAhead writes a plan that reaches far beyond the log, as an engine does whose store is put back while it publishes.
func planAhead(t *testing.T, dir string) {
	t.Helper()
	engine, err := database.Open(t.Context(), filepath.Join(dir, "engine.db"), migrations.Engine)
	if err != nil {
		t.Fatal(err)
	}
	outbox, err := database.Open(t.Context(), filepath.Join(dir, "publisher.db"), migrations.Publisher)
	if err != nil {
		t.Fatal(err)
	}
	var store string
	if err := engine.Read.QueryRowContext(t.Context(), `SELECT store_id FROM checkpoints LIMIT 1`).Scan(&store); err != nil {
		t.Fatal(err)
	}
	for _, insert := range []string{
		`INSERT INTO checkpoints (name, store_id, position) VALUES ('publisher', ?, 1)`,
		`INSERT INTO plans (name, store_id, after_position, up_to, planned_at) VALUES ('publisher', ?, 1, 1000000000, '2026-01-01 00:00:00')`,
	} {
		if _, err := outbox.Write.ExecContext(t.Context(), insert, store); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(engine.Close(), outbox.Close()); err != nil {
		t.Fatal(err)
	}
}

func copyFolder(t *testing.T, from, to string) {
	t.Helper()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
}
