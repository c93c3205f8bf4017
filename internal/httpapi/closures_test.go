package httpapi_test

import (
	"net/http"
	"testing"
)

func TestAClosuresConflictsAreClosedOneByOne(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	moved, cancelled, rejected := s.firm(ada, 9), s.firm(ben, 10), s.book(ada, 11)
	r := s.post(manager, mittePath+"/closures", `{"fromDate":"2026-06-17","toDate":"2026-06-18","reason":"The roof is open."}`).
		want(http.StatusCreated)
	s.settle()
	list := func(conflicts string) {
		t.Helper()
		s.get(desk, mittePath+"/closures").want(http.StatusOK).has("closures/0/closureId", r.text("id"), "closures/0/conflicts", conflicts,
			"closures/0/startAt", "2026-06-16T22:00:00Z", "closures/0/endAt", "2026-06-18T22:00:00Z")
	}
	list(`["` + moved + `","` + cancelled + `","` + rejected + `"]`)
	for _, as := range []string{ada, worker, away} {
		s.get(as, mittePath+"/closures").has("closures/0/reason", "The roof is open.", "closures/0/conflicts", "")
	}
	s.acts(desk, moved, `{"action":"reschedule","startAt":"2026-06-19T10:00:00Z"}`)
	list(`["` + cancelled + `","` + rejected + `"]`)
	s.acts(desk, cancelled, `{"action":"cancel","reasonCode":"branch_closed"}`)
	s.acts(desk, rejected, `{"action":"reject","reason":"We are closed."}`)
	list(`[]`)
	s.post(ada, "/api/bookings", wish(12)).refused(http.StatusUnprocessableEntity, "BOOKING_OUTSIDE_HOURS")
	s.get(ada, mittePath+"/availability?from=2026-06-17&serviceIds="+cut).has("days/0/closed", "true", "days/0/reason", "closed")
	s.remove(manager, mittePath+"/closures/"+r.text("id")).want(http.StatusOK)
	s.remove(manager, mittePath+"/closures/"+r.text("id")).refused(http.StatusNotFound, "NOT_FOUND")
	s.settle()
	s.get(desk, mittePath+"/closures").has("closures", "[]")
	s.request(ada, wish(12))
}

func TestClosuresAreListedFromADateOn(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	for _, dates := range []string{`"fromDate":"2026-07-01","toDate":"2026-07-03"`, `"fromDate":"2026-06-16","toDate":"2026-06-16"`} {
		s.post(manager, mittePath+"/closures", "{"+dates+"}").want(http.StatusCreated)
	}
	s.settle()
	list := mittePath + "/closures"
	s.get(ada, list).has("closures/0/fromDate", "2026-06-16", "closures/1/fromDate", "2026-07-01")
	s.get(ada, list+"?from=2026-07-03").has("closures/0/fromDate", "2026-07-01", "closures/1", "")
	s.get(ada, list+"?from=2026-07-04").has("closures", "[]")
	s.at("2026-06-16T22:00:01Z") // it is the seventeenth in Berlin
	s.get(ada, list).has("closures/0/fromDate", "2026-07-01", "closures/1", "")
	if a := s.get(ada, mittePath); !a.shows(`"toDate":"2026-06-16"`) {
		t.Errorf("the branch has forgotten a closure: %s", a.body)
	}
	for _, body := range []string{
		`{"fromDate":"2026-07-02","toDate":"2026-07-01"}`, `{"fromDate":"2026-07-01","toDate":"2027-07-02"}`, `{"fromDate":"2026-07-01"}`,
	} {
		s.post(manager, list, body).refused(http.StatusBadRequest, "VALIDATION_ERROR")
	}
}
