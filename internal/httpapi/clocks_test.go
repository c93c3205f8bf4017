package httpapi_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// local is the body of a request for a time on the branch's clocks; more members may follow.
func local(date, at, more string) string {
	return `{"branchId":"` + mitte + `","date":"` + date + `","startTime":"` + at + `"` + more + `,"services":[{"serviceId":"` + cut + `"}]}`
}

func TestATimeThatTheClocksSkipCannotBeChosen(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	// Berlin, 28 March 2027: 02:00 is followed by 03:00.
	for _, body := range []string{
		local("2027-03-28", "02:00", ""), local("2027-03-28", "02:30", ""), local("2027-03-28", "02:30", `,"utcOffset":"+01:00"`),
		local("2027-03-28", "02:30", `,"utcOffset":"+02:00"`), local("2026-06-17", "10:00", `,"utcOffset":"+01:00"`),
	} {
		s.post(ada, "/api/bookings", body).refused(http.StatusUnprocessableEntity, "BOOKING_NO_SUCH_TIME")
	}
	id := s.request(ada, local("2027-03-28", "03:00", ""))
	s.read(ada, id).has("startAt", "2027-03-28T01:00:00Z", "localStart", "03:00")
	s.act(ada, id, `{"action":"reschedule","date":"2027-03-28","startTime":"02:15"}`).
		refused(http.StatusUnprocessableEntity, "BOOKING_NO_SUCH_TIME")
	s.acts(ada, id, `{"action":"reschedule","date":"2027-03-28","startTime":"01:30"}`)
	s.read(ada, id).has("startAt", "2027-03-28T00:30:00Z", "endAt", "2027-03-28T01:00:00Z", "localStart", "01:30")
	day := s.get(ben, mittePath+"/availability?from=2027-03-28&serviceIds="+cut).want(http.StatusOK)
	starts := day.each("days/0/slots", "localStart")
	if at := slices.Index(starts, "01:45"); at < 0 || starts[at+1] != "03:00" || len(starts) != 23*4 {
		t.Errorf("%d starts around the gap: %v", len(starts), starts[:min(len(starts), 16)])
	}
}

func TestTheHourThatComesTwiceIsChosenByItsOffset(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	// Berlin, 25 October 2026: 03:00 is followed by 02:00.
	day := s.get(ben, mittePath+"/availability?from=2026-10-25&serviceIds="+cut+"&staffId=any").want(http.StatusOK)
	var twice []string
	for i, start := range day.each("days/0/slots", "localStart") {
		if start == "02:15" {
			twice = append(twice, day.each("days/0/slots", "utcOffset")[i])
		}
	}
	if !slices.Equal(twice, []string{"+02:00", "+01:00"}) {
		t.Errorf("02:15 is offered at %v", twice)
	}
	for body, want := range map[string]string{
		local("2026-10-25", "02:30", ""):                      "2026-10-25T00:30:00Z",
		local("2026-10-25", "02:00", `,"utcOffset":"+02:00"`): "2026-10-25T00:00:00Z",
		local("2026-10-25", "02:30", `,"utcOffset":"+01:00"`): "2026-10-25T01:30:00Z",
		local("2026-10-25", "03:00", `,"utcOffset":"+01:00"`): "2026-10-25T02:00:00Z",
		local("2026-10-24", "24:00", ""):                      "2026-10-24T22:00:00Z",
	} {
		id := s.request(ada, body)
		s.read(ada, id).has("startAt", want)
	}
}

func TestAStartIsSaidInOneWay(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	for name, tt := range map[string]struct{ members, field string }{
		"both ways":          {`"startAt":"` + tomorrow(10) + `","date":"2026-06-17","startTime":"10:00"`, "/startAt"},
		"neither":            {`"overrides":[]`, "/startAt"},
		"no time":            {`"date":"2026-06-17"`, "/startTime"},
		"a date in words":    {`"date":"tomorrow","startTime":"10:00"`, "/date"},
		"a time in words":    {`"date":"2026-06-17","startTime":"noon"`, "/startTime"},
		"half a minute":      {`"startAt":"2026-06-17T10:00:30Z"`, "/startAt"},
		"another century":    {`"startAt":"2126-06-17T10:00:00Z"`, "/startAt"},
		"an offset in words": {`"date":"2026-06-17","startTime":"10:00","utcOffset":"CEST"`, "/utcOffset"},
	} {
		body := `{"branchId":"` + mitte + `",` + tt.members + `,"services":[{"serviceId":"` + cut + `"}]}`
		if a := s.post(ada, "/api/bookings", body).refused(http.StatusBadRequest, "VALIDATION_ERROR"); !a.names(tt.field) {
			t.Errorf("%s: %s is not named: %s", name, tt.field, a.body)
		}
	}
}

func TestZonesHaveGridsOfTheirOwn(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	for zone, want := range map[string]string{
		"Asia/Kolkata": "2026-06-16T18:30:00Z +05:30", "Asia/Kathmandu": "2026-06-16T18:15:00Z +05:45", "America/St_Johns": "2026-06-17T02:30:00Z -02:30",
	} {
		branch := "br_" + strings.ToLower(strings.NewReplacer("/", "", "_", "").Replace(zone))
		path := "/api/branches/" + branch
		s.put(owner, path, `{"name":"x","timeZone":"`+zone+`","currency":"EUR","policy":{"leadMinutes":0}}`).want(http.StatusOK)
		s.offer(branch, cut, `{"name":"Haircut","durationMinutes":30,"priceMinor":3500}`)
		s.put(owner, path+"/staff/stf_zone00001", `{}`).want(http.StatusOK)
		s.settle()
		a := s.get(ada, path+"/availability?"+anyCut).want(http.StatusOK).has("days/0/slots/0/localStart", "00:00")
		if got := a.text("days/0/slots/0/startAt") + " " + a.text("days/0/slots/0/utcOffset"); got != want {
			t.Errorf("%s: %s, want %s", zone, got, want)
		}
	}
}
