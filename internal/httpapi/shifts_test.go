package httpapi_test

import (
	"net/http"
	"testing"
)

func shiftsOf(staff string) string { return "/api/staff/" + staff + "/shifts" }

// atBranch makes a change of hours one of shifts at a branch.
func atBranch(branch, change string) string { return with(change, `"branchId":"`+branch+`"`) }

func TestNobodyWorksAtTwoBranchesAtOnce(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	morning, afternoon := everyDay(`[{"from":"09:00","to":"13:00"}]`), everyDay(`[{"from":"13:00","to":"18:00"}]`)
	s.put(owner, shiftsOf(asha), atBranch(mitte, morning)).want(http.StatusOK)
	a := s.put(owner, shiftsOf(asha), atBranch(nord, everyDay(`[{"from":"12:30","to":"18:00"}]`)))
	a.refused(http.StatusConflict, "STAFF_SHIFTS_OVERLAP").has("details/branchId", mitte,
		"details/startAt", "2026-06-15T10:30:00Z", "details/endAt", "2026-06-15T11:00:00Z")
	s.put(owner, shiftsOf(asha), atBranch(nord, afternoon)).want(http.StatusOK)
	s.put(owner, shiftsOf(asha), atBranch(mitte, `{"override":{"date":"2026-06-20","ranges":[{"from":"15:00","to":"16:00"}]}}`)).
		refused(http.StatusConflict, "STAFF_SHIFTS_OVERLAP")
	// Where he is off at the one branch he may be at the other.
	s.put(owner, shiftsOf(asha), atBranch(nord, `{"override":{"date":"2026-06-20","ranges":[]}}`)).want(http.StatusOK)
	s.put(owner, shiftsOf(asha), atBranch(mitte, `{"override":{"date":"2026-06-20","ranges":[{"from":"15:00","to":"16:00"}]}}`)).
		want(http.StatusOK)
	s.settle()
	s.get(worker, shiftsOf(asha)).want(http.StatusOK).has("staffId", asha, "name", "Asha Rao",
		"branches/0/branchId", mitte, "branches/0/shifts/patterns/0/week/mon/0/to", "13:00",
		"branches/1/branchId", nord, "branches/1/timeZone", "Europe/Berlin", "branches/1/shifts/overrides/2026-06-20", "[]")
	s.get(desk, shiftsOf(asha)).has("branches/0/branchId", mitte, "branches/1", "")
	s.get(away, shiftsOf(asha)).has("branches/0/branchId", nord, "branches/1", "")
	s.get(desk, mittePath+"/staff").has("staff/0/shifts/patterns/0/week/tue/0/from", "09:00")
	s.get(ada, mittePath+"/staff").has("staff/0/shifts", "")
	s.get(ada, shiftsOf(asha)).refused(http.StatusForbidden, "FORBIDDEN")
	s.get(helper, shiftsOf(asha)).refused(http.StatusForbidden, "FORBIDDEN")
}

func TestShiftsBoundWhatIsBooked(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	s.put(owner, shiftsOf(asha), atBranch(mitte, everyDay(`[{"from":"09:00","to":"13:00"}]`))).want(http.StatusOK)
	s.settle()
	s.post(ada, "/api/bookings", wish(11)).refused(http.StatusUnprocessableEntity, "STAFF_NOT_ON_SHIFT").
		has("details/staffId", asha, "details/segmentId", "seg_1")
	s.request(ada, wish(10))
	free := s.get(desk, mittePath+"/availability?from=2026-06-17&serviceIds="+cut+"&staffId="+asha).want(http.StatusOK)
	starts := free.each("days/0/slots", "localStart")
	if starts[0] != "09:00" || starts[len(starts)-1] != "12:30" {
		t.Errorf("starts: %v", starts)
	}
	id := s.request(desk, with(with(wish(11), `"customerId":"`+ben+`"`), `"overrides":["hours"]`))
	s.read(desk, id).has("localStart", "13:00")
}

func TestWhoWorksAtNoneOfTheDesksBranchesIsNotThere(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	s.remove(owner, nordPath+"/staff/"+asha).want(http.StatusOK)
	s.settle()
	same(t, "shifts", s.get(away, shiftsOf(asha)), s.get(away, shiftsOf("stf_nobody01")))
	s.put(owner, shiftsOf(asha), atBranch(nord, everyDay(tenToSix))).refused(http.StatusNotFound, "NOT_FOUND")
	s.put(owner, shiftsOf(asha), `{"branchId":"br_nobody01","override":{"date":"2026-06-20","ranges":[]}}`).
		refused(http.StatusNotFound, "NOT_FOUND")
}

// Where a member has shifts at one branch only, he is not offered at the other, day or night.
func TestWhoHasShiftsElsewhereIsNotOffered(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	free := func(branch string) []string {
		t.Helper()
		a := s.get(desk, "/api/branches/"+branch+"/availability?from=2026-06-17&serviceIds="+cut+"&staffId="+asha)
		return a.want(http.StatusOK).each("days/0/slots", "localStart")
	}
	if len(free(nord)) != 96 { // every quarter of an hour, around the clock
		t.Errorf("without shifts she is offered %d times", len(free(nord)))
	}
	s.put(owner, shiftsOf(asha), atBranch(mitte, everyDay(`[{"from":"09:00","to":"18:00"}]`))).want(http.StatusOK)
	s.settle()
	if got := free(nord); len(got) != 0 {
		t.Errorf("she is offered at %v", got)
	}
	if got := free(mitte); len(got) == 0 || got[0] != "09:00" {
		t.Errorf("where her shifts are she is offered at %v", got)
	}
	s.put(owner, shiftsOf(asha), atBranch(nord, everyDay(`[{"from":"19:00","to":"20:00"}]`))).want(http.StatusOK)
	s.settle()
	if got := free(nord); len(got) != 3 || got[0] != "19:00" {
		t.Errorf("with shifts there she is offered at %v", got)
	}
}
