package httpapi_test

import (
	"net/http"
	"slices"
	"strings"
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

// A service with processing time takes its member twice, and a booking across 00:00 UTC stands on two days: each time that the
// member was to work is shown once, as the refusal of the approval has it.
func TestEachTimeOfAConflictIsShown(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	const colour = "svc_colour01"
	s.offer(mitte, colour, `{"name":"Colour","priceMinor":1,"phases":[{"kind":"active","minutes":20},{"kind":"processing","minutes":30},{"kind":"active","minutes":20}]}`)
	two := s.request(ada, strings.Replace(wish(10), cut, colour, 1))
	late := s.request(ben, strings.Replace(wish(10), tomorrow(10), "2026-06-16T23:45:00Z", 1))
	leave := s.askLeave(worker, leaveOn(""))
	refusal := s.decide(desk, leave, `{"action":"approve","onConflict":"reject"}`).refused(http.StatusConflict, "LEAVE_CONFLICTS")
	s.decide(desk, leave, `{"action":"approve"}`).want(http.StatusOK)
	open := s.get(desk, leave).want(http.StatusOK)
	if got, want := open.each("openConflicts", "bookingId"), []string{late, two, two}; !slices.Equal(got, want) {
		t.Errorf("open: %v, want %v", got, want)
	}
	for _, member := range []string{"startAt", "endAt", "segmentId"} {
		if got, want := open.each("openConflicts", member), refusal.each("details/conflicts", member); !slices.Equal(got, want) {
			t.Errorf("%s: %v, the refusal said %v", member, got, want)
		}
	}
	open.has("openConflicts/1/endAt", "2026-06-17T10:20:00Z", "openConflicts/2/startAt", "2026-06-17T10:50:00Z")
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
