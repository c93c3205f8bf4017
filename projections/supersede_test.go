package projections_test

import (
	"context"
	"testing"
	"time"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/projections"
)

// TestWhatOlderVersionsLeaveIsRemoved: not before the time for a rollback is over, nor while somebody runs the older version, who
// finds nothing afterwards and begins anew.
func TestWhatOlderVersionsLeaveIsRemoved(t *testing.T) {
	t.Parallel()
	h := requested(t)
	db := openDB(t)
	l := newLog(h.events...)
	old := models(db)
	if err := old.Install(t.Context()); err != nil {
		t.Fatal(err)
	}
	stop := run(t, old, l)
	reaches(t, old, h.position)
	rebuild(t, old.Bookings, projections.Rebuild{}) // so that there are two generations
	stop()
	leased(t, db, "another", time.Now().Add(time.Hour))

	next := unhurried(db) // by the real clock
	next.Bookings.SetVersion(projections.BookingsVersion + 1)
	if err := next.Install(t.Context()); err != nil {
		t.Fatal(err)
	}
	runRetaining(t, next, l, time.Hour, func() {
		built(t, next.Bookings, 1)
		looked(t, next.Bookings)
		if left(t, db) != 2 {
			t.Error("the older version is gone at once")
		}
	})
	runRetaining(t, next, l, time.Nanosecond, func() {
		looked(t, next.Bookings)
		if left(t, db) != 2 {
			t.Error("the older version is gone while it runs")
		}
		leased(t, db, "another", time.Now().Add(-time.Second))
		until(t, "the end of the older version", func() bool { return left(t, db) == 0 && versions(t, db) == 1 })
	})

	again := models(db)
	if err := again.Install(t.Context()); err != nil {
		t.Fatal(err)
	}
	run(t, again, l)
	reaches(t, again, h.position)
	if card, _, err := again.Queries().BookingByID(t.Context(), first, h.position); err != nil || card.ID != first {
		t.Errorf("%+v, %v", card, err)
	}
}

// looked waits until the one who runs a read model has looked at the database twice from now on.
func looked(tb testing.TB, p *projections.Projection) {
	tb.Helper()
	if err := p.Pause(tb.Context(), "looked"); err != nil {
		tb.Fatal(err)
	}
	until(tb, "the pause", func() bool { return status(tb, p).State == "paused" })
	if err := p.Resume(tb.Context()); err != nil {
		tb.Fatal(err)
	}
}

func runRetaining(tb testing.TB, m *projections.Models, l *logSource, retain time.Duration, meanwhile func()) {
	tb.Helper()
	ctx, cancel := context.WithCancel(tb.Context())
	done := make(chan error, 1)
	go func() {
		done <- m.Run(ctx, projections.Running{Source: l, Owner: tb.Name(), Exclusive: true, Retain: retain})
	}()
	defer func() {
		cancel()
		if err := <-done; err != nil {
			tb.Error(err)
		}
	}()
	meanwhile()
}

// leased makes it look as if somebody ran the first version of the cards.
func leased(tb testing.TB, db *database.DB, owner string, until time.Time) {
	tb.Helper()
	if _, err := db.Write.ExecContext(tb.Context(), "UPDATE leases SET owner = ?, expires_at = ? WHERE name = 'bookings_v2'",
		owner, until.UnixMicro()); err != nil {
		tb.Fatal(err)
	}
}

// left counts the tables of cards of the first version.
func left(tb testing.TB, db *database.DB) (n int) {
	tb.Helper()
	for _, table := range []string{"bookings_v2_g1", "bookings_v2_g2"} {
		if _, err := db.Read.ExecContext(tb.Context(), "SELECT 1 FROM "+table+" WHERE false"); err == nil {
			n++
		}
	}
	return n
}

// versions counts the versions of cards.
func versions(tb testing.TB, db *database.DB) (n int) {
	tb.Helper()
	if err := db.Read.QueryRowContext(tb.Context(), "SELECT COUNT(*) FROM projections WHERE name = 'bookings'").Scan(&n); err != nil {
		tb.Fatal(err)
	}
	return n
}
