package projections_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/royalglow/booking/internal/database"
)

// TestStoppedReadModelsWriteNothing stops the program that owns a read model for three times its lease, while events are appended, and lets
// it go on: another owns the read models by then, in a higher term. Nothing of the old term is committed, what has come in meanwhile is
// folded, and in the end every read model holds every event once.
func TestStoppedReadModelsWriteNothing(t *testing.T) {
	if kind() != database.SQLite {
		return // two programs share a server only, and once over that is enough
	}
	rounds := 3
	if os.Getenv("BOOKING_SOAK") == "1" {
		rounds = 100
	}
	w := newStopWorld(t, rounds)
	w.begin(t, asGuarded, allModels)
	w.begin(t, asStubborn, 0)
	counted, tries := 0, 0
	for ; counted < rounds || w.byServer == 0 || w.byTerm == 0; tries++ {
		if tries == 3*rounds+10 {
			t.Fatalf("only %d of %d stops led to another owner", counted, tries)
		}
		if w.round(t, w.next(t, tries)) {
			counted++
		}
	}
	w.finish()
	w.recovers(t, "all read models at the end of the log")
	all := steps(t.Context(), t, w.db)
	for _, objection := range wrongSteps(all) {
		t.Error(objection)
	}
	for _, p := range w.pair {
		p.kill(t)
	}
	if objections := w.check(t); len(objections) > 0 {
		t.Errorf("after %d stops: %s", tries, strings.Join(objections, "; "))
	}
	w.report(t, tries, all)
}

// TestTheCheckNoticesAnOwnerOfAnOldTerm: what does not check its term writes when it goes on, and that is seen.
func TestTheCheckNoticesAnOwnerOfAnOldTerm(t *testing.T) {
	if kind() != database.SQLite {
		return // as above
	}
	w := newStopWorld(t, 1)
	old := w.begin(t, asHeedless, 1)
	stands := old.hold(t, standBehind, `INSERT INTO "`+bookingsLease+`_g1"`)
	w.until(t, "the program stands where it is to be stopped", stands)
	other := w.begin(t, asGuarded, 0)
	old.stop(t)
	stopped := time.Now()
	w.until(t, "the stop is over", func() bool { return time.Since(stopped) >= stopTime && w.owner(t, bookingsLease).Owner == other.owner })
	old.goOn(t)
	w.until(t, "the check objects", func() bool {
		wrong := strings.Join(wrongSteps(steps(t.Context(), t, w.db)), "; ")
		return strings.Contains(wrong, "written by another than the owner")
	})
	w.finish()
}

// round stops the owner of a read model, and reports whether another has taken that over before it goes on.
func (w *stopWorld) round(t *testing.T, lease string) (counts bool) {
	t.Helper()
	term := w.owner(t, lease)
	p, other := w.pair[0], w.pair[1]
	if term.Owner == other.owner {
		p, other = other, p
	}
	turns := moments(p.as, lease)
	m := turns[p.stops%len(turns)]
	if !w.stopAt(t, p, lease, m) {
		return false
	}
	stopped, since, open := time.Now(), w.lastStep(t), w.open(t, p)
	var taken, moved time.Duration
	w.until(t, "the stop is over", func() bool {
		if taken == 0 && w.owns(t, other) == allModels {
			taken = time.Since(stopped)
		}
		if taken > 0 && moved == 0 && w.moved(t, other, since) == allModels {
			moved = time.Since(stopped)
		}
		return (moved > 0 || p.as == asStubborn) && time.Since(stopped) >= stopTime
	})
	over, ended := w.owner(t, lease).Term > term.Term, w.became(t, open, "aborted")
	p.goOn(t)
	on := time.Now()
	w.recovers(t, "the lag recovers")
	lag := time.Since(on)
	w.until(t, "what was begun has ended", func() bool { return w.became(t, open, "in progress") == 0 })
	undone := w.became(t, open, "aborted")
	if !over || m.parts != nil && len(open) == 0 {
		return false // the machine was too busy
	}
	if m.parts != nil && undone == 0 {
		t.Errorf("%s program, %s: none of %d transactions was undone", p.as, m.name, len(open))
	}
	w.count(p.as+": "+m.name, ended, undone-ended, taken, moved, lag)
	return true
}

// recovers waits until all read models hold what is in the log now.
func (w *stopWorld) recovers(t *testing.T, what string) {
	t.Helper()
	head, err := w.store.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w.until(t, what, func() bool { return w.lowest(t) >= int64(head) })
}
