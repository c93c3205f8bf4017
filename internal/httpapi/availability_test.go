package httpapi_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/royalglow/booking/internal/httpapi"
)

// free asks when services are free; query begins with the dates.
func (s *salon) free(as, query string) answer {
	s.tb.Helper()
	return s.get(as, mittePath+"/availability?"+query).want(http.StatusOK)
}

const (
	theDay  = "from=2026-06-17"
	anyCut  = theDay + "&serviceIds=" + cut
	dayOpen = `[{"from":"10:00","to":"12:00"}]`
)

// openHours is a salon that is open for two hours a day.
func openHours(t *testing.T) *salon {
	t.Helper()
	s := openSalon(t, nil)
	s.offer(mitte, wash, `{"name":"Wash","durationMinutes":15,"priceMinor":1000}`)
	s.put(manager, mittePath+"/hours", everyDay(dayOpen)).want(http.StatusOK)
	s.put(manager, mittePath+"/staff/"+bela, `{"skills":["`+cut+`"]}`).want(http.StatusOK)
	s.settle()
	return s
}

func TestFreeTimesAreTold(t *testing.T) {
	t.Parallel()
	s := openHours(t)
	a := s.free(desk, anyCut).has("timeZone", "Europe/Berlin", "step", "15", "days/0/date", "2026-06-17", "days/0/closed", "false",
		"days/0/reason", "", "days/0/slots/0/startAt", tomorrow(8), "days/0/slots/0/endAt", "2026-06-17T08:30:00Z",
		"days/0/slots/0/localStart", "10:00", "days/0/slots/0/utcOffset", "+02:00", "days/0/slots/0/remaining", "2",
		"days/0/slots/0/segments/0/serviceId", cut, "days/0/slots/0/segments/0/staffIds", `["`+asha+`","`+bela+`"]`)
	want := []string{"10:00", "10:15", "10:30", "10:45", "11:00", "11:15", "11:30"}
	if got := a.each("days/0/slots", "localStart"); !slices.Equal(got, want) {
		t.Errorf("starts: %v", got)
	}
	id := s.request(ada, strings.Replace(wish(8), "T08:00", "T08:30", 1))
	s.free(desk, anyCut).has("days/0/slots/0/remaining", "2", "days/0/slots/1/remaining", "1", "days/0/slots/2/segments/0/staffIds", `["`+bela+`"]`)
	named := s.free(desk, anyCut+"&staffId="+asha).each("days/0/slots", "localStart")
	if want := []string{"10:00", "11:00", "11:15", "11:30"}; !slices.Equal(named, want) {
		t.Errorf("asha's: %v", named)
	}
	own := s.free(ada, anyCut+"&staffId="+asha+"&excludeBookingId="+id).each("days/0/slots", "localStart")
	if !slices.Equal(own, want) {
		t.Errorf("while moving the booking: %v", own)
	}
	// A range of dates has them all, in order.
	days := s.free(ada, "from=2026-06-17&to=2026-07-17&serviceIds="+cut).each("days", "date")
	if len(days) != 31 || days[0] != "2026-06-17" || days[30] != "2026-07-17" {
		t.Errorf("dates: %v", days)
	}
}

func TestSeveralServicesAreFreeOneAfterTheOther(t *testing.T) {
	t.Parallel()
	s := openHours(t)
	both := theDay + "&serviceIds=" + wash + "," + cut
	s.free(desk, both).has("days/0/slots/0/segments/0/staffIds", `["`+asha+`"]`, "days/0/slots/0/segments/1/startAt", "2026-06-17T08:15:00Z",
		"days/0/slots/0/segments/1/staffIds", `["`+asha+`","`+bela+`"]`, "days/0/slots/0/remaining", "1", "days/0/slots/5/localStart", "11:15",
		"days/0/slots/6", "")
	s.free(desk, both+"&staffId=any,"+bela).has("days/0/slots/0/segments/0/staffIds", `["`+asha+`"]`, "days/0/slots/0/segments/1/staffIds", `["`+bela+`"]`)
	s.free(desk, both+"&staffId="+bela).has("days/0/slots", "[]", "days/0/reason", "no_qualified_staff")
	s.free(ada, both+"&staffId="+bela).has("days/0/slots", "[]", "days/0/reason", "fully_booked") // which is not hers to know
	s.free(desk, both+"&staffId=any").has("days/0/slots/5/localStart", "11:15")
	s.request(ada, `{"branchId":"`+mitte+`","startAt":"`+tomorrow(8)+`","services":[{"serviceId":"`+wash+`"},{"serviceId":"`+cut+`"}]}`)
	for name, query := range map[string]string{
		"two for one":        anyCut + "&staffId=" + asha + "," + bela,
		"no service":         theDay,
		"eleven services":    theDay + "&serviceIds=" + strings.Repeat(cut+",", 10) + cut,
		"an empty service":   theDay + "&serviceIds=" + cut + ",",
		"a staff for a date": "from=" + asha + "&serviceIds=" + cut,
		"32 days":            "from=2026-06-17&to=2026-07-18&serviceIds=" + cut,
		"days backwards":     "from=2026-06-17&to=2026-06-16&serviceIds=" + cut,
		"no date":            "serviceIds=" + cut,
		"the end of time":    "from=9999-12-31&serviceIds=" + cut,
		"the beginning":      "from=0000-01-01&serviceIds=" + cut,
	} {
		a := s.get(ada, mittePath+"/availability?"+query)
		if a.status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	s.get(ada, mittePath+"/availability?"+theDay+"&serviceIds=svc_nothing1").
		refused(http.StatusUnprocessableEntity, "BUSINESS_RULE_VIOLATION")
}

func TestCustomersAreNotToldWhoIsFree(t *testing.T) {
	t.Parallel()
	s := openHours(t)
	a := s.free(ada, anyCut+"&staffId="+asha)
	if a.shows("staffIds") || a.shows(asha) {
		t.Errorf("ada is told: %s", a.body)
	}
	if a := s.free(worker, anyCut); !a.shows(bela) {
		t.Errorf("staff are not: %s", a.body)
	}
}

func TestAnEmptyDayHasAReason(t *testing.T) {
	t.Parallel()
	s := openHours(t)
	s.put(manager, mittePath+"/hours", `{"override":{"date":"2026-06-18","ranges":[]}}`).want(http.StatusOK)
	s.post(manager, mittePath+"/closures", `{"fromDate":"2026-06-19","toDate":"2026-06-19"}`).want(http.StatusCreated)
	s.put(manager, mittePath+"/policy", `{"leadMinutes":120,"horizonDays":6,"activeCap":4}`).want(http.StatusOK)
	for _, start := range []string{"2026-06-20T08:00:00Z", "2026-06-20T08:30:00Z", "2026-06-20T09:00:00Z", "2026-06-20T09:30:00Z"} {
		for i := range 2 {
			s.request([]string{ada, ben}[i], `{"branchId":"`+mitte+`","startAt":"`+start+`","services":[{"serviceId":"`+cut+`"}]}`)
		}
	}
	s.at("2026-06-15T10:00:00Z")
	reasons := func(as string) []string {
		t.Helper()
		return s.free(as, "from=2026-06-14&to=2026-06-23&serviceIds="+cut).each("days", "reason")
	}
	other := []string{"past", "past", "", "", "closed", "closed", "fully_booked", "", "outside_horizon", "outside_horizon"}
	if got := reasons("usr_other001"); !slices.Equal(got, other) {
		t.Errorf("a customer: %v, want %v", got, other)
	}
	// The desk is bound by neither lead time nor horizon, and to open days alone.
	if got := reasons(desk); !slices.Equal(got, []string{"past", "past", "", "", "closed", "closed", "fully_booked", "", "", ""}) {
		t.Errorf("the desk: %v", got)
	}
	full := slices.Repeat([]string{"active_limit"}, 10)
	full[4], full[5] = "closed", "closed"
	if got := reasons(ada); !slices.Equal(got, full) {
		t.Errorf("who has four already: %v, want %v", got, full)
	}
	// Who moves one has no more of them.
	id := s.get(ada, "/api/bookings").ids()[0]
	moving := s.free(ada, "from=2026-06-20&serviceIds="+cut+"&excludeBookingId="+id)
	if got := moving.each("days/0/slots", "localStart"); !slices.Equal(got, []string{"10:00"}) {
		t.Errorf("while moving: %v", got)
	}
}

func TestACustomersOwnTimeIsNotOffered(t *testing.T) {
	t.Parallel()
	s := openHours(t)
	id := s.request(ada, `{"branchId":"`+nord+`","startAt":"2026-06-17T08:30:00Z","services":[{"serviceId":"`+cut+`","staffId":"`+bela+`"}]}`)
	want := []string{"10:00", "11:00", "11:15", "11:30"}
	if got := s.free(ada, anyCut).each("days/0/slots", "localStart"); !slices.Equal(got, want) {
		t.Errorf("ada is offered %v", got)
	}
	if got := s.free(ben, anyCut).each("days/0/slots", "localStart"); len(got) != 7 {
		t.Errorf("ben is offered %v", got)
	}
	s.post(ada, "/api/bookings", strings.Replace(wish(8), "T08:00", "T08:15", 1)).refused(http.StatusConflict, "BOOKING_OVERLAP")
	for _, as := range []string{ben, away, worker} {
		path := mittePath + "/availability?" + anyCut + "&excludeBookingId="
		if as == away {
			continue // it is at her branch
		}
		same(t, as, s.get(as, path+id), s.get(as, path+"bkg_00000000000000000000"))
	}
	s.get(desk, mittePath+"/availability?"+anyCut+"&excludeBookingId="+asha).refused(http.StatusBadRequest, "VALIDATION_ERROR")
}

func TestAnAnswerSaysHowFarItHasSeen(t *testing.T) {
	t.Parallel()
	s := openHours(t)
	r := s.post(ada, "/api/bookings", strings.Replace(wish(8), "T08:00", "T08:30", 1)).want(http.StatusCreated)
	a := s.free(ben, anyCut+"&staffId="+asha+"&minPosition="+r.text("position"))
	if got := a.each("days/0/slots", "localStart"); len(got) != 4 || len(a.text("position")) < len(r.text("position")) {
		t.Errorf("a read of what was written sees %v at %s", got, a.text("position"))
	}
	s.settle()
	s.free(ben, anyCut+"&minPosition=published")
}

// The answer is written by hand; it is the JSON of its view, to the byte.
func TestAnAnswerIsTheJSONOfItsView(t *testing.T) {
	t.Parallel()
	s := openHours(t)
	s.put(manager, mittePath+"/hours", `{"override":{"date":"2026-06-18","ranges":[]}}`).want(http.StatusOK)
	s.request(ada, wish(8))
	for _, as := range []string{ada, desk} {
		for _, query := range []string{
			anyCut, "from=2026-06-16&to=2026-07-16&serviceIds=" + wash + "," + cut, theDay + "&serviceIds=" + wash + "&staffId=" + bela,
		} {
			a := s.free(as, query)
			var view httpapi.AvailabilityView
			dec := json.NewDecoder(bytes.NewReader(a.body))
			dec.DisallowUnknownFields()
			check(t, dec.Decode(&view))
			var want bytes.Buffer
			check(t, json.NewEncoder(&want).Encode(view))
			if !bytes.Equal(a.body, want.Bytes()) {
				t.Errorf("%s %s:\n%s\nwant\n%s", as, query, a.body, want.Bytes())
			}
			if got := a.header.Get("Content-Type"); got != "application/json" {
				t.Errorf("content type %q", got)
			}
		}
	}
}
