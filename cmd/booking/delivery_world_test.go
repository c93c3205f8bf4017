package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/migrations"
	"github.com/royalglow/booking/publishers"
	"github.com/royalglow/booking/publishers/deliverytest"
)

// What people do while delivery is watched takes place on few channels, so that each of them has much to tell: with the desk's queue
// these are 50.
const (
	watchedCustomers = 36
	watchedDays      = 5
	watchedHours     = 18 // of a day: no visit crosses midnight
	watchedChannels  = watchedCustomers + killWriters + watchedDays + 1
)

// watchedEngine is an engine in a process of its own, people who keep it busy, and everything that there is to see of its delivery. The
// endpoint and the subscriber live on when the engine does not.
type watchedEngine struct {
	*killedEngine

	tap    *deliverytest.Tap
	before func(http.Handler) http.Handler // stands between the tap and the endpoint
	// way is the running process's own way to the endpoint: what it has sent and nobody has read yet goes with it.
	way  *httptest.Server
	ways int

	// taken counts visits that found their time taken: what a killed command has left of an earlier one goes only after a while.
	taken atomic.Int64

	ear     *deliverytest.Ear
	day     time.Time // the first of the visits
	storeID string
	stands  []deliverytest.Stand
	events  []eventstore.Recorded // the log, as far as it was read
}

// newWatchedEngine starts the engine; before stands between the tap and the endpoint, and env is the engine's first environment.
func newWatchedEngine(t *testing.T, before func(http.Handler) http.Handler, env ...string) *watchedEngine {
	t.Helper()
	w := &watchedEngine{
		tap: &deliverytest.Tap{}, before: before, day: time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, 1),
	}
	ably := startAbly(t.Context(), t)
	t.Cleanup(func() { w.way.Close() })
	w.killedEngine = newKilledEngineOn(t, ably, append(w.open(ably), env...)...)
	var err error
	if w.ear, err = deliverytest.Listen(t.Context(), ably.addr.String(), ably.server.Key(), w.channels()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.ear.Close(context.WithoutCancel(t.Context())) })
	return w
}

// open opens a way to the endpoint and returns the environment of a process that is to take it.
func (w *watchedEngine) open(ably *demoAbly) (env []string) {
	w.ways++
	w.way = httptest.NewServer(w.tap.Wrap(fmt.Sprintf("process %d", w.ways), w.before(ably.server.Handler())))
	return []string{"ABLY_ENDPOINT=" + w.way.Listener.Addr().String()}
}

// start runs the next process and returns how long it took to be ready.
func (w *watchedEngine) start(t *testing.T) time.Duration {
	t.Helper()
	w.child.env = w.open(w.child.ably)
	took, err := w.child.start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return took
}

// kill kills the process and notes where it stood.
func (w *watchedEngine) kill(t *testing.T) (planned eventstore.Position) {
	t.Helper()
	w.child.kill(t)
	w.way.Close()
	return w.stand(t, true)
}

// stop tells the process to stop, notes where it stood, and returns how long that has taken.
func (w *watchedEngine) stop(t *testing.T) (took time.Duration) {
	t.Helper()
	took = w.child.stop(t)
	w.way.Close()
	w.stand(t, false)
	return took
}

func nothingBefore(h http.Handler) http.Handler { return h }

func (w *watchedEngine) channels() []string {
	all := make([]string, 0, watchedChannels)
	all = append(all, "admin:bookings:"+testBranch)
	for n := range watchedCustomers {
		all = append(all, "customer:"+watchedCustomer(n)+":bookings")
	}
	for _, id := range w.staff {
		all = append(all, "staff:"+id+":schedule")
	}
	for n := range watchedDays {
		all = append(all, "admin:schedule:"+w.day.AddDate(0, 0, n).Format(time.DateOnly))
	}
	return all
}

func watchedCustomer(n int) string { return fmt.Sprintf("usr_watched%04d", n%watchedCustomers) }

// visit makes a booking, approves it and calls it off, which makes room for another.
func (w *watchedEngine) visit(ctx context.Context, n int) error {
	_, err := w.visited(ctx, n)
	return err
}

// visited is visit for those who want the last receipt. It is empty where the time was taken.
func (w *watchedEngine) visited(ctx context.Context, n int) (last receipt, err error) {
	turn := w.next[n]
	w.next[n]++
	place := turn % (watchedDays * watchedHours)
	body := wish(w.staff[n], 0)
	body["startAt"] = w.day.AddDate(0, 0, place/watchedHours).Add(time.Duration(place%watchedHours) * time.Hour).Format(time.RFC3339)
	body["customerId"] = watchedCustomer(n + turn*killWriters)
	key := fmt.Sprintf("visit-%d-%d", n, turn)
	made, tag, err := w.send(ctx, http.MethodPost, "/api/bookings", body, "Idempotency-Key", key)
	if err != nil && strings.Contains(err.Error(), string(domain.CodeSlotUnavailable)) {
		w.taken.Add(1)
		return last, nil
	}
	if err != nil {
		return last, err
	}
	path := "/api/bookings/" + made.ID
	_, tag, err = w.send(ctx, http.MethodPatch, path, map[string]any{"action": "approve"},
		"If-Match", tag, "Idempotency-Key", key+"-approved")
	if err != nil {
		return last, err
	}
	last, _, err = w.send(ctx, http.MethodPatch, path, map[string]any{"action": "cancel", "reasonCode": "other"},
		"If-Match", tag, "Idempotency-Key", key+"-cancelled")
	return last, err
}

// stand reads where a publisher stands that has been killed, or has stopped.
func (w *watchedEngine) stand(t *testing.T, killed bool) (planned eventstore.Position) {
	t.Helper()
	if w.storeID == "" {
		t.Fatal("the store was never asked for its identity")
	}
	db, err := database.Open(t.Context(), filepath.Join(w.child.dir, publisherDatabase), migrations.Publisher)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	p, err := publishers.Open(t.Context(), publishers.Config{
		Key: w.child.ably.server.Key(), DB: db, StoreID: w.storeID,
		Head: func(context.Context) (eventstore.Position, error) { return 0, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	at, err := p.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w.stands = append(w.stands, deliverytest.Stand{Checkpoint: at, At: w.tap.Now(), Killed: killed, Queued: queuedIn(t, db)})
	return p.Planned()
}

// queuedIn tells which messages are in durable queues.
func queuedIn(t *testing.T, db *database.DB) func(channel string, k deliverytest.Key) bool {
	t.Helper()
	type place struct {
		channel string
		key     deliverytest.Key
	}
	var rows []struct{ Channel, Data string }
	if err := db.Read.NewRaw("SELECT channel, data FROM queued").Scan(t.Context(), &rows); err != nil {
		t.Fatal(err)
	}
	queued := map[place]bool{}
	for _, r := range rows {
		var e publishers.Envelope
		if err := json.Unmarshal([]byte(r.Data), &e); err != nil {
			t.Fatal(err)
		}
		queued[place{r.Channel, deliverytest.Key{Entity: e.Entity, Version: e.Version, Part: e.Part}}] = true
	}
	return func(channel string, k deliverytest.Key) bool { return queued[place{channel, k}] }
}

// identify asks the running engine's store who it is.
func (w *watchedEngine) identify(t *testing.T) {
	t.Helper()
	store, closing := w.openStore(t)
	defer closing()
	var err error
	if w.storeID, err = store.Identity(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// readLog reads on in the running engine's log.
func (w *watchedEngine) readLog(t *testing.T) []eventstore.Recorded {
	t.Helper()
	w.events = append(w.events, w.log(t)...)
	return w.events
}

// verdict waits until everything that is owed after a position has been heard, if that happens within the limit, and judges the run.
func (w *watchedEngine) verdict(t *testing.T, after eventstore.Position, limit time.Duration) deliverytest.Verdict {
	t.Helper()
	log := w.readLog(t)
	due := w.due(log, after)
	for deadline := time.Now().Add(limit); ; {
		for w.ear.Count() < due && time.Now().Before(deadline) {
			time.Sleep(10 * time.Millisecond)
		}
		heard, err := w.ear.Heard()
		if err != nil {
			t.Fatal(err)
		}
		sent, err := w.tap.Sent()
		if err != nil {
			t.Fatal(err)
		}
		v := deliverytest.Check(deliverytest.Run{
			Log: log, After: after, Heard: heard, Sent: sent, Stands: w.stands, MaxWireDuplicates: -1,
		})
		if v.Count(deliverytest.Lost) == 0 || time.Now().After(deadline) {
			if due == 0 {
				t.Error("nothing was owed: the test proves nothing")
			}
			return v
		}
		due = w.ear.Count() + 1 // repeats were counted: what is lost may still come
	}
}

// due counts the messages of the log that the subscriber is owed.
func (w *watchedEngine) due(log []eventstore.Recorded, after eventstore.Position) (n int) {
	owed := deliverytest.Owed(log, after)
	for _, channel := range w.channels() {
		n += len(owed[channel])
	}
	return n
}
