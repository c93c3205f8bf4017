package httpapi_test

import (
	"net/http"
	"strings"
	"testing"
)

func TestABookingThatLosesItsStaffIsShownToTheDesk(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	id := s.firm(ada, 10)
	s.act(worker, id, `{"action":"unassign","segmentId":"seg_1","reason":"I am ill."}`).refused(http.StatusForbidden, "FORBIDDEN")
	s.acts(desk, id, `{"action":"unassign","segmentId":"seg_1","reason":"Asha is ill."}`)
	s.read(desk, id).has("status", "confirmed", "desk/needsStaff", "true", "segments/0/staffId", "")
	s.read(ada, id).has("status", "confirmed", "segments/0/staffName", "", "desk", "")
	s.get(worker, "/api/bookings/"+id).refused(http.StatusNotFound, "NOT_FOUND")
	if got := s.get(desk, "/api/bookings?needsStaff=true").ids(); len(got) != 1 || got[0] != id {
		t.Errorf("needs staff: %v", got)
	}
	// The reason is the salon's, and in the history.
	if s.read(ada, id).shows("ill") || !s.get(desk, "/api/bookings/"+id+"/history").shows("Asha is ill.") {
		t.Error("the reason is not where it belongs")
	}
	s.acts(desk, id, `{"action":"assign","segmentId":"seg_1","staffId":"`+bela+`"}`)
	s.read(desk, id).has("desk/needsStaff", "false", "segments/0/staffId", bela)
	s.read(helper, id)
	if got := s.get(desk, "/api/bookings?needsStaff=true").ids(); len(got) != 0 {
		t.Errorf("still needs staff: %v", got)
	}
}

func TestWhoIsBusyOrCannotIsNotAssigned(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	s.firm(ben, 10)
	id := s.request(ada, strings.Replace(wish(10), asha, bela, 1))
	busy := s.act(desk, id, `{"action":"assign","segmentId":"seg_1","staffId":"`+asha+`"}`)
	busy.refused(http.StatusConflict, "BOOKING_SLOT_UNAVAILABLE").has("details/alternatives/0/startAt", "2026-06-17T09:30:00Z")
	s.act(desk, id, `{"action":"assign","segmentId":"seg_1","staffId":"stf_nobody01"}`).
		refused(http.StatusUnprocessableEntity, "STAFF_NOT_QUALIFIED").has("details/staffId", "stf_nobody01")
	s.act(desk, id, `{"action":"assign","segmentId":"seg_2","staffId":"`+asha+`"}`).
		refused(http.StatusUnprocessableEntity, "VALIDATION_ERROR").has("details/segmentId", "seg_2")
	s.read(desk, id).has("segments/0/staffId", bela, "revision", "0")
	// To assign who is assigned changes nothing.
	before := len(s.store.All())
	s.acts(desk, id, `{"action":"assign","segmentId":"seg_1","staffId":"`+bela+`"}`).has("revision", "0")
	if len(s.store.All()) != before {
		t.Error("nothing was to be written")
	}
}

func TestServicesAreAddedAndRemoved(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	s.offer(mitte, wash, `{"name":"Wash","durationMinutes":15,"priceMinor":1000}`)
	id := s.book(ada, 10)
	s.act(ada, id, `{"action":"add_service","serviceId":"`+wash+`","staffId":"`+bela+`"}`).refused(http.StatusForbidden, "FORBIDDEN")
	s.acts(ada, id, `{"action":"add_service","serviceId":"`+wash+`","before":"seg_1"}`)
	s.read(ada, id).has(
		"segments/0/serviceName", "Wash", "segments/0/segmentId", "seg_2", "segments/0/startAt", "2026-06-17T10:00:00Z",
		"segments/1/startAt", "2026-06-17T10:15:00Z", "endAt", "2026-06-17T10:45:00Z", "totalMinor", "4500",
	)
	s.confirm(id)
	s.act(ada, id, `{"action":"remove_service","segmentId":"seg_2"}`).
		refused(http.StatusConflict, "BOOKING_INVALID_STATUS_TRANSITION").has("details/status", "confirmed")
	s.acts(desk, id, `{"action":"remove_service","segmentId":"seg_2","reason":"No time."}`)
	s.read(ada, id).has("segments/0/serviceName", "Haircut", "segments/0/startAt", "2026-06-17T10:00:00Z", "totalMinor", "3500")
	s.act(desk, id, `{"action":"remove_service","segmentId":"seg_1"}`).refused(http.StatusUnprocessableEntity, "BUSINESS_RULE_VIOLATION")
	s.act(desk, id, `{"action":"add_service","serviceId":"svc_nothing1"}`).
		refused(http.StatusUnprocessableEntity, "BUSINESS_RULE_VIOLATION").has("details/serviceId", "svc_nothing1")
}

func TestAServiceThatReachesIntoTheNextBookingIsRefused(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	id := s.firm(ada, 10)
	s.request(ben, strings.Replace(wish(10), "T10:00", "T10:30", 1))
	longer := s.act(desk, id, `{"action":"change_duration","segmentId":"seg_1","durationMinutes":45}`)
	longer.refused(http.StatusConflict, "BOOKING_SLOT_UNAVAILABLE").has("details/alternatives/0/startAt", "2026-06-17T09:45:00Z")
	s.act(desk, id, `{"action":"add_service","serviceId":"`+cut+`","staffId":"`+asha+`"}`).
		refused(http.StatusConflict, "BOOKING_SLOT_UNAVAILABLE")
	s.acts(desk, id, `{"action":"change_duration","segmentId":"seg_1","durationMinutes":20,"reason":"A trim will do."}`)
	s.read(ada, id).has("segments/0/durationMinutes", "20", "endAt", "2026-06-17T10:20:00Z")
}

func TestStaffAddToWhatIsUnderWayWhereThePolicyLetsThem(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	add := `{"action":"add_service","serviceId":"` + cut + `"}`
	first := s.walkIn(`"customerId":"` + ada + `"`).text("id")
	s.acts(worker, first, `{"action":"start","segmentId":"seg_1"}`)
	s.act(worker, first, add).refused(http.StatusForbidden, "FORBIDDEN")
	s.acts(desk, first, `{"action":"complete","paymentMethod":"cash"}`)
	s.put(manager, "/api/branches/"+mitte+"/policy", `{"leadMinutes":0,"staffMayAddServices":true}`).want(http.StatusOK)
	s.at("2026-06-15T09:00:00Z")
	second := s.walkIn(`"customerId":"` + ada + `"`).text("id")
	s.act(worker, second, add).refused(http.StatusForbidden, "FORBIDDEN") // not under way
	s.acts(worker, second, `{"action":"start","segmentId":"seg_1"}`)
	s.acts(worker, second, add)
	s.read(worker, second).has("segments/1/staffId", asha, "segments/1/startAt", "2026-06-15T09:30:00Z")
}

// Who was held and has left is found by the read models, and by the streams.
func TestWhoHasLeftIsNotApproved(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	id := s.book(ada, 10)
	s.remove(owner, mittePath+"/staff/"+asha).want(http.StatusOK)
	s.settle()
	s.act(desk, id, `{"action":"approve"}`).refused(http.StatusUnprocessableEntity, "STAFF_NOT_QUALIFIED").has("details/staffId", asha)
	s.acts(desk, id, `{"action":"approve","assignments":[{"segmentId":"seg_1","staffId":"`+bela+`"}]}`)
}
