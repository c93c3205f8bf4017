package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/httpapi"
	"github.com/royalglow/booking/projections"
)

// killWriters is how many people write at once.
const killWriters = 8

// killedEngine is "booking serve" with its embedded node, people who write to it through a door that repeats what gets no answer, and a
// checker.
type killedEngine struct {
	child *childEngine
	door  *insistentDoor
	api   string // the door's
	token string // the owner's
	staff []string
	next  [killWriters]int // booking

	checked  eventstore.Position // every event up to here was counted
	bookings int
}

func newKilledEngine(t *testing.T) *killedEngine {
	t.Helper()
	return newKilledEngineOn(t, startAbly(t.Context(), t))
}

// newKilledEngineOn is newKilledEngine with a realtime endpoint of the test's own; env changes the environment of the first start.
func newKilledEngineOn(t *testing.T, ably *demoAbly, env ...string) *killedEngine {
	t.Helper()
	child := &childEngine{
		binary: engineBinary(t), dir: t.TempDir(), ably: ably, addr: freeAddr(t.Context(), t), env: env,
	}
	if _, err := child.start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { child.kill(t) })
	w := &killedEngine{child: child, door: newInsistentDoor(child.addr)}
	w.api = startHTTP(t.Context(), t, w.door)
	var err error
	if w.token, err = httpapi.SignSession([]byte(childSecret), owner(), time.Now(), time.Hour); err != nil {
		t.Fatal(err)
	}
	visit := &runningEngine{url: w.api}
	visit.describe(t)
	visit.openSalon(t)
	for n := range killWriters {
		id := fmt.Sprintf("stf_killed%03d", n)
		visit.call(t, owner(), http.MethodPut, "/api/branches/"+testBranch+"/staff/"+id, map[string]any{}).want(t, http.StatusOK)
		w.staff = append(w.staff, id)
	}
	return w
}

// crowd is people at work.
type crowd struct {
	stopped chan struct{}
	stop    func()        // once they have got the answers that they wait for
	upset   chan struct{} // closed when somebody cannot go on
	work    sync.WaitGroup
	failed  [killWriters]error
}

func (c *crowd) wait() error {
	c.work.Wait()
	return errors.Join(c.failed[:]...)
}

// letWrite lets everybody book and approve, one after the other, each with a member of staff for himself.
func (w *killedEngine) letWrite(t *testing.T) *crowd {
	t.Helper()
	return w.let(t, w.write)
}

// pause waits for a moment of the fault's own choosing; nobody may be upset by then.
func (c *crowd) pause(t *testing.T, wait time.Duration) {
	t.Helper()
	select {
	case <-time.After(wait):
	case <-c.upset:
		c.stop()
		t.Fatal(c.wait())
	}
}

// let lets everybody do something over and over again; n is who.
func (w *killedEngine) let(t *testing.T, write func(ctx context.Context, n int) error) *crowd {
	t.Helper()
	ctx := t.Context()
	c := &crowd{stopped: make(chan struct{}), upset: make(chan struct{})}
	c.stop = sync.OnceFunc(func() { close(c.stopped) })
	upset := sync.OnceFunc(func() { close(c.upset) })
	t.Cleanup(func() { c.stop(); c.work.Wait() })
	for n := range killWriters {
		c.work.Go(func() {
			defer func() {
				if c.failed[n] != nil {
					upset()
				}
			}()
			for c.failed[n] == nil {
				select {
				case <-c.stopped:
					return
				default:
					c.failed[n] = write(ctx, n)
				}
			}
		})
	}
	return c
}

// write makes a booking and approves it.
func (w *killedEngine) write(ctx context.Context, n int) error {
	place := w.next[n]
	w.next[n]++
	const hours = 20
	body := wish(w.staff[n], place%hours)
	at, err := time.Parse(time.RFC3339, body["startAt"].(string)) //nolint:forcetypeassert // wish's own
	if err != nil {
		return err
	}
	body["startAt"] = at.AddDate(0, 0, place/hours).Format(time.RFC3339)
	body["customerId"] = fmt.Sprintf("usr_killed%05d", n*100+place%100)
	key := fmt.Sprintf("booking-%d-%d", n, place)
	made, tag, err := w.send(ctx, http.MethodPost, "/api/bookings", body, "Idempotency-Key", key)
	if err != nil {
		return err
	}
	_, _, err = w.send(ctx, http.MethodPatch, "/api/bookings/"+made.ID, map[string]any{"action": "approve"},
		"If-Match", tag, "Idempotency-Key", key+"-approved")
	return err
}

// send insists on an answer, and returns the receipt and the tag.
func (w *killedEngine) send(
	ctx context.Context, method, path string, body any, headers ...string,
) (got receipt, tag string, err error) {
	sent, err := json.Marshal(body)
	if err != nil {
		return got, "", err
	}
	req, err := http.NewRequestWithContext(ctx, method, w.api+path, bytes.NewReader(sent))
	if err != nil {
		return got, "", err
	}
	req.Header.Set("Authorization", "Bearer "+w.token)
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return got, "", err
	}
	defer func() { err = errors.Join(err, resp.Body.Close()) }()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return got, "", err
	}
	if resp.StatusCode/100 != 2 {
		return got, "", fmt.Errorf("%s %s answers %d %s", method, path, resp.StatusCode, data)
	}
	return got, resp.Header.Get("ETag"), json.Unmarshal(data, &got)
}

// check says what is wrong with the read models of a running engine that nobody writes to: that one has not come to the end of the log,
// that its rows are not those of a fresh fold of all of it, that events are missed or doubled. What is read stays the generation that
// has lived through all kills.
func (w *killedEngine) check(t *testing.T) (objections []string) {
	t.Helper()
	objections = append(objections, w.standing(t)...)
	objections = append(objections, w.count(t)...)
	for _, name := range modelNames() {
		got := runProgram(t.Context(), t, nil, "projections", "rebuild", name, "-full-speed", "-data", w.child.dir, "-json")
		var a rebuildAnswer
		if err := json.Unmarshal([]byte(got.stdout), &a); err != nil {
			t.Fatalf("rebuild %s: exit %d, %q, %q", name, got.code, got.stdout, got.stderr)
		}
		if !a.Verified || !a.Swapped {
			objections = append(objections, fmt.Sprintf("%s: %s", name, a.Error))
			continue
		}
		operate[rebuildAnswer](t, w.child.dir, "rollback", name)
	}
	return objections
}

// standing waits for the end of the log.
func (w *killedEngine) standing(t *testing.T) (objections []string) {
	t.Helper()
	for deadline := time.Now().Add(startLimit); ; {
		objections = nil
		waiting := false
		for _, s := range operate[projections.Overview](t, w.child.dir, "status").Projections {
			if s.State != "live" || s.LagSeconds != 0 {
				objections = append(objections, fmt.Sprintf("%s is %s and %.1f s behind", s.Name, s.State, s.LagSeconds))
				waiting = waiting || s.Halt == nil
			}
		}
		if !waiting || time.Now().After(deadline) {
			return objections
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// count compares the bookings' histories with their streams, as far as the log has not been looked at yet.
func (w *killedEngine) count(t *testing.T) (objections []string) {
	t.Helper()
	owed := map[string]map[float64]bool{} // revisions, by booking
	for _, e := range w.log(t) {
		fact, ok := e.Event.(domain.BookingEvent)
		if !ok || domain.IsFence(fact) {
			continue
		}
		id := domain.BookingOf(fact)
		if owed[id] == nil {
			owed[id] = map[float64]bool{}
		}
		owed[id][float64(e.Revision)] = true
	}
	missed, doubled := 0, 0
	for id, revisions := range owed {
		status, body, err := fetch(t.Context(), w.api+"/api/bookings/"+id+"/history", w.token)
		if err != nil || status != http.StatusOK {
			objections = append(objections, fmt.Sprintf("the history of %s answers %d %v", id, status, err))
			continue
		}
		times := map[float64]int{}
		steps, _ := body["steps"].([]any)
		for _, s := range steps {
			step, _ := s.(map[string]any)
			revision, _ := step["revision"].(float64)
			times[revision]++
		}
		for revision := range revisions {
			switch n := times[revision]; {
			case n == 0:
				missed++
			case n > 1:
				doubled++
			}
		}
	}
	w.bookings = len(owed)
	if missed+doubled > 0 {
		objections = append(objections, fmt.Sprintf("%d events missed, %d doubled", missed, doubled))
	}
	return objections
}

// openStore connects to the running engine's store.
func (w *killedEngine) openStore(t *testing.T) (store *eventstore.Store, closing func()) {
	t.Helper()
	file, stale, err := readEngineFile(w.child.dir)
	if err != nil || stale {
		t.Fatalf("engine.json is stale: %v, %v", stale, err)
	}
	store, err = eventstore.Open(eventstore.Config{Socket: strings.TrimPrefix(file.EventStore, "unix://")})
	if err != nil {
		t.Fatal(err)
	}
	return store, func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	}
}

// log reads what has come since the last time.
func (w *killedEngine) log(t *testing.T) (events []eventstore.Recorded) {
	t.Helper()
	store, closing := w.openStore(t)
	defer closing()
	head, err := store.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if head == w.checked {
		return nil
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	err = demoLog{store}.Follow(ctx, w.checked, func(e eventstore.Recorded) {
		if e.Position <= head { // what people write meanwhile comes the next time
			events = append(events, e)
		}
		if e.Position >= head {
			cancel()
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	w.checked = head
	return events
}
