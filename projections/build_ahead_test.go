package projections_test

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
	"github.com/royalglow/booking/projections"
)

// aheadBuild is a build of bookings whose rows are ahead of its checkpoint.
type aheadBuild struct {
	t          *testing.T
	db         *database.DB
	log        *logSource
	generation int64
}

// delayed is a log in which what follows a request comes some 1200 events later, when its chunk is long over.
func delayed(t *testing.T) []eventstore.Recorded {
	t.Helper()
	_, h := busy(t)
	all := slices.Clone(h.events[:min(len(h.events), 3600)])
	positions, keys := make([]eventstore.Position, len(all)), map[eventstore.Position]int{}
	for i, e := range all {
		positions[i], keys[e.Position] = e.Position, i
		if _, ok := e.Event.(domain.BookingEvent); ok && e.Revision > 0 {
			keys[e.Position] += 1200
		}
	}
	slices.SortStableFunc(all, func(a, b eventstore.Recorded) int { return cmp.Compare(keys[a.Position], keys[b.Position]) })
	for i := range all {
		all[i].Position = positions[i]
	}
	return all
}

// buildAhead asks for a generation beside a live one that holds all events.
func buildAhead(t *testing.T, all []eventstore.Recorded) *aheadBuild {
	t.Helper()
	b := &aheadBuild{t: t, db: openDB(t), log: newLog(all...)}
	m := models(b.db)
	project(t, m, all)
	var err error
	if b.generation, err = m.Bookings.Rebuild(t.Context(), projections.Rebuild{}); err != nil {
		t.Fatal(err)
	}
	return b
}

// runs runs the read model of bookings, over any log, until it is stopped.
func (b *aheadBuild) runs(log subscription.Source, every time.Duration) (m *projections.Models, stop func()) {
	b.t.Helper()
	m = models(b.db)
	m.Bookings.BuildAtOnce(5, 100_000, every)
	ctx, cancel := context.WithCancel(b.t.Context())
	done := make(chan error, 1)
	go func() {
		done <- m.Bookings.Run(ctx, projections.Running{Source: log, Owner: "x", Exclusive: true})
	}()
	stopped := false
	stop = func() {
		if cancel(); !stopped {
			stopped = true
			if err := <-done; err != nil {
				b.t.Error(err)
			}
		}
	}
	b.t.Cleanup(stop)
	return m, stop
}

// ahead returns up to where rows may be ahead, and where the checkpoint is.
func (b *aheadBuild) ahead() (ahead, checkpoint eventstore.Position) {
	b.t.Helper()
	err := b.db.Read.NewRaw(`SELECT g.ahead, coalesce(c.position, 0) FROM generations AS g LEFT JOIN checkpoints AS c ON c.name = ?
		WHERE g.name = 'bookings' AND g.version = ? AND g.generation = ?`,
		"bookings_v2_g2", projections.BookingsVersion, b.generation).Scan(b.t.Context(), &ahead, &checkpoint)
	if err != nil {
		b.t.Fatal(err)
	}
	return ahead, checkpoint
}

// comes waits until rows are ahead up to a position, without a checkpoint.
func (b *aheadBuild) comes(to eventstore.Position) {
	b.t.Helper()
	until(b.t, "rows that are ahead", func() bool { ahead, _ := b.ahead(); return ahead > to })
	if _, checkpoint := b.ahead(); checkpoint != 0 {
		b.t.Fatalf("there is a checkpoint at %d, and the test proves nothing", checkpoint)
	}
}

// TestABuildGoesOnAmongRowsThatAreAheadOfItsCheckpoint: what had come to its end was written before the program died, what was open then
// was not, and nothing is folded twice into a row.
func TestABuildGoesOnAmongRowsThatAreAheadOfItsCheckpoint(t *testing.T) {
	t.Parallel()
	_, h := busy(t)
	all := h.events[:3000]
	b := buildAhead(t, all)
	b.log.upTo(len(all) * 3 / 4)
	m, stop := b.runs(b.log, time.Hour)
	b.comes(all[len(all)/3].Position)
	stop()
	ahead, err := m.Bookings.Build(t.Context(), b.generation)
	if err != nil || ahead.Events < int64(len(all)/3) || ahead.Seconds <= 0 || ahead.EventsPerSecond <= 0 {
		t.Errorf("%+v, %v", ahead, err)
	}
	rows, err := b.db.Read.NewSelect().TableExpr("bookings_v2_g2").Count(t.Context())
	if err != nil || rows == 0 {
		t.Fatalf("nothing is written: %v", err)
	}
	b.log.upTo(0)
	m, _ = b.runs(b.log, time.Hour)
	if end := built(t, m.Bookings, b.generation); !end.Swapped || !end.Verified || end.Events != int64(len(all)) {
		t.Errorf("%+v of %d events", end, len(all))
	}
	if contentHash(t, b.db) != freshHash(t, all) {
		t.Error("the rows differ")
	}
}

// TestACheckpointAmongRowsThatAreAheadLeavesThemAhead: they are looked up also after one more crash.
func TestACheckpointAmongRowsThatAreAheadLeavesThemAhead(t *testing.T) {
	t.Parallel()
	all := delayed(t)
	b := buildAhead(t, all)
	b.log.upTo(len(all) * 3 / 4)
	_, stop := b.runs(b.log, time.Hour)
	b.comes(all[len(all)/2].Position)
	stop()
	before, _ := b.ahead()

	b.log.upTo(len(all) / 4)
	_, stop = b.runs(b.log, time.Nanosecond)
	until(t, "a checkpoint", func() bool { _, checkpoint := b.ahead(); return checkpoint > 0 })
	stop()
	if ahead, checkpoint := b.ahead(); ahead != before || checkpoint >= ahead {
		t.Errorf("rows are ahead up to %d, and the build says %d after a checkpoint at %d", before, ahead, checkpoint)
	}

	b.log.upTo(0)
	m, _ := b.runs(b.log, time.Hour)
	if end := built(t, m.Bookings, b.generation); !end.Verified || end.Events != int64(len(all)) {
		t.Errorf("%+v of %d events", end, len(all))
	}
}

// TestARefusalAmongRowsThatAreAheadBlamesItsOwnEvent: the build begins again with small writes.
func TestARefusalAmongRowsThatAreAheadBlamesItsOwnEvent(t *testing.T) {
	t.Parallel()
	all := delayed(t)
	var bad string
	for _, e := range all[1500:] {
		if fact, ok := e.Event.(domain.BookingRequested); ok {
			bad = fact.BookingID
			break
		}
	}
	b := buildAhead(t, all)
	refuse := "CREATE TRIGGER bad BEFORE INSERT ON bookings_v2_g2 WHEN NEW.booking_id = ? BEGIN SELECT RAISE(ABORT, 'not_this_one'); END"
	if kind() == database.PostgreSQL {
		refuse = "ALTER TABLE bookings_v2_g2 ADD CONSTRAINT not_this_one CHECK (booking_id <> ?)"
	}
	if _, err := b.db.Write.ExecContext(t.Context(), refuse, bad); err != nil {
		t.Fatal(err)
	}
	m, _ := b.runs(b.log, time.Hour)
	if end := built(t, m.Bookings, b.generation); !strings.Contains(end.Error, bad) || !strings.Contains(end.Error, "not_this_one") {
		t.Errorf("%s was refused, and the build says: %s", bad, end.Error)
	}
}

// beginning is a log that gives nothing but to who begins.
type beginning struct{ *logSource }

// Subscribe gives others a log that never comes.
func (b beginning) Subscribe(ctx context.Context, after eventstore.Position) (subscription.Stream, error) {
	if after > 0 {
		return (&logSource{limit: 1, more: make(chan struct{})}).Subscribe(ctx, after)
	}
	return b.logSource.Subscribe(ctx, after)
}

// TestABuildGoesAsFarAsItsRows although the one that is read stands still before that: they would have rows of what is to come.
func TestABuildGoesAsFarAsItsRows(t *testing.T) {
	t.Parallel()
	_, h := busy(t)
	all := h.events[:3000]
	b := buildAhead(t, all[:500])
	b.log.add(all[500:]...)
	b.log.upTo(2500)
	m, stop := b.runs(beginning{b.log}, time.Hour)
	b.comes(all[1500].Position)
	stop()
	if err := m.Bookings.Pause(t.Context(), "usr_operator1"); err != nil {
		t.Fatal(err)
	}
	ahead, _ := b.ahead()
	b.log.upTo(0)
	m, _ = b.runs(b.log, time.Hour)
	until(t, "the end of what it can do", func() bool {
		built, err := m.Bookings.Build(t.Context(), b.generation)
		return err == nil && built.State != projections.GenerationBuilding
	})
	if _, checkpoint := b.ahead(); checkpoint < ahead {
		t.Errorf("it stands at %d, and its rows are ahead up to %d", checkpoint, ahead)
	}
	if err := m.Bookings.Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	if end := built(t, m.Bookings, b.generation); !end.Verified {
		t.Errorf("%+v", end)
	}
}

// TestNothingIsWrittenAheadInAnothersTerm.
func TestNothingIsWrittenAheadInAnothersTerm(t *testing.T) {
	t.Parallel()
	_, h := busy(t)
	all := h.events[:3000]
	b := buildAhead(t, all)
	b.log.upTo(len(all) / 2)
	_, stop := b.runs(b.log, time.Hour)
	b.comes(all[len(all)/3].Position)
	_, err := b.db.Write.ExecContext(t.Context(), "UPDATE leases SET owner = 'another', term = term + 1 WHERE name = 'bookings_v2'")
	if err != nil {
		t.Fatal(err)
	}
	before, _ := b.ahead()
	b.log.upTo(len(all) * 3 / 4)
	until(t, "the end of the build", func() bool { return b.log.closed.Load() > 0 })
	if after, _ := b.ahead(); after != before {
		t.Errorf("who has lost his term has written on from %d to %d", before, after)
	}
	stop()
}
