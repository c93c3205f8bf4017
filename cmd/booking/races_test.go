package main

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

const parallel = 100

// together sends n requests at once and returns the answers.
func together(n int, send func(i int) reply) []reply {
	replies := make([]reply, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { replies[i] = send(i) })
	}
	wg.Wait()
	return replies
}

// claims reads what stands on a member's day of tomorrow's bookings.
func (e *runningEngine) claimsOn(t *testing.T, staffID string) (placed, released int) {
	t.Helper()
	start := wish(staffID, 0)["startAt"].(string)
	for rec, err := range e.store.Read(t.Context(), domain.StaffDayStream(staffID, start[:10]), eventstore.Revision(0)) {
		if err != nil {
			t.Fatal(err)
		}
		switch rec.Event.(domain.StaffDayEvent).(type) {
		case domain.StaffDayClaimed:
			placed++
		case domain.StaffDayReleased:
			released++
		case domain.StaffDayBlocked, domain.StaffDayUnblocked:
		}
	}
	return placed, released
}

// TestAHundredRequestsForOneSlot: the whole path over HTTP, on the embedded node. It does not share the machine with the package's
// other tests: each command has its deadline.
func TestAHundredRequestsForOneSlot(t *testing.T) {
	e := startEngine(t, nil, nil)
	x := e.openSalon(t)[0]
	replies := together(parallel, func(i int) reply {
		return e.call(t, customer(fmt.Sprintf("usr_customer%03d", i)), http.MethodPost, "/api/bookings", wish(x, 10),
			"Idempotency-Key", fmt.Sprintf("key-%d", i))
	})
	var receipts, taken int
	for _, r := range replies {
		switch {
		case r.status == http.StatusCreated:
			receipts++
		case r.status == http.StatusConflict && r.text("code") == string(domain.CodeSlotUnavailable):
			taken++
		default:
			t.Errorf("answer %d %v", r.status, r.body)
		}
	}
	if receipts != 1 || taken != parallel-1 {
		t.Errorf("%d receipts and %d conflicts, want 1 and %d", receipts, taken, parallel-1)
	}
	if placed, released := e.claimsOn(t, x); placed != 1 || released != 0 {
		t.Errorf("%d claims placed and %d released, want 1 and 0", placed, released)
	}
}

// TestTwoPendingsMeetOnOneMember: whatever the order, one is confirmed on Z and the other keeps what it had.
func TestTwoPendingsMeetOnOneMember(t *testing.T) {
	t.Parallel()
	e := startEngine(t, nil, nil)
	staff := e.openSalon(t)
	var ids []string
	for i, s := range staff[:2] {
		made := e.call(t, customer(fmt.Sprintf("usr_customer%03d", i)), http.MethodPost, "/api/bookings", wish(s, 10)).
			want(t, http.StatusCreated)
		ids = append(ids, made.text("id"))
	}
	replies := together(parallel, func(i int) reply {
		return e.call(t, owner(), http.MethodPatch, "/api/bookings/"+ids[i%2], map[string]any{
			"action":      "approve",
			"assignments": []map[string]string{{"segmentId": domain.SegmentID(0), "staffId": staff[2]}},
		}, "If-Match", `"0"`)
	})
	confirmed := 0
	for _, r := range replies {
		switch r.status {
		case http.StatusOK:
			confirmed++
		case http.StatusConflict, http.StatusPreconditionFailed, http.StatusServiceUnavailable:
			// Taken, decided on an older revision, or the member's day changed too often in this crowd.
		default:
			t.Errorf("answer %d %v", r.status, r.body)
		}
	}
	if confirmed != 1 {
		t.Errorf("%d approvals were accepted, want 1", confirmed)
	}
	status := map[domain.Status]int{}
	for i, id := range ids {
		var b domain.Booking
		for rec, err := range e.store.Read(t.Context(), domain.BookingStream(id), eventstore.Revision(0)) {
			if err != nil {
				t.Fatal(err)
			}
			b = b.Evolve(rec.Event.(domain.BookingEvent))
		}
		status[b.Status]++
		want := staff[i]
		if b.Status == domain.StatusConfirmed {
			want = staff[2]
		}
		if len(b.Claims) != 1 || b.Claims[0].StaffID != want {
			t.Errorf("the %s booking holds %v, want one claim on %s", b.Status, b.Claims, want)
		}
	}
	if status[domain.StatusConfirmed] != 1 || status[domain.StatusPending] != 1 {
		t.Errorf("statuses %v, want one confirmed and one pending", status)
	}
	// What an attempt could not take back in the crowd, the keeper does; the sweep is not patient enough to wait for its grace.
	deadline := time.Now().Add(20 * time.Second)
	for {
		if _, err := e.claims.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		placed, released := e.claimsOn(t, staff[2])
		if placed-released == 1 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d claims stand on the shared member, want 1", placed-released)
		}
	}
}
