package projections_test

import (
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/database/databasetest"
	"github.com/royalglow/booking/internal/subscription"
	"github.com/royalglow/booking/migrations"
)

// stopWorld is the world of the kill test over PostgreSQL, with two programs that compete for the read models.
type stopWorld struct {
	*killWorld

	db       *database.DB
	pair     []*stopped
	events   int64 // in all
	writing  sync.WaitGroup
	over     bool           // nothing is appended any more
	every    time.Duration  // between two events
	last     time.Time      // when one was appended
	stops    map[string]int // by kind of program and moment
	byServer int            // transactions that the server ended while their program was stopped
	byTerm   int            // transactions that were undone once it went on
	// figures are, of each round: from the stop until the other owns all read models, and until it has moved all, and from the going on
	// until all hold what was in the log then.
	figures [3][]time.Duration
}

// allModels is how many read models there are.
const allModels = 6

// newStopWorld makes one without programs, for so many rounds.
func newStopWorld(t *testing.T, rounds int) *stopWorld {
	t.Helper()
	w := &stopWorld{killWorld: newKillWorld(t, "", longEnough), stops: map[string]int{}}
	w.place = databasetest.Place(t, database.PostgreSQL)
	w.share(t, min(1000*rounds, 1<<20))
	for _, life := range w.lives {
		w.events += int64(len(life))
		w.writing.Go(func() { w.append(t, life) })
	}
	w.every = max(30*time.Millisecond, stopTime*time.Duration(rounds)*4/time.Duration(w.events))
	w.db = databasetest.Reopen(t, w.place, migrations.Engine)
	if _, err := w.db.Write.ExecContext(t.Context(), noteSteps); err != nil {
		t.Fatal(err)
	}
	return w
}

// begin starts a program, and waits until it owns as many read models as it wants.
func (w *stopWorld) begin(t *testing.T, as string, wants int) *stopped {
	t.Helper()
	p := startStopped(t, w.killWorld, as)
	w.pair = append(w.pair, p)
	until(t, "the program owns what it wants", func() bool { return w.owns(t, p) >= wants })
	return p
}

// finish ends the writers; nothing is appended any more.
func (w *stopWorld) finish() {
	w.over = true
	close(w.tickets)
	w.writing.Wait()
}

// until polls a condition while events are appended, before finish.
func (w *stopWorld) until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	until(t, what, func() bool {
		if !w.over && time.Since(w.last) >= w.every {
			w.last = time.Now()
			if w.appended.Load() == w.events {
				t.Fatalf("there are no more events to wait for: %s", what)
			}
			w.tickets <- struct{}{}
		}
		return holds()
	})
}

// owner returns who owns a read model.
func (w *stopWorld) owner(t *testing.T, lease string) subscription.LeaseStatus {
	t.Helper()
	held, err := subscription.LoadLease(t.Context(), w.db.Read, lease)
	if err != nil {
		t.Fatal(err)
	}
	return held
}

func (w *stopWorld) owns(t *testing.T, p *stopped) (leases int) {
	t.Helper()
	w.ask(t, &leases, `SELECT count(*) FROM leases WHERE owner = ?`, p.owner)
	return leases
}

// moved is how many read models a program has moved since a step.
func (w *stopWorld) moved(t *testing.T, p *stopped, since int64) (n int) {
	t.Helper()
	w.ask(t, &n, `SELECT count(DISTINCT lease) FROM steps WHERE seq > ? AND NOT taken AND who = ?`, since, p.owner)
	return n
}

// next is a read model, another each time, if possible one that the program owns which was stopped less often.
func (w *stopWorld) next(t *testing.T, n int) (lease string) {
	t.Helper()
	p := w.pair[0]
	if p.stops > w.pair[1].stops {
		p = w.pair[1]
	}
	var leases []string
	w.ask(t, &leases, `SELECT name FROM leases ORDER BY owner <> ?, name`, p.owner)
	return leases[n%max(1, w.owns(t, p))]
}

// lowest is the position that all read models have come to.
func (w *stopWorld) lowest(t *testing.T) (at int64) {
	t.Helper()
	w.ask(t, &at, `SELECT COALESCE(MIN(position), 0) FROM checkpoints`)
	return at
}

// lastStep is the number of the last step.
func (w *stopWorld) lastStep(t *testing.T) (seq int64) {
	t.Helper()
	w.ask(t, &seq, `SELECT COALESCE(MAX(seq), 0) FROM steps`)
	return seq
}

// open lists the transactions of a program that have changed or locked something and stand still.
func (w *stopWorld) open(t *testing.T, p *stopped) (ids []string) {
	t.Helper()
	w.ask(t, &ids, `SELECT backend_xid::text FROM pg_stat_activity WHERE datname = current_database() AND application_name = ?
		AND state = 'idle in transaction' AND backend_xid IS NOT NULL`, p.owner)
	return ids
}

// became is how many of these transactions are in progress, committed or aborted.
func (w *stopWorld) became(t *testing.T, ids []string, what string) (n int) {
	t.Helper()
	for _, id := range ids {
		var is string
		if w.ask(t, &is, `SELECT pg_xact_status(?::xid8)`, id); is == what {
			n++
		}
	}
	return n
}

func (w *stopWorld) ask(t *testing.T, answer any, query string, args ...any) {
	t.Helper()
	if err := w.db.Read.NewRaw(query, args...).Scan(t.Context(), answer); err != nil {
		t.Fatal(err)
	}
}

// moment is when a program is stopped: at a statement of the transaction that folds a batch, or, without parts, whenever it may be.
type moment struct {
	name, when string
	parts      []string
}

// moments are those of a kind of program that heeds its term, in turn.
func moments(as, lease string) []moment {
	checkpoint := []string{"INSERT INTO checkpoints", "'" + lease + "_g1'"}
	check := moment{"rows written, term not checked", standBefore, []string{"FROM leases", "'" + lease + "'", "FOR KEY SHARE"}}
	if as == asStubborn { // with all written it would have the lease for as long as it is stopped
		return []moment{check, {name: "anywhere"}}
	}
	return []moment{check, {"all written, not committed", standBehind, checkpoint}, {name: "anywhere"}}
}

// stopAt stops a program at a moment; ok is false when it did not come to that, because it lost the read model before.
func (w *stopWorld) stopAt(t *testing.T, p *stopped, lease string, m moment) (ok bool) {
	t.Helper()
	if m.parts == nil {
		at := w.appended.Load() + 1 + rand.Int64N(10)
		w.until(t, "a moment in the middle of the work", func() bool { return w.appended.Load() >= at })
		p.stop(t)
		return true
	}
	stands := p.hold(t, m.when, m.parts...)
	w.until(t, "the program stands where it is to be stopped", func() bool { return stands() || w.owner(t, lease).Owner != p.owner })
	if !stands() {
		p.say(t, "go")
		return false
	}
	p.stop(t)
	return true
}
