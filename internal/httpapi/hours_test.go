package httpapi_test

import (
	"net/http"
	"testing"
)

const tenToSix = `[{"from":"10:00","to":"13:00"},{"from":"14:00","to":"18:00"}]`

// everyDay is the body of a week whose days are alike, from the day of the tests on.
func everyDay(ranges string) string {
	week := ""
	for _, day := range []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} {
		week += `,"` + day + `":` + ranges
	}
	return `{"pattern":{"effectiveFrom":"2026-06-15","week":{` + week[1:] + `}}}`
}

func TestBookingsAreInsideTheOpeningHours(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	s.put(manager, mittePath+"/hours", everyDay(tenToSix)).want(http.StatusOK)
	s.put(manager, mittePath+"/hours", `{"override":{"date":"2026-06-18","ranges":[]}}`).want(http.StatusOK)
	s.settle()
	s.get(ada, mittePath+"/hours").has("hours/patterns/0/effectiveFrom", "2026-06-15", "hours/patterns/0/week/mon/1/to", "18:00",
		"hours/overrides/2026-06-18", "[]")
	at := func(start string) string {
		return `{"branchId":"` + mitte + `","startAt":"` + start + `","services":[{"serviceId":"` + cut + `"}]}`
	}
	for _, start := range []string{"2026-06-17T07:45:00Z", "2026-06-17T10:45:00Z", "2026-06-17T16:00:00Z", "2026-06-18T10:00:00Z"} {
		s.post(ada, "/api/bookings", at(start)).refused(http.StatusUnprocessableEntity, "BOOKING_OUTSIDE_HOURS")
	}
	s.request(ada, at("2026-06-17T08:00:00Z"))
	// The desk may pass over the hours, in so many words.
	early := with(at("2026-06-17T07:00:00Z"), `"customerId":"`+ben+`"`)
	s.post(desk, "/api/bookings", early).refused(http.StatusUnprocessableEntity, "BOOKING_OUTSIDE_HOURS")
	s.post(ada, "/api/bookings", with(at("2026-06-17T07:00:00Z"), `"overrides":["hours"]`)).refused(http.StatusForbidden, "FORBIDDEN")
	id := s.request(desk, with(early, `"overrides":["hours"]`))
	s.get(desk, "/api/bookings/"+id+"/history").has("steps/0/details/overrides/0", "hours")
	// An override is lifted again.
	s.put(manager, mittePath+"/hours", `{"override":{"date":"2026-06-18","ranges":[],"lifted":true}}`).want(http.StatusOK)
	s.request(ada, at("2026-06-18T10:00:00Z"))
}

func TestWrongHoursAreAllNamed(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	a := s.put(manager, mittePath+"/hours", `{"pattern":{"effectiveFrom":"2026-02-30","week":{
		"mon":[{"from":"18:00","to":"10:00"}],"tue":[{"from":"10:00","to":"12:00"},{"from":"11:00","to":"13:00"}],
		"wed":[{"from":"25:00","to":"26:00"}],"funday":[]}}}`).refused(http.StatusBadRequest, "VALIDATION_ERROR")
	for _, field := range []string{
		"/pattern/effectiveFrom", "/pattern/week/mon/0", "/pattern/week/tue/1", "/pattern/week/wed/0/from", "/pattern/week/wed/0/to",
		"/pattern/week/funday",
	} {
		if !a.names(field) {
			t.Errorf("%s is not named: %s", field, a.body)
		}
	}
	s.put(manager, mittePath+"/hours", `{}`).refused(http.StatusBadRequest, "VALIDATION_ERROR")
	both := with(everyDay(tenToSix), `"override":{"date":"2026-06-18","ranges":[]}`)
	if a := s.put(manager, mittePath+"/hours", both).refused(http.StatusBadRequest, "VALIDATION_ERROR"); !a.names("/override") {
		t.Errorf("two changes: %s", a.body)
	}
}
