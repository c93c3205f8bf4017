package httpapi_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// leaveOn is the body of a request for leave on the day after tomorrow; more members may follow.
func leaveOn(more string) string {
	return `{"branchId":"` + mitte + `","fromDate":"2026-06-17","toDate":"2026-06-17","leaveType":"sick","reason":"A bad back."` + more + `}`
}

// askLeave asks for leave.
func (s *salon) askLeave(as, body string) (path string) {
	s.tb.Helper()
	r := s.post(as, "/api/leave", body).want(http.StatusCreated)
	s.settle()
	if path = r.header.Get("Location"); path != "/api/leave/"+r.text("id") {
		s.tb.Errorf("Location: %v", r.header)
	}
	return path
}

// decide changes a leave.
func (s *salon) decide(as, path, body string) answer {
	s.tb.Helper()
	a := s.patch(as, path, body)
	s.settle()
	return a
}

func TestLeaveIsAskedForAndWithdrawn(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	leave := s.askLeave(worker, leaveOn(""))
	s.get(worker, leave).want(http.StatusOK).has("status", "pending", "leaveType", "sick", "reason", "A bad back.", "staffName", "Asha Rao",
		"fromDate", "2026-06-17", "startAt", "2026-06-16T22:00:00Z", "endAt", "2026-06-17T22:00:00Z", "timeZone", "Europe/Berlin",
		"openConflicts", "", "requestedAt", "2026-06-15T08:00:00Z")
	s.decide(helper, leave, `{"action":"withdraw"}`).refused(http.StatusNotFound, "NOT_FOUND")
	s.decide(worker, leave, `{"action":"approve"}`).refused(http.StatusForbidden, "FORBIDDEN")
	s.decide(worker, leave, `{"action":"withdraw"}`).want(http.StatusOK)
	s.get(worker, leave).has("status", "withdrawn", "undoneAt", "2026-06-15T08:00:00Z")
	s.decide(desk, leave, `{"action":"approve"}`).
		refused(http.StatusConflict, "LEAVE_INVALID_STATUS_TRANSITION").has("details/status", "withdrawn")
	s.firm(ada, 10)
}

func TestLeaveIsRejectedWithAReason(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	leave := s.askLeave(worker, leaveOn(""))
	s.decide(desk, leave, `{"action":"reject"}`).refused(http.StatusBadRequest, "VALIDATION_ERROR")
	s.decide(desk, leave, `{"action":"reject","reason":"We are short."}`).want(http.StatusOK)
	s.get(worker, leave).has("status", "rejected", "decisionReason", "We are short.", "decidedAt", "2026-06-15T08:00:00Z", "decidedBy", "")
	s.get(desk, leave).has("decidedBy/userId", desk)
}

func TestLeaveIsGrantedAndRevoked(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	leave := s.askLeave(worker, leaveOn(`,"fromTime":"09:00","toTime":"13:00"`))
	s.decide(desk, leave, `{"action":"approve"}`).want(http.StatusOK)
	s.get(worker, leave).has("status", "approved", "fromTime", "09:00", "toTime", "13:00", "startAt", "2026-06-17T07:00:00Z",
		"endAt", "2026-06-17T11:00:00Z")
	s.post(ada, "/api/bookings", wish(10)).refused(http.StatusConflict, "BOOKING_SLOT_UNAVAILABLE")
	s.request(ada, wish(11))
	s.decide(worker, leave, `{"action":"withdraw"}`).refused(http.StatusConflict, "LEAVE_INVALID_STATUS_TRANSITION")
	s.decide(desk, leave, `{"action":"revoke"}`).refused(http.StatusForbidden, "FORBIDDEN")
	s.decide(manager, leave, `{"action":"revoke","reason":"All hands."}`).want(http.StatusOK)
	s.get(worker, leave).has("status", "revoked", "undoneReason", "All hands.", "undoneBy", "")
	s.get(desk, "/api/schedule?from=2026-06-17").has("blocks", "[]")
	s.request(ben, wish(10))
}

func TestTheDeskMarksAMemberOffForPartOfADay(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	body := `{"staffId":"` + asha + `","branchId":"` + mitte + `","fromDate":"2026-06-17","toDate":"2026-06-17","fromTime":"12:00","toTime":"15:00","reason":"A burst pipe."}`
	for _, as := range []string{ada, worker, away} {
		s.post(as, "/api/leave/mark-off", body).refused(http.StatusForbidden, "FORBIDDEN")
	}
	r := s.post(desk, "/api/leave/mark-off", body).want(http.StatusCreated)
	s.settle()
	leave := r.header.Get("Location")
	s.get(worker, leave).has("status", "approved", "markOff", "true", "leaveType", "", "reason", "A burst pipe.")
	s.get(manager, leave).has("reason", "A burst pipe.")
	s.get(helper, leave).refused(http.StatusNotFound, "NOT_FOUND")
	for _, e := range s.store.All() {
		if text, err := json.Marshal(e.Event); err != nil || strings.Contains(string(text), "burst pipe") {
			t.Errorf("the log says it in clear: %s %v", text, err)
		}
	}
	s.get(desk, "/api/schedule?from=2026-06-17").has("blocks/0/staffId", asha, "blocks/0/startAt", "2026-06-17T10:00:00Z",
		"blocks/0/endAt", "2026-06-17T13:00:00Z")
	s.post(ada, "/api/bookings", wish(10)).refused(http.StatusConflict, "BOOKING_SLOT_UNAVAILABLE")
	s.request(ada, wish(13))
	s.decide(desk, leave, `{"action":"revoke"}`).want(http.StatusOK) // a mark-off is the desk's to take back
	s.get(worker, leave).has("status", "revoked")
	s.post(desk, "/api/leave/mark-off", `{"staffId":"stf_nobody01","branchId":"`+mitte+`","fromDate":"2026-06-17","toDate":"2026-06-17"}`).
		refused(http.StatusNotFound, "NOT_FOUND")
}

func TestLeaveIsWellFormed(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	for body, field := range map[string]string{
		`{"branchId":"` + mitte + `","fromDate":"2026-06-17","toDate":"2026-06-17"}`:                                                        "/leaveType",
		`{"branchId":"` + mitte + `","fromDate":"soon","toDate":"2026-06-17","leaveType":"sick"}`:                                           "/fromDate",
		`{"branchId":"` + mitte + `","fromDate":"2026-06-17","toDate":"2026-06-17","leaveType":"sick","fromTime":"25:00"}`:                  "/fromTime",
		`{"branchId":"` + mitte + `","fromDate":"2026-06-17","toDate":"2026-06-17","leaveType":"sick","staffId":"` + bela + `"}`:            "/staffId",
		`{"branchId":"` + mitte + `","fromDate":"2026-06-18","toDate":"2026-06-17","leaveType":"sick"}`:                                     "",
		`{"branchId":"` + mitte + `","fromDate":"2026-06-17","toDate":"2026-08-18","leaveType":"sick"}`:                                     "",
		`{"branchId":"` + mitte + `","fromDate":"2026-06-17","toDate":"2026-06-17","leaveType":"sick","fromTime":"12:00","toTime":"12:00"}`: "",
	} {
		a := s.post(worker, "/api/leave", body).refused(http.StatusBadRequest, "VALIDATION_ERROR")
		if field != "" && !a.names(field) {
			t.Errorf("%s is not named: %s", field, a.body)
		}
	}
	s.post(ada, "/api/leave", leaveOn("")).refused(http.StatusForbidden, "FORBIDDEN")
	s.post(desk, "/api/leave", leaveOn("")).refused(http.StatusForbidden, "FORBIDDEN") // who is no member of staff
}

func TestLeavesAreListedForThoseWhomTheyConcern(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	s.remove(owner, nordPath+"/staff/"+asha).want(http.StatusOK)
	hers := s.askLeave(worker, leaveOn(""))
	his := s.askLeave(helper, `{"branchId":"`+nord+`","fromDate":"2026-06-20","toDate":"2026-06-25","leaveType":"casual"}`)
	s.decide(desk, his, `{"action":"approve"}`).want(http.StatusOK)
	first, second := hers[len("/api/leave/"):], his[len("/api/leave/"):]
	for _, tt := range []struct {
		as, query string
		want      []string
	}{
		{worker, "", []string{first}},
		{worker, "?staffId=" + bela, nil},
		{helper, "?status=approved", []string{second}},
		{desk, "", []string{first, second}},
		{desk, "?order=-start", []string{second, first}},
		{desk, "?status=pending", []string{first}},
		{desk, "?status=pending,approved&staffId=" + bela, []string{second}},
		{desk, "?fromDate=2026-06-18", []string{second}},
		{desk, "?fromDate=2026-06-25", []string{second}},
		{desk, "?fromDate=2026-06-26", nil},
		{desk, "?toDate=2026-06-19", []string{first}},
		{desk, "?branchId=" + nord, nil},
		{away, "", []string{second}},
		{owner, "?branchId=" + nord, []string{second}},
		{owner, "", []string{first, second}},
	} {
		a := s.get(tt.as, "/api/leave"+tt.query).want(http.StatusOK)
		if got := a.each("leave", "leaveId"); !slices.Equal(got, tt.want) {
			t.Errorf("%s %s: %v, want %v", tt.as, tt.query, got, tt.want)
		}
	}
	page := s.get(desk, "/api/leave?limit=1").has("leave/0/leaveId", first)
	s.get(desk, "/api/leave?limit=1&cursor="+page.text("next")).has("leave/0/leaveId", second, "next", "")
	s.get(ada, "/api/leave").refused(http.StatusForbidden, "FORBIDDEN")
	same(t, "leave", s.get(away, hers), s.get(away, "/api/leave/lv_00000000000000000000"))
	same(t, "leave", s.get(helper, hers), s.get(helper, "/api/leave/lv_00000000000000000000"))
	same(t, "leave", s.get(ada, hers), s.get(ada, "/api/leave/lv_00000000000000000000"))
}
