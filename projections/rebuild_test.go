package projections_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/projections"
)

// patience bounds how long these tests wait for what must come.
const longEnough = 60 * time.Second

// until polls a condition.
func until(tb testing.TB, what string, holds func() bool) {
	tb.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	end := time.After(longEnough)
	for !holds() {
		select {
		case <-tick.C:
		case <-end:
			tb.Fatalf("never: %s", what)
		}
	}
}

// run runs the read models until the test ends, or stop is called.
func run(tb testing.TB, m *projections.Models, l *logSource) (stop func()) {
	tb.Helper()
	ctx, cancel := context.WithCancel(tb.Context())
	done := make(chan error, 1)
	go func() { done <- m.Run(ctx, projections.Running{Source: l, Owner: tb.Name(), Exclusive: true}) }()
	stopped := false
	stop = func() {
		if !stopped {
			stopped = true
			cancel()
			if err := <-done; err != nil {
				tb.Error(err)
			}
		}
	}
	tb.Cleanup(stop)
	return stop
}

// reaches waits until the read models have come to a position.
func reaches(tb testing.TB, m *projections.Models, at eventstore.Position) {
	tb.Helper()
	until(tb, "the read models at the end of the log", func() bool {
		positions, err := m.Queries().Positions(tb.Context())
		if err != nil {
			tb.Fatal(err)
		}
		for _, p := range positions {
			if p < at {
				return false
			}
		}
		return true
	})
}

// built waits for the end of a build.
func built(tb testing.TB, p *projections.Projection, generation int64) (b projections.Build) {
	tb.Helper()
	until(tb, "the end of the build", func() bool {
		var err error
		if b, err = p.Build(tb.Context(), generation); err != nil {
			tb.Fatal(err)
		}
		return b.Over()
	})
	return b
}

func rebuild(tb testing.TB, p *projections.Projection, r projections.Rebuild) projections.Build {
	tb.Helper()
	generation, err := p.Rebuild(tb.Context(), r)
	if err != nil {
		tb.Fatal(err)
	}
	return built(tb, p, generation)
}

func status(tb testing.TB, p *projections.Projection) projections.Status {
	tb.Helper()
	s, err := p.Status(tb.Context(), func(context.Context, eventstore.Position) (time.Duration, error) { return 0, nil })
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// freshHash folds the log into a database of its own.
func freshHash(tb testing.TB, events []eventstore.Recorded) string {
	tb.Helper()
	db := openDB(tb)
	project(tb, models(db), events)
	return contentHash(tb, db)
}

// settled returns the database of read models that have folded a history, with its log and them running.
func settled(tb testing.TB, h *history) (*database.DB, *projections.Models, *logSource) {
	tb.Helper()
	db, l := openDB(tb), newLog(h.events...)
	m := models(db)
	run(tb, m, l)
	reaches(tb, m, h.position)
	return db, m, l
}

func TestARebuildEndsEqualAndGoesLive(t *testing.T) {
	t.Parallel()
	h := requested(t)
	h.confirm(first, nil)
	db, m, _ := settled(t, h)
	before := contentHash(t, db)
	for _, p := range m.All() {
		b := rebuild(t, p, projections.Rebuild{By: "usr_operator1"})
		if !b.Swapped || !b.Verified || b.Previous != 1 || b.Generation != 2 || b.Hash == "" || b.Error != "" {
			t.Errorf("%s: %+v", p.Name(), b)
		}
		if s := status(t, p); s.Generation != 2 || s.Previous != 1 || s.State != "live" {
			t.Errorf("%s: %+v", p.Name(), s)
		}
	}
	if contentHash(t, db) != before || before != freshHash(t, h.events) {
		t.Error("the rows differ")
	}
}

// TestBothGenerationsAreKeptUpToDate: a rollback is at once, and nothing is lost by it.
func TestBothGenerationsAreKeptUpToDate(t *testing.T) {
	t.Parallel()
	h := requested(t)
	db, m, l := settled(t, h)
	for _, p := range m.All() {
		rebuild(t, p, projections.Rebuild{})
	}
	known := len(h.events)
	h.confirm(first, nil)
	l.add(h.events[known:]...)
	reaches(t, m, h.position)
	want := freshHash(t, h.events)
	for _, generation := range []int64{1, 2} {
		if contentHash(t, db) != want {
			t.Error("the rows differ")
		}
		for _, p := range m.All() {
			if got, err := p.Rollback(t.Context()); err != nil || got != generation {
				t.Errorf("%s went to %d, %v", p.Name(), got, err)
			}
		}
	}
	// Only one is kept beside the one that is read.
	p := m.Bookings
	if b := rebuild(t, p, projections.Rebuild{}); b.Generation != 3 || b.Previous != 2 {
		t.Errorf("%+v", b)
	}
	until(t, "the oldest is dropped", func() bool {
		var n int
		err := db.Read.NewSelect().TableExpr("checkpoints").ColumnExpr("count(*)").Where("name = 'bookings_v2_g1'").Scan(t.Context(), &n)
		if err != nil {
			t.Fatal(err)
		}
		return n == 0
	})
}

func TestARollbackNeedsAnOlderGeneration(t *testing.T) {
	t.Parallel()
	_, m, _ := settled(t, requested(t))
	if _, err := m.Bookings.Rollback(t.Context()); !isRefusal(err, domain.Conflict, domain.CodeConflict) {
		t.Error(err)
	}
}

// TestARebuildWhoseRowsDifferDoesNotGoLive: somebody has to look at it first.
func TestARebuildWhoseRowsDifferDoesNotGoLive(t *testing.T) {
	t.Parallel()
	h := requested(t)
	db, m, _ := settled(t, h)
	if _, err := db.Write.ExecContext(t.Context(), "UPDATE bookings_v2_g1 SET reason = 'drifted'"); err != nil {
		t.Fatal(err)
	}
	b := rebuild(t, m.Bookings, projections.Rebuild{})
	if b.Swapped || b.Verified || b.State != projections.GenerationFailed ||
		!strings.Contains(b.Error, "bookings has the same 1 rows with other content") {
		t.Errorf("%+v", b)
	}
	if s := status(t, m.Bookings); s.Generation != 1 || s.Rebuild != nil {
		t.Errorf("%+v", s)
	}
	if b := rebuild(t, m.Bookings, projections.Rebuild{Force: true}); !b.Swapped || b.Verified || b.Error == "" {
		t.Errorf("%+v", b)
	}
	if contentHash(t, db) != freshHash(t, h.events) {
		t.Error("it is not what the log says")
	}
}

func TestOneRebuildAtATimeAndItCanBeCancelled(t *testing.T) {
	t.Parallel()
	h := requested(t)
	db, m, l := settled(t, h)
	hold := make(chan struct{})
	l.mu.Lock()
	l.hold = hold
	l.mu.Unlock()
	p := m.Bookings
	generation, err := p.Rebuild(t.Context(), projections.Rebuild{})
	if err != nil {
		t.Fatal(err)
	}
	if s := status(t, p); s.Rebuild == nil || s.Rebuild.Generation != generation || s.Rebuild.Previous != 1 || s.Rebuild.Swapped || s.Rebuild.Over() {
		t.Errorf("%+v", s.Rebuild)
	}
	if _, err := p.Rebuild(t.Context(), projections.Rebuild{}); !isRefusal(err, domain.Conflict, domain.CodeConflict) {
		t.Error(err)
	}
	if got, err := p.Cancel(t.Context(), "usr_operator1"); err != nil || got != generation {
		t.Errorf("%d, %v", got, err)
	}
	close(hold)
	if b := built(t, p, generation); b.Swapped || b.Error != "cancelled by usr_operator1" {
		t.Errorf("%+v", b)
	}
	if _, err := p.Cancel(t.Context(), ""); !isRefusal(err, domain.Conflict, domain.CodeConflict) {
		t.Error(err)
	}
	if b := rebuild(t, p, projections.Rebuild{}); !b.Swapped || b.Generation != generation+1 {
		t.Errorf("%+v", b)
	}
	if contentHash(t, db) != freshHash(t, h.events) {
		t.Error("the rows differ")
	}
}

// TestAPausedReadModelStaysWhereItIs, also across a restart, and a rebuild of it ends at the same position.
func TestAPausedReadModelStaysWhereItIs(t *testing.T) {
	t.Parallel()
	h := requested(t)
	db, l := openDB(t), newLog(h.events...)
	m := models(db)
	stop := run(t, m, l)
	reaches(t, m, h.position)
	paused := h.position
	if err := m.Bookings.Pause(t.Context(), "usr_operator1"); err != nil {
		t.Fatal(err)
	}
	until(t, "the pause", func() bool { return status(t, m.Bookings).State == "paused" })
	stop()
	m = models(db)
	run(t, m, l)
	<-m.Bookings.Settled()
	known := len(h.events)
	h.confirm(first, nil)
	l.add(h.events[known:]...)
	until(t, "the others", func() bool { return status(t, m.Timeline).Position == h.position })
	if b := rebuild(t, m.Bookings, projections.Rebuild{}); !b.Swapped || !b.Verified {
		t.Errorf("%+v", b)
	}
	if s := status(t, m.Bookings); s.Position != paused || s.State != "paused" || s.PausedBy != "usr_operator1" {
		t.Errorf("%+v", s)
	}
	if err := m.Bookings.Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	reaches(t, m, h.position)
	if contentHash(t, db) != freshHash(t, h.events) {
		t.Error("the rows differ")
	}
}

var errGarbled = errors.New("garbled")

// TestWhatHasHaltedIsRebuiltAsFarAsItCame: the event at which it stands still is in nobody's way, until somebody sets it aside.
func TestWhatHasHaltedIsRebuiltAsFarAsItCame(t *testing.T) {
	t.Parallel()
	h := requested(t)
	before := h.position
	h.confirm(first, nil)
	bad := h.events[len(h.events)-1]
	h.request("bkg_second1", rahul, koramangala, noon().AddDate(0, 0, 1), haircut, anita)
	db, l := openDB(t), newLog(h.events...)
	l.spoil(bad, errGarbled)
	m := models(db)
	run(t, m, l)
	p := m.Bookings
	until(t, "the halt", func() bool { return status(t, p).State == "halted" })
	if b := rebuild(t, p, projections.Rebuild{}); !b.Swapped || !b.Verified {
		t.Errorf("%+v", b)
	}
	until(t, "it to halt there again", func() bool {
		s := status(t, p)
		return s.State == "halted" && s.Position == before && s.Halt != nil && s.Halt.Position == bad.Position
	})
	for _, p := range m.All() {
		until(t, "the halt", func() bool { return status(t, p).State == "halted" })
		if _, err := p.Skip(t.Context(), bad.Position, "usr_operator1"); err != nil {
			t.Fatal(err)
		}
	}
	reaches(t, m, h.position)
	if b := rebuild(t, p, projections.Rebuild{}); !b.Swapped || !b.Verified {
		t.Errorf("%+v", b)
	}
}

// TestAHaltNamesTheEventAndIsPassedOver: the stream is set aside from there on, everything else goes on.
func TestAHaltNamesTheEventAndIsPassedOver(t *testing.T) {
	t.Parallel()
	h := requested(t)
	h.confirm(first, nil)
	bad := &h.events[len(h.events)-1]
	bad.ID = uuid.New()
	named := *bad
	h.request("bkg_second1", rahul, koramangala, noon().AddDate(0, 0, 1), haircut, anita)
	db, l := openDB(t), newLog(h.events...)
	l.spoil(named, errGarbled)
	m := models(db)
	run(t, m, l)
	p := m.Bookings
	until(t, "the halt", func() bool { return status(t, p).State == "halted" })
	halt := status(t, p).Halt
	if halt.EventID != named.ID.String() || halt.Stream != named.Stream || halt.Revision != named.Revision ||
		halt.Position != named.Position || halt.EventType != "booking.confirmed" || !strings.Contains(halt.Reason, "garbled") {
		t.Errorf("%+v", halt)
	}
	if _, err := p.Skip(t.Context(), named.Position+1, ""); !isRefusal(err, domain.Conflict, domain.CodeConflict) {
		t.Errorf("another event was skipped: %v", err)
	}
	for _, p := range m.All() {
		until(t, "the halt", func() bool { return status(t, p).State == "halted" })
		skipped, err := p.Skip(t.Context(), named.Position, "usr_operator1")
		if err != nil || skipped.EventID != named.ID.String() || skipped.SkippedBy != "usr_operator1" {
			t.Fatalf("%+v, %v", skipped, err)
		}
	}
	reaches(t, m, h.position)
	if s := status(t, p); s.State != "live" || s.Halt != nil || len(s.Skipped) != 1 || s.Skipped[0].Stream != named.Stream {
		t.Errorf("%+v", s)
	}
	if _, err := p.Skip(t.Context(), 0, ""); !isRefusal(err, domain.Conflict, domain.CodeConflict) {
		t.Errorf("there was nothing to skip: %v", err)
	}
	// What follows in the stream is left alone, and a rebuild comes to the same.
	known := len(h.events)
	h.cancel(first)
	l.add(h.events[known:]...)
	reaches(t, m, h.position)
	card, _, err := m.Queries().BookingByID(t.Context(), first, 0)
	if err != nil || card.Status != domain.StatusPending {
		t.Errorf("%+v, %v", card, err)
	}
	if b := rebuild(t, p, projections.Rebuild{}); !b.Swapped || !b.Verified {
		t.Errorf("%+v", b)
	}
}
