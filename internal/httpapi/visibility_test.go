package httpapi_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestScenario43WhatIsNotYoursIsNotThere(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	id := s.book(ada, 10)
	const nobody = "bkg_00000000000000000000"
	for _, as := range []string{ben, away, worker} { // the booking is pending, so staff do not know of it
		for _, path := range []string{"/api/bookings/%", "/api/bookings/%?minPosition=published", "/api/ably/token?bookingId=%"} {
			mine := s.get(as, strings.Replace(path, "%", id, 1))
			none := s.get(as, strings.Replace(path, "%", nobody, 1))
			same(t, as+" GET "+path, mine, none)
		}
		same(t, as+" token", s.post(as, "/api/ably/token", `{"bookingId":"`+id+`"}`),
			s.post(as, "/api/ably/token", `{"bookingId":"`+nobody+`"}`))
	}
	for as, body := range map[string]string{ben: `{"action":"cancel"}`, away: `{"action":"approve"}`} {
		same(t, as+" PATCH", s.patch(as, "/api/bookings/"+id, body, "If-Match", `"0"`),
			s.patch(as, "/api/bookings/"+nobody, body, "If-Match", `"0"`))
	}
	same(t, "history", s.get(away, "/api/bookings/"+id+"/history"), s.get(away, "/api/bookings/"+nobody+"/history"))
	s.get(ada, "/api/bookings/"+id+"/history").want(http.StatusForbidden)
}

// same checks that two answers cannot be told apart.
func same(t *testing.T, what string, a, b answer) {
	t.Helper()
	a.want(http.StatusNotFound)
	if a.status != b.status || !bytes.Equal(a.body, b.body) {
		t.Errorf("%s: the answers differ:\n%d %s\n%d %s", what, a.status, a.body, b.status, b.body)
	}
	a.header.Del("Date")
	b.header.Del("Date")
	for name := range a.header {
		if !slices.Equal(a.header[name], b.header[name]) {
			t.Errorf("%s: %s differs: %q and %q", what, name, a.header[name], b.header[name])
		}
	}
	if len(a.header) != len(b.header) {
		t.Errorf("%s: the headers differ: %v and %v", what, a.header, b.header)
	}
}

func TestEachRoleSeesItsOwnBookings(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	pending, firm := s.book(ada, 10), s.book(ada, 12)
	other := s.book(ben, 14)
	s.confirm(firm)
	for _, tt := range []struct {
		as, query string
		want      []string
	}{
		{ada, "", []string{pending, firm}},
		{ada, "?order=-start", []string{firm, pending}},
		{ada, "?status=confirmed", []string{firm}},
		{ada, "?customerId=" + ben, nil},
		{ada, "?staffId=" + asha, nil},
		{ada, "?branchId=" + nord, nil},
		{ben, "", []string{other}},
		{worker, "", []string{firm}},
		{worker, "?status=pending", nil},
		{worker, "?staffId=" + bela, nil},
		{desk, "", []string{pending, firm, other}},
		{desk, "?branchId=" + mitte + "&customerId=" + ben, []string{other}},
		{desk, "?staffId=" + asha, []string{pending, firm, other}},
		{desk, "?branchId=" + nord, nil},
		{desk, "?from=" + tomorrow(11) + "&to=" + tomorrow(14), []string{firm}},
		{away, "", nil},
		{away, "?branchId=" + mitte, nil},
		{owner, "", []string{pending, firm, other}},
		{owner, "?branchId=" + nord, nil},
	} {
		a := s.get(tt.as, "/api/bookings"+tt.query).want(http.StatusOK)
		if got := a.ids(); !slices.Equal(got, tt.want) {
			t.Errorf("%s %s: %v, want %v", tt.as, tt.query, got, tt.want)
		}
	}
	first := s.get(desk, "/api/bookings?limit=2").want(http.StatusOK)
	second := s.get(desk, "/api/bookings?limit=2&cursor="+first.text("next")).want(http.StatusOK)
	if got := append(first.ids(), second.ids()...); !slices.Equal(got, []string{pending, firm, other}) || second.text("next") != "" {
		t.Errorf("pages: %v", got)
	}
}

func TestPricesNamesAndReasonsAreForThoseWhoMayKnow(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	id := s.book(ada, 10)
	one := "/api/bookings/" + id
	if a := s.get(ada, one); strings.Contains(string(a.body), "Asha") || strings.Contains(string(a.body), asha) {
		t.Errorf("the customer learns who is held: %s", a.body)
	}
	if a := s.get(desk, one); !strings.Contains(string(a.body), "Asha Rao") || a.text("customerName") != "Ada Lovelace" {
		t.Errorf("the desk does not see names: %s", a.body)
	}
	s.confirm(id)
	if a := s.get(ada, one); !strings.Contains(string(a.body), "Asha Rao") || a.number("totalMinor") != "3500" {
		t.Errorf("the customer does not see what he booked: %s", a.body)
	}
	staff := s.get(worker, one).want(http.StatusOK)
	for _, hidden := range []string{"Minor", "3500", "currency", "EUR"} {
		if strings.Contains(string(staff.body), hidden) {
			t.Errorf("staff see %s: %s", hidden, staff.body)
		}
	}
	if list := s.get(worker, "/api/bookings"); strings.Contains(string(list.body), "Minor") {
		t.Errorf("staff see prices: %s", list.body)
	}
	r := s.patch(desk, one, `{"action":"cancel","reasonCode":"equipment","reason":"The dryer is broken."}`, "If-Match", `"1"`).
		want(http.StatusOK)
	one += "?minPosition=" + r.number("position")
	if a := s.get(desk, one); !strings.Contains(string(a.body), `"reasonCode":"equipment"`) {
		t.Errorf("the desk does not see the code: %s", a.body)
	}
	if a := s.get(ada, one); a.text("reason") != "The dryer is broken." || strings.Contains(string(a.body), "equipment") {
		t.Errorf("the customer sees: %s", a.body)
	}
	history := s.get(desk, "/api/bookings/"+id+"/history?minPosition="+r.number("position")).want(http.StatusOK)
	for _, part := range []string{"booking.requested", "booking.confirmed", "booking.cancelled", "Ada Lovelace", "equipment"} {
		if !strings.Contains(string(history.body), part) {
			t.Errorf("the history lacks %s: %s", part, history.body)
		}
	}
}

func TestTheScheduleShowsOnlyWhatIsTheReaders(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	held, firm := s.book(ada, 10), s.book(ada, 12)
	s.confirm(firm)
	path := "/api/schedule?from=2026-06-17"
	for _, tt := range []struct {
		as, query string
		want      []string
	}{
		{desk, "", []string{held, firm}},
		{desk, "&staffId=" + bela, nil},
		{desk, "&branchId=" + nord, nil},
		{away, "", nil},
		{owner, "&branchId=" + mitte, []string{held, firm}},
		{worker, "", []string{firm}},
		{worker, "&branchId=" + mitte, []string{firm}},
		{worker, "&branchId=" + nord, nil},
		{worker, "&staffId=" + bela + "&branchId=" + mitte, nil},
	} {
		var got []string
		var page struct {
			Slots []struct{ BookingID string }
		}
		a := s.get(tt.as, path+tt.query).want(http.StatusOK)
		check(t, json.Unmarshal(a.body, &page))
		for _, slot := range page.Slots {
			got = append(got, slot.BookingID)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s %s: %v, want %v", tt.as, tt.query, got, tt.want)
		}
	}
}

// Who was held for a customer is not told by a refusal either, unless he named that member himself.
func TestARefusalDoesNotTellCustomersWhoWasHeld(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	s.offer(mitte, wash, `{"name":"Wash","durationMinutes":15,"priceMinor":1000}`)
	id := s.book(ada, 10)
	longer := `{"action":"add_service","serviceId":"` + wash + `","before":"seg_1"}`
	s.put(owner, shiftsOf(asha), atBranch(mitte, everyDay(`[{"from":"09:00","to":"12:30"}]`))).want(http.StatusOK)
	s.put(owner, mittePath+"/staff/"+asha, `{"skills":["`+cut+`"]}`).want(http.StatusOK)
	s.settle()
	move := s.act(ada, id, moveTo(11))
	move.refused(http.StatusUnprocessableEntity, "STAFF_NOT_ON_SHIFT").has("details/staffId", "", "details/segmentId", "seg_1")
	s.act(desk, id, moveTo(11)).refused(http.StatusUnprocessableEntity, "STAFF_NOT_ON_SHIFT").has("details/staffId", asha)
	s.act(ada, id, longer).refused(http.StatusUnprocessableEntity, "STAFF_NOT_ON_SHIFT").has("details/staffId", "")
	s.put(owner, mittePath+"/staff/"+asha, `{"skills":["`+wash+`"]}`).want(http.StatusOK)
	s.settle()
	gone := s.act(ada, id, moveTo(9))
	gone.refused(http.StatusUnprocessableEntity, "STAFF_NOT_QUALIFIED").has("details/staffId", "", "details/serviceId", cut)
	if move.shows(asha) || gone.shows(asha) {
		t.Error("she is told who was held for her")
	}
	s.act(desk, id, moveTo(9)).refused(http.StatusUnprocessableEntity, "STAFF_NOT_QUALIFIED").has("details/staffId", asha)
	s.post(ada, "/api/bookings", wish(9)).refused(http.StatusUnprocessableEntity, "STAFF_NOT_QUALIFIED").has("details/staffId", asha)
}
