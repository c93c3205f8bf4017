package httpapi_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
)

func TestABookingIsRequestedApprovedAndReassigned(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	created := s.post(ada, "/api/bookings", wish(10)).want(http.StatusCreated)
	one := created.header.Get("Location")
	if one != "/api/bookings/"+created.text("id") || created.header.Get("ETag") != `"0"` || created.number("revision") != "0" {
		t.Errorf("receipt: %v %s", created.header, created.body)
	}
	read := s.get(ada, one+"?minPosition="+created.number("position")).want(http.StatusOK)
	if read.text("status") != "pending" || read.header.Get("ETag") != `"0"` {
		t.Errorf("after the request: %s", read.body)
	}
	approved := s.patch(desk, one, `{"action":"approve","assignments":[{"segmentId":"seg_1","staffId":"`+bela+`"}]}`,
		"If-Match", read.header.Get("ETag")).want(http.StatusOK)
	if approved.header.Get("ETag") != `"1"` {
		t.Errorf("ETag: %v", approved.header)
	}
	assigned := s.patch(desk, one, `{"action":"assign","segmentId":"seg_1","staffId":"`+asha+`"}`,
		"If-Match", `"1"`).want(http.StatusOK)
	read = s.get(desk, one+"?minPosition="+assigned.number("position")).want(http.StatusOK)
	if read.text("status") != "confirmed" || !strings.Contains(string(read.body), asha) || read.header.Get("ETag") != `"2"` {
		t.Errorf("after all: %s", read.body)
	}
	s.patch(ada, one, `{"action":"cancel","reason":"I am ill."}`).want(http.StatusOK)
	again := s.patch(ada, one, `{"action":"cancel"}`).want(http.StatusConflict)
	if again.text("code") != "BOOKING_ALREADY_CANCELLED" || !strings.Contains(string(again.body), `"details":{"status":"cancelled"}`) {
		t.Errorf("cancelled twice: %s", again.body)
	}
}

func TestTheDeskBooksForACustomerAndRejects(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	r := s.post(desk, "/api/bookings", with(wish(10), `"customerId":"`+ben+`"`)).want(http.StatusCreated)
	one := r.header.Get("Location")
	s.get(ben, one+"?minPosition="+r.number("position")).want(http.StatusOK)
	r = s.patch(desk, one, `{"action":"reject","reasonCode":"fully_booked","reason":"No chair is free."}`, "If-Match", `"0"`).
		want(http.StatusOK)
	read := s.get(ben, one+"?minPosition="+r.number("position")).want(http.StatusOK)
	if read.text("status") != "rejected" || read.text("reason") != "No chair is free." {
		t.Errorf("after the rejection: %s", read.body)
	}
}

func TestARepeatGetsTheFirstReceipt(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	first := s.post(ada, "/api/bookings", wish(10), "Idempotency-Key", "key-1").want(http.StatusCreated)
	before := len(s.store.All())
	again := s.post(ada, "/api/bookings", wish(10), "Idempotency-Key", "key-1").want(http.StatusCreated)
	if string(first.body) != string(again.body) || first.header.Get("ETag") != again.header.Get("ETag") ||
		first.header.Get("Location") != again.header.Get("Location") {
		t.Errorf("the receipts differ:\n%s\n%s", first.body, again.body)
	}
	s.refused(s.post(ada, "/api/bookings", wish(11), "Idempotency-Key", "key-1"), before,
		http.StatusUnprocessableEntity, "IDEMPOTENCY_KEY_REUSED")
	// The keys of two users never meet.
	other := s.post(ben, "/api/bookings", wish(12), "Idempotency-Key", "key-1").want(http.StatusCreated)
	if other.text("id") == first.text("id") {
		t.Error("two users share a booking")
	}
}

func TestOneOfManyGetsTheSlot(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	const parallel = 20
	answers := make([]answer, parallel)
	var all sync.WaitGroup
	for i := range parallel {
		all.Go(func() { answers[i] = s.post(fmt.Sprintf("usr_guest%04d", i), "/api/bookings", wish(10)) })
	}
	all.Wait()
	won := 0
	for _, a := range answers {
		switch {
		case a.status == http.StatusCreated:
			won++
		case a.status != http.StatusConflict || a.text("code") != "BOOKING_SLOT_UNAVAILABLE":
			t.Errorf("answer: %d %s", a.status, a.body)
		}
	}
	if won != 1 {
		t.Errorf("%d got the slot", won)
	}
}
