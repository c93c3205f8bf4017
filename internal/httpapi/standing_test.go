package httpapi_test

import (
	"fmt"
	"net/http"
	"testing"
)

func standingOf(customer string) string { return "/api/customers/" + customer + "/standing" }

// missFour lets a customer miss four visits in a row, each on a day of its own, and returns the last.
func (s *salon) missFour(customer string) (last string) {
	s.tb.Helper()
	for day := 16; day < 20; day++ {
		at := fmt.Sprintf("2026-06-%dT10:00:00Z", day)
		last = s.request(customer, `{"branchId":"`+mitte+`","startAt":"`+at+`","services":[{"serviceId":"`+cut+`"}]}`)
		s.confirm(last)
		s.at(fmt.Sprintf("2026-06-%dT11:00:00Z", day))
	}
	return last
}

func TestFourNoShowsNeedAManagerUntilOneClears(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	s.get(desk, standingOf(ada)).want(http.StatusOK).has("needsApproval", "false", "noShows", "[]", "revision", "")
	last := s.missFour(ada)
	standing := s.get(desk, standingOf(ada)).has("needsApproval", "true", "requiredFor", last, "noShows/3/bookingId", last)
	if tag, revision := standing.header.Get("ETag"), standing.text("revision"); revision == "" || tag != `"`+revision+`"` {
		t.Errorf("ETag %s, revision %q", tag, revision)
	}
	id := s.request(ada, `{"branchId":"`+mitte+`","startAt":"2026-06-22T10:00:00Z","services":[{"serviceId":"`+cut+`"}]}`)
	s.read(desk, id).has("desk/requiresManager", "true")
	s.act(desk, id, `{"action":"approve"}`).refused(http.StatusForbidden, "BOOKING_NEEDS_MANAGER")
	clearing := `{"action":"clear","reason":"She was in hospital."}`
	s.patch(desk, standingOf(ada), clearing).refused(http.StatusForbidden, "FORBIDDEN")
	s.patch(manager, standingOf(ada), clearing, "If-Match", `"0"`).refused(http.StatusPreconditionFailed, "STALE_REVISION").
		has("details/revision", standing.text("revision"))
	s.patch(manager, standingOf(ada), clearing, "If-Match", standing.header.Get("ETag")).want(http.StatusOK)
	s.settle()
	s.get(desk, standingOf(ada)).has("needsApproval", "false", "cleared/by", "manager", "cleared/reason", "She was in hospital.",
		"cleared/actor/userId", manager)
	s.patch(manager, standingOf(ada), clearing).refused(http.StatusConflict, "CONFLICT")
	// What was requested before keeps its flag; what comes now has none.
	s.acts(manager, id, `{"action":"approve"}`)
	next := s.request(ada, `{"branchId":"`+mitte+`","startAt":"2026-06-23T10:00:00Z","services":[{"serviceId":"`+cut+`"}]}`)
	s.read(desk, next).has("desk/requiresManager", "false")
}

func TestAStandingIsTheDesksToRead(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	for _, as := range []string{ada, worker} {
		s.get(as, standingOf(ada)).refused(http.StatusForbidden, "FORBIDDEN")
	}
	s.get(desk, standingOf(asha)).refused(http.StatusBadRequest, "VALIDATION_ERROR")
	if a := s.get(desk, standingOf(ada)).want(http.StatusOK); a.header.Get("ETag") != "" || a.json()["revision"] != nil {
		t.Errorf("nothing was noted, and yet there is an ETag or a revision: %v %s", a.header, a.body)
	}
}

func TestAutoConfirmLeavesThoseWhoNeedAManager(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	s.put(manager, "/api/branches/"+mitte+"/policy", `{"autoConfirm":true,"leadMinutes":0}`).want(http.StatusOK)
	s.read(ben, s.book(ben, 14)).has("status", "confirmed", "segments/0/staffName", "Asha Rao")
	for day := 16; day < 20; day++ {
		at := fmt.Sprintf("2026-06-%dT10:00:00Z", day)
		s.request(ada, `{"branchId":"`+mitte+`","startAt":"`+at+`","services":[{"serviceId":"`+cut+`"}]}`)
		s.at(fmt.Sprintf("2026-06-%dT11:00:00Z", day))
	}
	id := s.request(ada, `{"branchId":"`+mitte+`","startAt":"2026-06-22T10:00:00Z","services":[{"serviceId":"`+cut+`"}]}`)
	s.read(ada, id).has("status", "pending")
}
