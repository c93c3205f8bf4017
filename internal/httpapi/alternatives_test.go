package httpapi_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// Every refusal for want of time says when there is some: the desk with who would do it, customers without.
func TestEveryTakenTimeHasAlternatives(t *testing.T) {
	t.Parallel()
	s := openHours(t)
	// Ada is with Bela at half past ten, and asha is taken from ten to eleven.
	hers := s.request(ada, `{"branchId":"`+mitte+`","startAt":"2026-06-17T08:30:00Z","services":[{"serviceId":"`+cut+`","staffId":"`+bela+`"}]}`)
	s.confirm(hers)
	s.firm(ben, 8)
	s.request(ben, `{"branchId":"`+mitte+`","startAt":"2026-06-17T08:30:00Z","services":[{"serviceId":"`+cut+`","staffId":"`+asha+`"}]}`)
	gone := s.request(ada, `{"branchId":"`+mitte+`","startAt":"2026-06-17T09:00:00Z","services":[{"serviceId":"`+cut+`","staffId":"`+asha+`"}]}`)
	s.acts(ada, gone, `{"action":"cancel"}`)
	s.request("usr_other001", `{"branchId":"`+mitte+`","startAt":"2026-06-17T09:00:00Z","services":[{"serviceId":"`+cut+`","staffId":"`+asha+`"}]}`)
	before := len(s.store.All())
	for name, a := range map[string]answer{
		"a request by a customer": s.post("usr_third001", "/api/bookings", wish(8)),
		"a request by the desk":   s.post(desk, "/api/bookings", with(wish(8), `"customerId":"usr_third001"`)),
		"a move by the customer":  s.act(ada, hers, `{"action":"reschedule","startAt":"2026-06-17T08:30:00Z","reason":"x"}`),
		"an assignment":           s.act(desk, hers, `{"action":"assign","segmentId":"seg_1","staffId":"`+asha+`"}`),
		"a longer service":        s.act(desk, s.get(ben, "/api/bookings").ids()[0], `{"action":"change_duration","segmentId":"seg_1","durationMinutes":35}`),
		"another service":         s.act(desk, s.get(ben, "/api/bookings").ids()[0], `{"action":"add_service","serviceId":"`+cut+`","staffId":"`+asha+`"}`),
		"an approval":             s.act(desk, s.get(ben, "/api/bookings").ids()[1], `{"action":"approve","assignments":[{"segmentId":"seg_1","staffId":"`+bela+`"}]}`),
		"a correction":            s.act(desk, gone, `{"action":"correct","toStatus":"pending","reason":"x"}`),
	} {
		if name == "a move by the customer" {
			a.want(http.StatusOK) // to where it is: nothing is wanted
			continue
		}
		a.refused(http.StatusConflict, "BOOKING_SLOT_UNAVAILABLE")
		found, _ := a.value("details/alternatives").([]any)
		if len(found) == 0 || len(found) > 5 {
			t.Errorf("%s: alternatives: %s", name, a.body)
			continue
		}
		for i, entry := range found {
			one, _ := entry.(map[string]any)
			_, staff := one["staffIds"]
			if one["startAt"] == nil || one["endAt"] == nil || one["localDate"] == nil || one["localStart"] == nil ||
				staff == strings.HasSuffix(name, "by a customer") {
				t.Errorf("%s: alternative %d: %v", name, i, one)
			}
		}
	}
	if after := len(s.store.All()); after != before {
		t.Errorf("%d events were written", after-before)
	}
}

func TestAlternativesAreTheNearestAndCanBeBooked(t *testing.T) {
	t.Parallel()
	s := openHours(t)
	s.firm(ben, 9) // eleven o'clock
	a := s.post(ada, "/api/bookings", wish(9)).refused(http.StatusConflict, "BOOKING_SLOT_UNAVAILABLE")
	want := []string{"10:30", "11:30", "10:15", "10:00", "10:00"}
	if got := a.each("details/alternatives", "localStart"); !slices.Equal(got, want) {
		t.Errorf("alternatives at %v, want %v", got, want)
	}
	a.has("details/alternatives/4/localDate", "2026-06-18", "details/alternatives/0/localDate", "2026-06-17")
	for _, start := range a.each("details/alternatives", "startAt") {
		id := s.request(ada, strings.Replace(wish(9), tomorrow(9), start, 1))
		s.acts(ada, id, `{"action":"cancel"}`)
	}
}

// A customer who has another booking at a time is told of times at which she has none, and can book them.
func TestAlternativesSuitTheCustomer(t *testing.T) {
	t.Parallel()
	s := openHours(t)
	s.firm(ada, 9)
	withBela := strings.Replace(wish(9), asha, bela, 1)
	a := s.post(ada, "/api/bookings", withBela).refused(http.StatusConflict, "BOOKING_OVERLAP")
	starts := a.each("details/alternatives", "startAt")
	if len(starts) != 5 || a.shows(bela) {
		t.Errorf("told of %s", a.body)
	}
	for _, start := range starts {
		id := s.request(ada, strings.Replace(withBela, tomorrow(9), start, 1))
		s.acts(ada, id, `{"action":"cancel"}`)
	}
	id := s.request(ada, strings.Replace(withBela, tomorrow(9), tomorrow(8), 1))
	b := s.act(ada, id, moveTo(9)).refused(http.StatusConflict, "BOOKING_OVERLAP")
	if starts = b.each("details/alternatives", "startAt"); len(starts) != 5 {
		t.Fatalf("told of %s", b.body)
	}
	s.acts(ada, id, `{"action":"reschedule","startAt":"`+starts[0]+`"}`)
}
