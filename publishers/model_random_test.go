package publishers_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/royalglow/booking/internal/ablylocal"
	"github.com/royalglow/booking/internal/database/databasetest"
	"github.com/royalglow/booking/migrations"
	"github.com/royalglow/booking/publishers"
	"github.com/royalglow/booking/publishers/deliverytest"
)

// op is one thing that happens to a world.
type op struct {
	name  string
	n     int
	fault ablylocal.PublishFault
	wait  time.Duration
}

func (o op) String() string {
	switch o.name {
	case "append":
		return fmt.Sprintf("append %d", o.n)
	case "fault":
		return fmt.Sprintf("%d × %v", o.n, o.fault.Kind)
	case "wait":
		return "wait " + o.wait.String()
	}
	return o.name
}

func drawOps(t *rapid.T) []op {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) op {
		o := op{name: rapid.SampledFrom([]string{
			"append", "append", "append", "fault", "fault", "wait", "wait", "kill", "restart", "pause", "poison", "heal", "redrive", "stand",
		}).Draw(t, "op")}
		switch o.name {
		case "append":
			o.n = rapid.IntRange(1, 6).Draw(t, "events")
		case "fault":
			o.n = rapid.IntRange(1, 12).Draw(t, "times")
			o.fault.Kind = rapid.SampledFrom([]ablylocal.Fault{
				ablylocal.FaultRateLimited, ablylocal.FaultErrorBefore, ablylocal.FaultErrorAfter, ablylocal.FaultResetAfter,
				ablylocal.FaultSlow, ablylocal.FaultPartial,
			}).Draw(t, "fault")
			// Not longer than an attempt: the tap would take for acknowledged what nobody has heard of.
			o.fault.Wait = rapid.SampledFrom([]time.Duration{100 * time.Millisecond, time.Second, 4 * time.Second}).Draw(t, "long")
		case "wait":
			o.wait = rapid.SampledFrom([]time.Duration{
				time.Millisecond, 30 * time.Millisecond, 300 * time.Millisecond, 2 * time.Second, 30 * time.Second, 3 * time.Minute, 30 * time.Minute,
			}).Draw(t, "wait")
		}
		return o
	}), 1, 60).Draw(t, "ops")
}

// TestRandomHistoriesOfDeliveryBreakNoPromise lets anything happen to a publisher in virtual time, and then all be well again: every
// message is heard, in order, and none is shown twice. With BOOKING_SOAK=1 it is 10,000 histories.
func TestRandomHistoriesOfDeliveryBreakNoPromise(t *testing.T) {
	t.Parallel()
	seen, n := map[string]int{}, 0
	property := func(rt *rapid.T) {
		all := drawStory(rt).log
		ops, jitter := drawOps(rt), rapid.Uint64().Draw(rt, "jitter")
		if n++; raceDetector && n%4 != 0 {
			return // it takes ten times as long
		}
		var verdict deliverytest.Verdict
		var err error
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, databasetest.Open(t, migrations.Publisher), all)
			w.jitter = rand.New(rand.NewPCG(jitter, 0)).Float64 //nolint:gosec // a run that can be repeated
			verdict, err = w.live(ops)
			for what, n := range w.seen {
				seen[what] += n
			}
		})
		if err != nil || len(verdict.Violations) > 0 {
			rt.Fatalf("%v\n%v\nafter %v", err, verdict, ops)
		}
	}
	if os.Getenv("BOOKING_SOAK") == "1" {
		for range 99 {
			rapid.Check(t, property)
		}
	}
	t.Cleanup(func() { t.Log(seen) })
	checkUntil(t, seen, []string{
		"kill", "restart", "pause", "redriven", "queued", "refused", "rateLimited", "errorBefore", "errorAfter", "resetAfter", "slow", "partial", "reconciled", "circuit",
	}, property)
}

// live does all that is to happen, and then lets everything be well.
func (w *world) live(ops []op) (deliverytest.Verdict, error) {
	w.start()
	for _, o := range ops {
		w.do(o)
		if w.publisher.Status().CircuitOpen {
			w.count("circuit", 1)
		}
	}
	w.mu.Lock()
	w.faults, w.poison = nil, ""
	w.mu.Unlock()
	if w.paused.Load() {
		w.do(op{name: "pause"})
	}
	w.log.release(len(w.log.all))
	time.Sleep(2 * time.Minute) // what is parked is so by now
	w.do(op{name: "redrive"})
	err := w.settled()
	w.stand(false)
	r := w.publisher.Status().Reconciled
	w.count("reconciled", r.Found+r.Again)
	w.stop()
	return w.verdict(), err
}

func (w *world) do(o op) {
	switch o.name {
	case "append":
		w.log.release(o.n)
	case "fault":
		w.mu.Lock()
		for range o.n {
			w.faults = append(w.faults, o.fault)
		}
		w.mu.Unlock()
	case "wait":
		time.Sleep(o.wait)
	case "kill":
		w.kill()
		w.start()
	case "restart":
		w.stop()
		w.count("restart", 1)
		w.start()
	case "pause":
		w.count("pause", 1)
		paused := !w.paused.Load()
		w.paused.Store(paused)
		w.publisher.Hold(paused)
		if r := w.runner.Load(); paused {
			r.Pause()
		} else {
			r.Resume()
		}
	case "poison", "heal":
		w.mu.Lock()
		w.poison = ""
		if o.name == "poison" {
			w.poison = "admin:bookings:" + branch
		}
		w.mu.Unlock()
	case "redrive":
		if _, err := (publishers.Operator{DB: w.db}).Redrive(w.t.Context(), publishers.Redrive{All: true}); err == nil {
			w.count("redriven", 1)
		}
	case "stand":
		w.stand(false)
	}
}

// heardMessage is a message as the endpoint took it.
func heardMessage(t *testing.T, channel string, m ablylocal.Message) deliverytest.Message {
	t.Helper()
	text, _ := m.Data.(string)
	said := said(t, text)
	out := deliverytest.Message{Key: keyIn(t, text), Channel: channel, ID: m.ID, Name: m.Name, Position: said.Position}
	if extras, ok := m.Extras.(map[string]any); ok {
		if headers, ok := extras["headers"].(map[string]any); ok {
			out.EventID, _ = headers["eventId"].(string)
		}
	}
	return out
}

func said(t *testing.T, text string) (e publishers.Envelope) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		t.Errorf("data %q: %v", text, err)
	}
	return e
}

func keyIn(t *testing.T, text string) deliverytest.Key {
	t.Helper()
	e := said(t, text)
	return deliverytest.Key{Entity: e.Entity, Version: e.Version, Part: e.Part}
}

func holds(raw []byte, channel string) bool {
	return channel != "" && bytes.Contains(raw, []byte(`"channels":["`+channel+`"]`))
}

func withBody(req *http.Request, raw []byte) *http.Request {
	if req.Body == nil {
		return req
	}
	req = req.Clone(req.Context())
	req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(raw)), int64(len(raw))
	req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(raw)), nil }
	return req
}
