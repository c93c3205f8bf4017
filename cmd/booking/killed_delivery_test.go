package main

import (
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/publishers"
	"github.com/royalglow/booking/publishers/deliverytest"
)

// killedAt is what was seen of a kill.
type killedAt struct {
	at      time.Time           // of the kill
	began   time.Time           // of the start after it
	planned eventstore.Position // the end of the last plan
}

// TestKilledEngineDeliversEverythingOnce kills "booking serve" with -9 at random moments while eight people write, and a subscriber
// hears the 50 channels on which that shows: it hears every message of the log once and in order.
//
// A kill counts where it left messages of events that were committed and not acknowledged.
func TestKilledEngineDeliversEverythingOnce(t *testing.T) {
	kills, events := 3, 0
	if os.Getenv("BOOKING_SOAK") == "1" {
		kills, events = 200, 20_000
	}
	w := newWatchedEngine(t, nothingBefore)
	w.identify(t)
	people := w.let(t, w.visit)
	var seen []killedAt
	var slowest time.Duration
	planning := 0
	for len(seen) < kills || len(w.events) < events || (planning == 0 && len(seen) < 10*kills) {
		people.pause(t, 50*time.Millisecond+rand.N(1450*time.Millisecond))
		k := killedAt{at: time.Now()}
		if k.planned = w.kill(t); k.planned > w.stands[len(seen)].Checkpoint {
			planning++
		}
		k.began = time.Now()
		took := w.start(t)
		seen = append(seen, k)
		slowest = max(slowest, took)
		w.requireSoon(t, "ready", took)
		if len(seen)%10 == 0 && len(w.events) < events {
			w.readLog(t)
		}
	}
	people.stop()
	if err := people.wait(); err != nil {
		t.Fatal(err)
	}
	v := w.verdict(t, 0, time.Minute)
	t.Logf("%d events, %d commands, %d of them repeated after a kill; %v", len(w.events), len(w.door.acknowledged()), w.door.repeated(), v)
	if len(v.Violations) > 0 || v.Repeats > 0 {
		t.Error("the subscriber must hear every message once and in order, and no checkpoint may be ahead")
	}
	counted := inFlight(w.events, w.stands, seen)
	live, silent := untilLive(t, w.tap, seen)
	t.Logf("%d kills, %d of them with messages in flight, %d in the middle of a plan; the slowest restart was ready after %v", len(seen), counted, planning, slowest)
	t.Logf("the slowest restart published after %v; %d were killed again before", live, silent)
	w.requireSoon(t, "publishing", live)
	if n, of := int(w.taken.Load()), len(w.door.acknowledged()); n > 0 {
		t.Logf("%d visits found their time taken", n)
		if n > of/100 {
			t.Errorf("%d visits found their time taken, of %d commands", n, of)
		}
	}
	if counted < len(seen)/2 || planning == 0 {
		t.Errorf("%d of %d kills count, %d hit a plan: the test proves nothing", counted, len(seen), planning)
	}
	// A kill leaves at most one plan half sent, and a plan sends one list at a time to each channel: four requests of at most 100.
	if bound := len(seen) * 400; v.WireDuplicates > bound {
		t.Errorf("%d lists were sent again, want at most %d", v.WireDuplicates, bound)
	}
}

// requireSoon objects to a restart that takes longer than it may, on a machine that is as busy as this one.
func (w *watchedEngine) requireSoon(t *testing.T, what string, took time.Duration) {
	t.Helper()
	if took <= restartLimit {
		return
	}
	first, err := firstStart(t.Context(), t, w.child)
	if err != nil {
		t.Fatal(err)
	}
	if limit := max(restartLimit, restartRatio*first); took > limit {
		t.Errorf("%s after %v, want less than %v; a first start takes %v at the moment", what, took, limit, first)
	}
}

// inFlight counts the kills that came when events were committed and their messages not acknowledged.
func inFlight(log []eventstore.Recorded, stands []deliverytest.Stand, kills []killedAt) (counted int) {
	for i, k := range kills {
		if slices.ContainsFunc(log, func(e eventstore.Recorded) bool {
			return e.Position > stands[i].Checkpoint && e.Created.Before(k.at) && len(publishers.Messages(e, publishers.Directory{})) > 0
		}) {
			counted++
		}
	}
	return counted
}

// untilLive returns the longest time from a start to its first request, and after how many there was none before the next kill.
func untilLive(t *testing.T, tap *deliverytest.Tap, kills []killedAt) (slowest time.Duration, silent int) {
	t.Helper()
	sent, err := tap.Sent()
	if err != nil {
		t.Fatal(err)
	}
	for i, k := range kills {
		at := slices.IndexFunc(sent, func(s deliverytest.Sent) bool { return s.At.After(k.began) })
		if at < 0 || (i+1 < len(kills) && sent[at].At.After(kills[i+1].at)) {
			silent++
			continue
		}
		slowest = max(slowest, sent[at].At.Sub(k.began))
	}
	return slowest, silent
}
