package projections_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/database/databasetest"
	"github.com/royalglow/booking/internal/esdbnode/nodetest"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/migrations"
	"github.com/royalglow/booking/projections"
)

// writers is how many append at once.
const writers = 8

// TestKilledReadModelsMissNothing kills the program that runs the read models with -9 at random moments, while eight writers
// append: in the end every read model holds every event once.
func TestKilledReadModelsMissNothing(t *testing.T) {
	kills := 6
	if os.Getenv("BOOKING_SOAK") == "1" {
		kills = 50
	}
	w := newKillWorld(t, "", longEnough)
	w.killAll(t, kills)
	if objections := w.check(t); len(objections) > 0 {
		t.Errorf("after %d kills: %s", kills, strings.Join(objections, "; "))
	}
	t.Logf("%d kills while %d events were appended", w.kills, w.appended.Load())
	if w.kills != kills {
		t.Errorf("%d kills, want %d: the test proves nothing", w.kills, kills)
	}
}

// TestTheCheckNoticesALostBatch: with the checkpoint outside of the transaction the check objects, or it is worth nothing. That the
// program was too slow for it does not count: it must have found that something is missing.
func TestTheCheckNoticesALostBatch(t *testing.T) {
	for range 10 {
		w := newKillWorld(t, killedCareless+"=1", time.Second)
		w.killAll(t, 8)
		if objections := w.check(t); len(objections) > 0 && strings.Contains(w.said.String(), "consumer halted") {
			t.Logf("it objects: %s", strings.Join(objections, "; "))
			return
		}
	}
	t.Error("nothing was noticed")
}

// killWorld is an event store that lives on, a database, writers, and a program that is killed.
type killWorld struct {
	store         *eventstore.Store
	place, socket string
	bug           string
	wait          time.Duration           // for each read model, in the end
	lives         [][]eventstore.Recorded // what each writer appends, in order
	tickets       chan struct{}           // one an append
	appended      atomic.Int64
	child         *exec.Cmd
	said          *strings.Builder // by the last child, on stderr; to be read once that is killed
	kills         int
}

func newKillWorld(t *testing.T, bug string, wait time.Duration) *killWorld {
	t.Helper()
	dir, err := os.MkdirTemp("", "kill") //nolint:usetesting // a socket's path is short by nature; a test's folder is not
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	w := &killWorld{place: databasetest.Place(t, kind()), socket: filepath.Join(dir, "s"), bug: bug, wait: wait, tickets: make(chan struct{}, 1<<16)}
	nodetest.ServeSocket(t, filepath.Join(dir, "data"), w.socket)
	if w.store, err = eventstore.Open(eventstore.Config{Socket: w.socket}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.store.Close(); err != nil {
			t.Error(err)
		}
	})
	w.share(t, 2000)
	return w
}

// share deals a busy history out to the writers: bookings to seven of them, stream by stream; what depends on other streams to
// the first.
func (w *killWorld) share(t *testing.T, events int) {
	t.Helper()
	_, h := busy(t)
	w.lives = make([][]eventstore.Recorded, writers)
	to := map[string]int{}
	for _, e := range h.events[:min(events, len(h.events))] {
		n := 0
		if _, ok := e.Event.(domain.BookingEvent); ok {
			if _, known := to[e.Stream]; !known {
				to[e.Stream] = 1 + len(to)%(writers-1)
			}
			n = to[e.Stream]
		}
		w.lives[n] = append(w.lives[n], e)
	}
}

// killAll appends everything, and kills and starts the program meanwhile.
func (w *killWorld) killAll(t *testing.T, kills int) {
	t.Helper()
	var total int
	var work sync.WaitGroup
	for _, life := range w.lives {
		total += len(life)
		work.Go(func() { w.append(t, life) })
	}
	quota := total / (kills + 1)
	for range kills {
		w.start(t)
		before := w.appended.Load()
		for range quota {
			w.tickets <- struct{}{}
		}
		at := before + int64(1+rand.IntN(quota-1))
		until(t, "a moment in the middle of the work", func() bool { return w.appended.Load() >= at })
		w.kill(t)
	}
	for range total {
		w.tickets <- struct{}{} // as many as it takes
	}
	work.Wait()
}

func (w *killWorld) append(t *testing.T, life []eventstore.Recorded) {
	t.Helper()
	for _, e := range life {
		if _, more := <-w.tickets; !more {
			return // it is enough
		}
		_, err := w.store.Append(t.Context(), eventstore.Append{
			Stream: e.Stream, Expected: e.Revision - 1, Events: []domain.Event{e.Event}, Metadata: e.Metadata,
		})
		if err != nil {
			t.Errorf("append: %v", err)
			return
		}
		w.appended.Add(1)
	}
}

func (w *killWorld) start(t *testing.T) {
	t.Helper()
	w.child = exec.Command(os.Args[0]) // it is killed by the test, not by a context
	w.child.Env = append(os.Environ(), killedPlace+"="+w.place, killedSocket+"="+w.socket, w.bug)
	w.said = &strings.Builder{}
	w.child.Stderr = w.said
	out, err := w.child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := w.child.Start(); err != nil {
		t.Fatal(err)
	}
	if !bufio.NewScanner(out).Scan() {
		_ = w.child.Wait()
		t.Fatalf("the program did not begin: %s", w.said)
	}
}

func (w *killWorld) kill(t *testing.T) {
	t.Helper()
	if err := w.child.Process.Signal(syscall.SIGKILL); err != nil {
		t.Errorf("kill: %v", err)
	}
	_ = w.child.Wait() // it says that the process was killed
	w.kills++
}

// check lets the program come to the end of the log and says what is wrong with what it has made: events that a read model has
// missed, or holds twice, or has halted at.
func (w *killWorld) check(t *testing.T) (objections []string) {
	t.Helper()
	head, err := w.store.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w.start(t)
	defer func() { w.kill(t); w.kills-- }()
	db := databasetest.Reopen(t, w.place, migrations.Engine)
	id, err := w.store.Identity(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	m := projections.New(projections.Config{DB: db, StoreID: id, Wait: w.wait})
	for _, p := range m.All() {
		if err := p.AtLeast(t.Context(), head, nothing); err != nil {
			objections = append(objections, fmt.Sprintf("%s has not come to the end: %v", p.Name(), err))
		}
	}
	events := w.log(t, head)
	missed, doubled := countSteps(t, m, events)
	if missed+doubled > 0 {
		objections = append(objections, fmt.Sprintf("timeline: %d events missed, %d doubled", missed, doubled))
	}
	want := openDB(t)
	fresh := models(want)
	project(t, fresh, events)
	for i, p := range m.All() {
		is, _, err := p.Content(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		should, _, err := fresh.All()[i].Content(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for n, table := range should.Tables {
			if got := is.Tables[n]; got != table {
				objections = append(objections, fmt.Sprintf("%s has %d rows of content %.8s, not %d of %.8s",
					table.Name, got.Rows, got.Hash, table.Rows, table.Hash))
			}
		}
	}
	return objections
}

// log reads all events back, with the positions that they have got.
func (w *killWorld) log(t *testing.T, head eventstore.Position) (events []eventstore.Recorded) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	sub, err := w.store.Subscribe(ctx, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer sub.Close() //nolint:errcheck // it only cancels
	for {
		m, err := sub.Recv()
		if err != nil {
			t.Fatal(err)
		}
		if m.Event != nil {
			events = append(events, *m.Event)
		}
		if m.Position >= head || m.CaughtUp {
			return events
		}
	}
}

// countSteps counts the booking events that the timeline lacks, and those that it has more than once.
func countSteps(t *testing.T, m *projections.Models, events []eventstore.Recorded) (missed, doubled int) {
	t.Helper()
	steps := map[string]int{}
	err := m.Timeline.AtLeast(t.Context(), 0, func(ctx context.Context, tx bun.Tx, _ projections.Snapshot) error {
		var rows []struct {
			BookingID string `bun:"booking_id"`
			Revision  int64  `bun:"revision"`
		}
		if err := tx.NewSelect().TableExpr("timeline_v2_g1").Column("booking_id", "revision").Scan(ctx, &rows); err != nil {
			return err
		}
		for _, r := range rows {
			steps[fmt.Sprint(r.BookingID, "@", r.Revision)]++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		fact, ok := e.Event.(domain.BookingEvent)
		if !ok || domain.IsFence(fact) {
			continue
		}
		switch n := steps[fmt.Sprint(domain.BookingOf(fact), "@", e.Revision)]; {
		case n == 0:
			missed++
		case n > 1:
			doubled++
		}
	}
	return missed, doubled
}
