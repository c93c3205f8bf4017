package httpapi_test

import (
	"net/http"
	"slices"
	"testing"
)

const aWeek = "from=2026-06-15&to=2026-06-21"

func TestTheScheduleShowsTakenTimeAndWhoIsOff(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	held, firm := s.book(ada, 10), s.firm(ben, 12)
	leave := s.askLeave(worker, `{"branchId":"`+mitte+`","fromDate":"2026-06-18","toDate":"2026-06-19","leaveType":"sick"}`)
	s.get(desk, "/api/schedule?"+aWeek).has("blocks", "[]")
	s.decide(desk, leave, `{"action":"approve"}`).want(http.StatusOK)
	a := s.get(desk, "/api/schedule?"+aWeek).want(http.StatusOK).has(
		"slots/0/bookingId", held, "slots/0/kind", "tentative", "slots/0/status", "pending", "slots/0/staffId", asha,
		"slots/0/staffName", "Asha Rao", "slots/0/branchId", mitte, "slots/0/localDates/0", "2026-06-17", "slots/0/segmentId", "seg_1",
		"slots/1/bookingId", firm, "slots/1/kind", "firm", "slots/1/status", "confirmed", "slots/1/startAt", tomorrow(12), "slots/2", "",
		"blocks/0/leaveId", leave[len("/api/leave/"):], "blocks/0/staffName", "Asha Rao", "blocks/0/startAt", "2026-06-17T22:00:00Z",
		"blocks/0/endAt", "2026-06-19T22:00:00Z", "blocks/1", "",
	)
	for _, hidden := range []string{"sick", "Ada", "3500"} {
		if a.shows(hidden) {
			t.Errorf("the schedule tells %s: %s", hidden, a.body)
		}
	}
	s.get(worker, "/api/schedule?"+aWeek).want(http.StatusOK).has("slots/0/bookingId", firm, "slots/1", "", "blocks/0/staffId", asha)
	s.get(helper, "/api/schedule?"+aWeek).want(http.StatusOK).has("slots", "[]", "blocks", "[]")
	// Another branch's desk sees that its member is off, and not with whom she is at work.
	s.get(away, "/api/schedule?"+aWeek).want(http.StatusOK).has("slots", "[]", "blocks/0/staffId", asha)
	s.get(desk, "/api/schedule?from=2026-06-20").has("slots", "[]", "blocks", "[]")
}

func TestAMembersScheduleIsForHimAndTheDesk(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	held, firm := s.book(ada, 10), s.firm(ben, 12)
	path := "/api/staff/" + asha + "/schedule?" + aWeek
	for _, tt := range []struct {
		as, query string
		want      []string
	}{
		{worker, "", []string{firm}},
		{desk, "", []string{held, firm}},
		{desk, "&branchId=" + mitte, []string{held, firm}},
		{desk, "&branchId=" + nord, nil},
		{away, "", nil},
		{owner, "", []string{held, firm}},
		{worker, "&branchId=" + nord, nil},
	} {
		if got := s.get(tt.as, path+tt.query).want(http.StatusOK).each("slots", "bookingId"); !slices.Equal(got, tt.want) {
			t.Errorf("%s %s: %v, want %v", tt.as, tt.query, got, tt.want)
		}
	}
	for _, as := range []string{ada, helper} {
		s.get(as, path).refused(http.StatusForbidden, "FORBIDDEN")
	}
	s.get(desk, "/api/staff/"+ada+"/schedule?"+aWeek).refused(http.StatusBadRequest, "VALIDATION_ERROR")
}

func TestABookingAcrossMidnightIsOnBothDates(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	s.offer(mitte, wash, `{"name":"Party","durationMinutes":120,"priceMinor":1000}`)
	// 23:30 in Berlin, and over midnight in Greenwich as well.
	id := s.request(ada, `{"branchId":"`+mitte+`","date":"2026-06-17","startTime":"23:30","services":[{"serviceId":"`+wash+
		`","staffId":"`+asha+`"},{"serviceId":"`+cut+`","staffId":"`+asha+`"}]}`)
	for _, date := range []string{"2026-06-17", "2026-06-18"} {
		got := s.get(desk, "/api/schedule?from="+date).each("slots", "bookingId")
		if !slices.Contains(got, id) {
			t.Errorf("%s: %v", date, got)
		}
		if list := s.get(desk, "/api/bookings?date="+date).ids(); slices.Contains(list, id) != (date == "2026-06-17") {
			t.Errorf("bookings of %s: %v", date, list)
		}
	}
	s.get(desk, "/api/schedule?from=2026-06-17").has("slots/0/localDates", `["2026-06-17","2026-06-18"]`)
	s.post(ben, "/api/bookings", `{"branchId":"`+mitte+`","startAt":"2026-06-17T23:45:00Z","services":[{"serviceId":"`+cut+
		`","staffId":"`+asha+`"}]}`).refused(http.StatusConflict, "BOOKING_SLOT_UNAVAILABLE")
}
