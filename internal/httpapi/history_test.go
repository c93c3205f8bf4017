package httpapi_test

import (
	"net/http"
	"slices"
	"testing"
)

func TestTheHistoryTellsWhoDidWhatWhenWhyAndForWhom(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	s.put(owner, "/api/directory/"+desk, `{"name":"Dora Desk"}`).want(http.StatusOK)
	id := s.request(desk, with(wish(10), `"customerId":"`+ada+`"`))
	s.at("2026-06-15T09:00:00Z")
	s.acts(manager, id, `{"action":"approve","assignments":[{"segmentId":"seg_1","staffId":"`+bela+`"}]}`)
	s.acts(ada, id, moveTo(11))
	s.acts(desk, id, `{"action":"assign","segmentId":"seg_1","staffId":"`+asha+`"}`)
	s.note(worker, id, "Dry scalp.", "")
	s.at("2026-06-15T10:00:00Z")
	s.acts(desk, id, `{"action":"cancel","cancelledBy":"customer","reasonCode":"customer_request","reason":"She has a cold."}`)
	a := s.get(desk, "/api/bookings/"+id+"/history").want(http.StatusOK)
	want := []string{
		"booking.requested", "booking.confirmed", "booking.rescheduled", "booking.staff_assigned", "booking.note_added", "booking.cancelled",
	}
	if got := a.each("steps", "type"); !slices.Equal(got, want) {
		t.Errorf("steps: %v", got)
	}
	a.has(
		"id", id,
		"steps/0/actor/userId", desk, "steps/0/actorName", "Dora Desk", "steps/0/actor/role", "receptionist",
		"steps/0/actor/onBehalfOf", ada, "steps/0/onBehalfOfName", "Ada Lovelace", "steps/0/at", "2026-06-15T08:00:00Z",
		"steps/1/actor/userId", manager, "steps/1/actorName", "", "steps/1/at", "2026-06-15T09:00:00Z", "steps/1/toStatus", "confirmed",
		"steps/1/details/staff/0/fromStaffId", asha, "steps/1/details/staff/0/toStaffId", bela, "steps/1/staffNames/"+asha, "Asha Rao",
		"steps/2/actor/role", "customer", "steps/2/details/times/toStartAt", tomorrow(11), "steps/2/details/by", "customer",
		"steps/4/actor/role", "staff", "steps/4/details/visibility", "internal",
		"steps/5/actor/onBehalfOf", ada, "steps/5/reason", "She has a cold.", "steps/5/reasonCode", "customer_request",
		"steps/5/details/late", "", "steps/5/fromStatus", "confirmed",
	)
	if a.shows("Dry scalp") {
		t.Errorf("the history tells notes: %s", a.body)
	}
	for _, as := range []string{ada, worker} {
		s.get(as, "/api/bookings/"+id+"/history").refused(http.StatusForbidden, "FORBIDDEN")
	}
	s.get(away, "/api/bookings/"+id+"/history").refused(http.StatusNotFound, "NOT_FOUND")
}

func TestTheHistorySaysWhatTheClockDid(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	id := s.firm(ada, 10)
	s.at("2026-06-17T10:45:00Z")
	s.get(owner, "/api/bookings/"+id+"/history").has(
		"steps/2/type", "booking.no_show", "steps/2/actor/role", "system", "steps/2/actor/userId", "", "steps/2/details/auto", "true",
	)
}
