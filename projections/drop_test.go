package projections_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/projections"
)

// slicer is a query hook that counts the slices of a drop, and breaks it off after some.
type slicer struct {
	after  int // zero: never
	cancel context.CancelFunc
	seen   int
}

func (*slicer) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context { return ctx }

func (s *slicer) AfterQuery(_ context.Context, e *bun.QueryEvent) {
	if strings.HasPrefix(e.Query, "DELETE FROM bookings_v2_g1") {
		if s.seen++; s.seen == s.after {
			s.cancel()
		}
	}
}

// TestADropGoesOnWhereItWasBrokenOff: it is done in small transactions, so that nobody has to wait for it long, and may end after any.
func TestADropGoesOnWhereItWasBrokenOff(t *testing.T) {
	t.Parallel()
	db, _ := busy(t)
	rows := func() (n int) {
		t.Helper()
		if err := db.Read.NewRaw("SELECT count(*) FROM bookings_v2_g1").Scan(t.Context(), &n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := rows()
	if _, err := db.Write.ExecContext(t.Context(), "UPDATE generations SET state = 'dropped'"); err != nil {
		t.Fatal(err)
	}
	drop := func(after int) (*slicer, error) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		s := &slicer{after: after, cancel: cancel}
		sliced := *db
		sliced.Write = db.Write.WithQueryHook(s)
		return s, projections.Drop(ctx, models(&sliced).Bookings, 1)
	}
	if db.Kind() == database.SQLite {
		if _, err := drop(3); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		if left := rows(); left == 0 || left >= before {
			t.Errorf("of %d rows %d are left", before, left)
		}
	}
	s, err := drop(0)
	if err != nil {
		t.Fatal(err)
	}
	if db.Kind() == database.SQLite && s.seen < 5 {
		t.Errorf("%d rows went in %d slices", before, s.seen)
	}
	if err := db.Read.NewRaw("SELECT count(*) FROM bookings_v2_g1").Scan(t.Context(), new(int)); err == nil {
		t.Error("the table is still there")
	}
	// As after a crash between the tables and the note of it.
	if _, err := db.Write.ExecContext(t.Context(), "UPDATE generations SET dropped = 0 WHERE name = 'bookings'"); err != nil {
		t.Fatal(err)
	}
	if _, err := drop(0); err != nil {
		t.Error(err)
	}
}

// TestADropWaitsForNoReader: as long as somebody reads a table it stays, and nobody who folds or reads waits for that.
func TestADropWaitsForNoReader(t *testing.T) {
	t.Parallel()
	db := interleaved(t)
	if db == nil {
		return
	}
	h, rest := twoGenerations(t, db)
	m := models(db)
	if _, err := db.Write.ExecContext(t.Context(), `UPDATE generations SET state = 'dropped' WHERE name = 'bookings' AND generation = 1`); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Write.ExecContext(t.Context(), `UPDATE projections SET previous = NULL`); err != nil {
		t.Fatal(err)
	}
	reading, letGo := make(chan struct{}), make(chan struct{})
	read := begin(func() error {
		return db.Snapshot(t.Context(), func(ctx context.Context, tx bun.Tx) error {
			var n int
			err := tx.NewRaw("SELECT count(*) FROM bookings_v2_g1").Scan(ctx, &n)
			close(reading)
			<-letGo
			return err
		})
	})
	<-reading
	dropped := begin(func() error { return projections.Drop(t.Context(), m.Bookings, 1) })
	waiting(t, db, 1)
	if err := m.Bookings.Handle(t.Context(), batch(rest)); err != nil || status(t, m.Bookings).Position != h.position {
		t.Errorf("%v, %+v", err, status(t, m.Bookings))
	}
	if err := <-dropped; err == nil || !strings.Contains(err.Error(), "55P03") {
		t.Errorf("the drop ends with %v", err)
	}
	close(letGo)
	if err := <-read; err != nil {
		t.Fatal(err)
	}
	if err := projections.Drop(t.Context(), m.Bookings, 1); err != nil {
		t.Error(err)
	}
}

// TestGenerationsThatAreGoneAreForgotten, but for the last ones: an owner looks through all of them twice a second.
func TestGenerationsThatAreGoneAreForgotten(t *testing.T) {
	t.Parallel()
	db, m, _ := settled(t, requested(t))
	_, err := db.Write.ExecContext(t.Context(), `INSERT INTO generations SELECT g.name, g.version, g.generation + n.n, 'failed', g.requested_at,
		g.requested_by, g.budget_us, g.forced, g.events, g.busy_us, g.finished_at, g.verified, g.hash, 'too bad', g.rewritten, 1, NULL, 0, 0, 0
		FROM generations AS g CROSS JOIN (WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 500) SELECT n FROM n) AS n
		WHERE g.name = 'bookings'`)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Write.ExecContext(t.Context(), "UPDATE projections SET last = 501 WHERE name = 'bookings'"); err != nil {
		t.Fatal(err)
	}
	p := m.Bookings
	for _, generation := range []int64{502, 503} {
		if b := rebuild(t, p, projections.Rebuild{}); !b.Swapped || b.Generation != generation {
			t.Fatalf("%+v", b)
		}
	}
	until(t, "the first generation and most of the others are forgotten", func() bool {
		var n int
		if err := db.Read.NewRaw("SELECT count(*) FROM generations WHERE name = 'bookings'").Scan(t.Context(), &n); err != nil {
			t.Fatal(err)
		}
		return n < 110
	})
	if b, err := p.Build(t.Context(), 501); err != nil || b.Error != "too bad" {
		t.Errorf("%+v, %v", b, err)
	}
	if s := status(t, p); s.Generation != 503 || s.Previous != 502 {
		t.Errorf("%+v", s)
	}
}
