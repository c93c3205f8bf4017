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

// stopLimit is how long an engine may take to stop, however busy it is.
const stopLimit = 10 * time.Second

// stoppedAt is what was seen of a stop.
type stoppedAt struct{ told, gone time.Time }

// TestStoppedEngineDeliversEverythingOnce tells "booking serve" to stop at random moments while eight people write. It stops within ten
// seconds, with exit code 0; nothing is sent twice, because what has been sent is known to whoever comes next, and nothing is lost.
//
// A stop counts where the engine had something to deliver when it was told: it still sent, or it left events to the next.
func TestStoppedEngineDeliversEverythingOnce(t *testing.T) {
	rounds := 3
	if os.Getenv("BOOKING_SOAK") == "1" {
		rounds = 100
	}
	w := newWatchedEngine(t, nothingBefore)
	w.identify(t)
	people := w.let(t, w.visit)
	var stops []stoppedAt
	var slowest time.Duration
	for range rounds {
		people.pause(t, 50*time.Millisecond+rand.N(1450*time.Millisecond))
		s := stoppedAt{told: time.Now()}
		took := w.stop(t)
		s.gone = time.Now()
		stops = append(stops, s)
		if slowest = max(slowest, took); took > stopLimit {
			t.Errorf("stop %d took %v, want at most %v", len(stops), took, stopLimit)
		}
		w.start(t)
	}
	people.stop()
	if err := people.wait(); err != nil {
		t.Fatal(err)
	}
	v := w.verdict(t, 0, time.Minute)
	t.Logf("%d events, %d commands, %d of them repeated after a stop; %v", len(w.events), len(w.door.acknowledged()), w.door.repeated(), v)
	if len(v.Violations) > 0 || v.Repeats > 0 || v.WireDuplicates > 0 {
		t.Error("after a stop in order nothing is lost, out of order or sent twice")
	}
	counted := busy(t, w, stops)
	t.Logf("%d stops, %d of them with something to deliver; the slowest took %v", len(stops), counted, slowest)
	if counted < len(stops)/2 {
		t.Errorf("%d of %d stops count: the test proves nothing", counted, len(stops))
	}
}

// busy counts the stops that came when there was something to deliver.
func busy(t *testing.T, w *watchedEngine, stops []stoppedAt) (counted int) {
	t.Helper()
	sent, err := w.tap.Sent()
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range stops {
		still := slices.ContainsFunc(sent, func(m deliverytest.Sent) bool { return m.At.After(s.told) && m.At.Before(s.gone) })
		left := slices.ContainsFunc(w.events, func(e eventstore.Recorded) bool {
			return e.Position > w.stands[i].Checkpoint && e.Created.Before(s.gone) && len(publishers.Messages(e, publishers.Directory{})) > 0
		})
		if still || left {
			counted++
		}
	}
	return counted
}
