package main

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestOperatorsFindWhatWasDelivered: of a booking, at a running engine and when it has stopped, in words and in JSON.
func TestOperatorsFindWhatWasDelivered(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var id string
	var page deliveryPage
	t.Run("at a running engine", func(t *testing.T) { // which is closed when this has ended
		id, page = deliver(t, dir)
		for _, d := range page.Deliveries {
			if d.Entity != id || d.Outcome != "ok" || len(d.Messages) == 0 || d.Attempts != 1 || d.LatencyMs <= 0 {
				t.Errorf("%+v", d)
			}
		}
		event := page.Deliveries[0].EventID
		words := runProgram(t.Context(), t, nil, "deliveries", "show", event, "-data", dir).stdout
		if !strings.Contains(words, "CHANNEL") || !strings.Contains(words, "customer:usr_customer001:bookings") {
			t.Errorf("in words: %q", words)
		}
		got := runProgram(t.Context(), t, nil, "deliveries", "show", "00000000-0000-4000-8000-000000000009", "-data", dir)
		if got.code != exitFailed {
			t.Errorf("an unknown event: %+v", got)
		}
	})
	if again := deliveredTo(t, dir, "-entity", id); len(again.Deliveries) != len(page.Deliveries) {
		t.Errorf("%d deliveries when the engine has stopped, not %d", len(again.Deliveries), len(page.Deliveries))
	}
	if one := deliveredTo(t, dir, "-channel", "customer:usr_customer001:bookings", "-limit", "1"); len(one.Deliveries) != 1 {
		t.Errorf("%+v", one)
	}
	for _, wrong := range [][]string{{"-limit", "0"}, {"-limit", "201"}, {"-outcome", "lost"}, {"-after", "x"}, {"surplus"}} {
		got := runProgram(t.Context(), t, nil, append([]string{"deliveries", "list", "-data", dir}, wrong...)...)
		if got.code != exitUsage || strings.Count(got.stderr, "\n") != 1 {
			t.Errorf("%q: exit %d, %q", wrong, got.code, got.stderr)
		}
	}
}

// deliver books on a new engine on the folder, and waits until that was told.
func deliver(t *testing.T, dir string) (id string, page deliveryPage) {
	t.Helper()
	ably := startAbly(t.Context(), t)
	e := startEngine(t, func(c *Config) {
		c.DataDir, c.AblyKey, c.AblyEndpoint = dir, ably.server.Key(), ably.addr.String()
	}, nil)
	x := e.openSalon(t)[0]
	// What is booked during a pause is told after it.
	held(t, e, dir, "pause", "paused")
	id = e.call(t, customer("usr_customer001"), http.MethodPost, "/api/bookings", wish(x, 10)).want(t, http.StatusCreated).text("id")
	if page := deliveredTo(t, dir, "-entity", id); len(page.Deliveries) != 0 {
		t.Errorf("delivered during a pause: %+v", page)
	}
	held(t, e, dir, "resume", "live")
	return id, eventuallyDelivered(t, dir, id)
}

func deliveredTo(tb testing.TB, dir string, args ...string) (page deliveryPage) {
	tb.Helper()
	got := runProgram(tb.Context(), tb, nil, append([]string{"deliveries", "list", "-data", dir, "-json"}, args...)...)
	if got.code != exitOK || got.stderr != "" {
		tb.Fatalf("exit %d, %q, %q", got.code, got.stdout, got.stderr)
	}
	if err := json.Unmarshal([]byte(got.stdout), &page); err != nil {
		tb.Fatal(err)
	}
	return page
}

// eventuallyDelivered waits for the messages of a new booking: to its customer, to who looks at it and to the desk.
func eventuallyDelivered(tb testing.TB, dir, id string) deliveryPage {
	tb.Helper()
	deadline := time.Now().Add(20 * time.Second)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		page := deliveredTo(tb, dir, "-entity", id)
		if len(page.Deliveries) >= 3 {
			return page
		}
		if time.Now().After(deadline) {
			tb.Fatalf("%d deliveries of %s", len(page.Deliveries), id)
		}
		<-tick.C
	}
}

// held pauses or resumes the publisher, and waits until the engine shows what it has come to.
func held(t *testing.T, e *runningEngine, dir, change, state string) {
	t.Helper()
	got := runProgram(t.Context(), t, nil, "deliveries", change, "-data", dir, "-json")
	if got.code != exitOK || !strings.Contains(got.stdout, `"paused":`+strconv.FormatBool(change == "pause")) {
		t.Fatalf("%s: %+v", change, got)
	}
	deadline := time.Now().Add(20 * time.Second)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		// It stays ready: bookings go on without realtime.
		ready := e.callWith(t, "", http.MethodGet, "/readyz", nil).want(t, http.StatusOK)
		if ready.text("realtime") == state {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("realtime is %q, not %q", ready.text("realtime"), state)
		}
		<-tick.C
	}
}
