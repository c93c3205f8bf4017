package httpapi_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/httpapi"
)

func TestALeavesConflictsAreClosedOneByOne(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	given, moved, cancelled, rejected := s.firm(ada, 9), s.firm(ben, 10), s.firm(ada, 11), s.book(ben, 12)
	leave := s.askLeave(worker, leaveOn(""))
	s.decide(desk, leave, `{"action":"approve","onConflict":"reject"}`).refused(http.StatusConflict, "LEAVE_CONFLICTS").
		has("details/conflicts/0/bookingId", given, "details/conflicts/3/bookingId", rejected)
	s.decide(desk, leave, `{"action":"approve"}`).want(http.StatusOK)
	open := func(want ...string) {
		t.Helper()
		a := s.get(desk, leave).want(http.StatusOK)
		if got := a.each("openConflicts", "bookingId"); !slices.Equal(got, want) {
			t.Errorf("open conflicts: %v, want %v", got, want)
		}
	}
	open(given, moved, cancelled, rejected)
	s.get(desk, leave).has("openConflicts/0/status", "confirmed", "openConflicts/3/status", "pending", "openConflicts/0/segmentId", "seg_1",
		"openConflicts/0/branchId", mitte, "openConflicts/0/startAt", tomorrow(9))
	s.acts(desk, given, `{"action":"assign","segmentId":"seg_1","staffId":"`+bela+`"}`)
	open(moved, cancelled, rejected)
	s.acts(desk, moved, `{"action":"reschedule","startAt":"2026-06-18T10:00:00Z"}`)
	open(cancelled, rejected)
	s.acts(desk, cancelled, `{"action":"cancel","reasonCode":"staff_unavailable"}`)
	open(rejected)
	s.acts(desk, rejected, `{"action":"reject","reason":"Asha is ill."}`)
	open()
	s.get(worker, leave).has("openConflicts", "", "status", "approved")
	// Another desk is told of its own branch only.
	if a := s.get(away, leave).want(http.StatusOK); a.text("openConflicts") != "[]" {
		t.Errorf("another desk: %s", a.body)
	}
}

func TestALeaveThatIsRevokedHasNoConflicts(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	id := s.firm(ada, 10)
	leave := s.askLeave(worker, leaveOn(""))
	s.decide(desk, leave, `{"action":"approve","onConflict":"flag"}`).want(http.StatusOK)
	s.get(desk, leave).has("openConflicts/0/bookingId", id)
	s.decide(manager, leave, `{"action":"revoke"}`).want(http.StatusOK)
	s.get(desk, leave).has("openConflicts", "[]")
	s.read(ada, id).has("status", "confirmed")
}

func TestNobodyDecidesOnHisOwnLeave(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	boss := httpapi.Session{UserID: "usr_boss0001", Role: domain.RoleManager, StaffID: asha, BranchIDs: []string{mitte}}
	own := s.askAs(boss, http.MethodPost, "/api/leave", leaveOn("")).want(http.StatusCreated).header.Get("Location")
	s.settle()
	for _, body := range []string{`{"action":"approve"}`, `{"action":"reject","reason":"No."}`} {
		s.askAs(boss, http.MethodPatch, own, body).refused(http.StatusForbidden, "LEAVE_OWN_APPROVAL")
	}
	if a := s.askAs(boss, http.MethodGet, own, "").want(http.StatusOK); a.text("status") != "pending" || a.text("leaveType") != "sick" {
		t.Errorf("own leave: %s", a.body)
	}
	s.decide(desk, own, `{"action":"approve"}`).want(http.StatusOK)
	s.get(desk, own).has("status", "approved", "decidedBy/userId", desk)
}
