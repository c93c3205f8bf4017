package main

import (
	"database/sql"
	"net/http"
	"path/filepath"
	"testing"
)

// TestAnEngineThatCannotReadItsLogIsFound: an event that no consumer can decode halts the keepers and the read models from the start.
// The engine is not ready, and the operator's commands find it all the same and tell why.
func TestAnEngineThatCannotReadItsLogIsFound(t *testing.T) {
	t.Parallel()
	dir := filledFolder(t)
	spoilLog(t, dir)
	onFolder(t, dir, func(t *testing.T, e *runningEngine) {
		t.Helper()
		for _, name := range []string{"bookings", "timeline"} {
			if s := statusOf(t, dir, name); s.State != "halted" || s.Halt == nil {
				t.Errorf("%s: %+v", name, s)
			}
		}
		e.callWith(t, "", http.MethodGet, "/readyz", nil).want(t, http.StatusServiceUnavailable)
	})
}

// spoilLog adds an event whose data is not what its type says to the log of a stopped engine.
func spoilLog(t *testing.T, dir string) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, "eventstore", "events.db"))
	if err != nil {
		t.Fatal(err)
	}
	const spoilt = `INSERT INTO events (position, stream, revision, id, kind, json, created, data, metadata)
		SELECT max(position) + 100, 'booking-bkg_000000', 0, randomblob(16), 'booking.requested', 1, max(created), '{"bookingId":7}', '{}' FROM events`
	if _, err := db.ExecContext(t.Context(), spoilt); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}
