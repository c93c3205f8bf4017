package projections_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/projections"
)

// TestRebuildsUnderTrafficDisturbNoReader rebuilds every read model while events arrive and readers read: no read fails, no
// reader sees a revision fall, and in the end the rows are what the log says.
func TestRebuildsUnderTrafficDisturbNoReader(t *testing.T) {
	t.Parallel()
	_, h := busy(t)
	all := h.events[:1500]
	db := openDB(t)
	l := newLog(all[:len(all)/2]...)
	m := models(db)
	run(t, m, l)
	reaches(t, m, all[len(all)/2-1].Position)

	stop := make(chan struct{})
	var work sync.WaitGroup
	var reads, deployed atomic.Int64
	for reader := range 3 {
		work.Go(func() { watch(t, m, stop, &reads, reader) })
	}
	left := all[len(all)/2:]
	during := 0
	for round := range 2 {
		for _, p := range m.All() {
			generation, err := p.Rebuild(t.Context(), projections.Rebuild{By: fmt.Sprint(round)})
			if err != nil {
				t.Fatal(err)
			}
			n := min(len(all)/2/12+1, len(left))
			l.add(left[:n]...)
			left = left[n:]
			if b, err := p.Build(t.Context(), generation); err == nil && !b.Over() && n > 0 {
				during++
			}
			if b := built(t, p, generation); !b.Swapped || !b.Verified {
				t.Errorf("%s: %+v", p.Name(), b)
			}
			deployed.Add(1)
			if round == 1 {
				rollBack(t, p)
			}
		}
	}
	if during < 6 {
		t.Errorf("events came during %d rebuilds of 12: that proves little", during)
	}
	l.add(left...)
	reaches(t, m, all[len(all)-1].Position)
	close(stop)
	work.Wait()
	if reads.Load() < 100 || deployed.Load() != 12 {
		t.Errorf("%d reads and %d rebuilds prove nothing", reads.Load(), deployed.Load())
	}
	want := freshHash(t, all)
	if contentHash(t, db) != want {
		t.Error("the rows differ")
	}
	for _, p := range m.All() {
		rollBack(t, p) // to the latest again, which was kept up to date
	}
	if contentHash(t, db) != want {
		t.Error("the rows of the generations that were rolled back differ")
	}
}

// rollBack lets the generation before be read.
func rollBack(t *testing.T, p *projections.Projection) {
	t.Helper()
	if _, err := p.Rollback(t.Context()); err != nil {
		t.Error(err)
	}
}

// watch reads until stop, and holds each answer against the one before.
func watch(t *testing.T, m *projections.Models, stop <-chan struct{}, reads *atomic.Int64, reader int) {
	t.Helper()
	q := m.Queries()
	seen := map[string]eventstore.Revision{}
	note := func(what string, revision eventstore.Revision) {
		if before, ok := seen[what]; ok && revision < before {
			t.Errorf("%s fell from %d to %d", what, before, revision)
		}
		seen[what] = revision
	}
	var last eventstore.Position
	for i := reader; ; i++ {
		select {
		case <-stop:
			return
		default:
		}
		id := fmt.Sprintf("bkg_busy%05d", i*37%2000)
		page, err := q.Bookings(t.Context(), projections.BookingFilter{Branches: projections.EveryBranch(), LatestFirst: true}, 0)
		if err != nil {
			t.Errorf("a read failed: %v", err)
			return
		}
		if page.Position < last {
			t.Errorf("the position fell from %d to %d", last, page.Position)
		}
		last = page.Position
		for _, b := range page.Bookings {
			note(b.ID, b.Revision)
		}
		steps, _, err := q.Timeline(t.Context(), id, 0)
		if err != nil {
			t.Errorf("a read failed: %v", err)
			return
		}
		note("timeline of "+id, eventstore.Revision(len(steps)))
		salon, err := q.Branch(t.Context(), koramangala, 0)
		if err != nil {
			t.Errorf("a read failed: %v", err)
			return
		}
		note(koramangala, salon.Revision)
		reads.Add(3)
	}
}

// TestARebuildGoesOnWhereItWasWhenItsProgramDied: what is written need not be folded again.
func TestARebuildGoesOnWhereItWasWhenItsProgramDied(t *testing.T) {
	t.Parallel()
	_, h := busy(t)
	all := h.events[:3000]
	db, l := openDB(t), newLog(all...)
	m := models(db)
	stop := run(t, m, l)
	reaches(t, m, all[len(all)-1].Position)
	l.mu.Lock()
	l.limit = len(all) * 3 / 4
	l.mu.Unlock()
	generation, err := m.Timeline.Rebuild(t.Context(), projections.Rebuild{Budget: time.Microsecond}) // writes often
	if err != nil {
		t.Fatal(err)
	}
	until(t, "a part of it", func() bool {
		b, err := m.Timeline.Build(t.Context(), generation)
		return err == nil && b.Position > all[len(all)/3].Position
	})
	stop()
	l.mu.Lock()
	l.limit = 0
	l.mu.Unlock()
	again := models(db)
	before := l.received.Load()
	run(t, again, l)
	b := built(t, again.Timeline, generation)
	if !b.Swapped || !b.Verified || b.Events != int64(len(all)) {
		t.Errorf("%+v of %d events", b, len(all))
	}
	if n := l.received.Load() - before; n > int64(len(all)*2/3) {
		t.Errorf("it began again: %d events", n)
	}
	if contentHash(t, db) != freshHash(t, all) {
		t.Error("the rows differ")
	}
}

// TestAHigherVersionIsBuiltBesideTheOneInUse: readers of the old program see the old one until it is gone, and those of the new
// one wait.
func TestAHigherVersionIsBuiltBesideTheOneInUse(t *testing.T) {
	t.Parallel()
	h := requested(t)
	db, old, l := settled(t, h)
	hold := make(chan struct{})
	l.mu.Lock()
	l.hold = hold
	l.mu.Unlock()
	next := models(db)
	next.Bookings.SetVersion(projections.BookingsVersion + 1)
	if err := next.Install(t.Context()); err != nil {
		t.Fatal(err)
	}
	run(t, next, l)
	if _, _, err := next.Queries().BookingByID(t.Context(), first, 0); !isRefusal(err, domain.Unavailable, domain.CodeReadBehind) {
		t.Errorf("it is read before it is built: %v", err)
	}
	if s := status(t, next.Bookings); s.State != "building" || s.Rebuild == nil || s.Version != projections.BookingsVersion+1 {
		t.Errorf("%+v", s)
	}
	if _, _, err := old.Queries().BookingByID(t.Context(), first, 0); err != nil {
		t.Error(err)
	}
	close(hold)
	b := built(t, next.Bookings, 1)
	if !b.Swapped || b.Previous != 0 {
		t.Errorf("%+v", b)
	}
	for _, m := range []*projections.Models{old, next} {
		if _, _, err := m.Queries().BookingByID(t.Context(), first, h.position); err != nil {
			t.Error(err)
		}
	}
}
