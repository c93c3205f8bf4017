package httpapi_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	ics "github.com/arran4/golang-ical"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/royalglow/booking/internal/httpapi"
)

// calendar makes a link to somebody's calendar.
func (s *salon) calendar(as string) (path string) {
	s.tb.Helper()
	a := s.post(as, "/api/calendars", "").want(http.StatusCreated)
	if a.header.Get("Cache-Control") != "no-store" {
		s.tb.Errorf("the link may be cached: %v", a.header)
	}
	return a.text("path")
}

// entries reads a calendar with the library: what each entry says of some of its properties.
func (a answer) entries(names ...ics.ComponentProperty) (all [][]string) {
	a.tb.Helper()
	a.want(http.StatusOK)
	if got := a.header.Get("Content-Type"); got != "text/calendar; charset=utf-8" {
		a.tb.Errorf("content type %q", got)
	}
	a.eachParameterOnce()
	cal, err := ics.ParseCalendar(strings.NewReader(string(a.body)))
	check(a.tb, err)
	for _, event := range cal.Events() {
		var one []string
		for _, name := range names {
			value := ""
			if p := event.GetProperty(name); p != nil {
				value = p.Value
			}
			one = append(one, value)
		}
		all = append(all, one)
	}
	slices.SortFunc(all, slices.Compare)
	return all
}

// eachParameterOnce reads a calendar's lines without the library, which wrote them (RFC 5545 3.2: a property has each parameter
// once).
func (a answer) eachParameterOnce() {
	a.tb.Helper()
	lines := strings.Split(strings.ReplaceAll(string(a.body), "\r\n ", ""), "\r\n")
	for _, line := range lines {
		property, _, _ := strings.Cut(line, ":") // none of our parameters has a colon in it
		parameters := strings.Split(property, ";")[1:]
		for i, p := range parameters {
			parameters[i], _, _ = strings.Cut(p, "=")
		}
		slices.Sort(parameters)
		if once := slices.Compact(slices.Clone(parameters)); len(once) != len(parameters) {
			a.tb.Errorf("a parameter is there twice: %s", line)
		}
	}
	if refresh := "REFRESH-INTERVAL;VALUE=DURATION:PT15M"; !slices.Contains(lines, refresh) {
		a.tb.Errorf("there is no line %s in %q", refresh, lines)
	}
}

func TestACustomersCalendarHasHisVisits(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	s.offer(mitte, wash, `{"name":"Wash, dry","durationMinutes":15,"priceMinor":1000}`)
	s.put(owner, "/api/branches/"+nord, `{"name":"Salon","timeZone":"Europe/Berlin","currency":"EUR"}`).want(http.StatusOK)
	firm, pending, gone := s.firm(ada, 10), s.request(ada, `{"branchId":"`+mitte+`","startAt":"`+tomorrow(12)+
		`","services":[{"serviceId":"`+wash+`"},{"serviceId":"`+cut+`"}]}`), s.firm(ada, 14)
	s.acts(ada, gone, `{"action":"cancel"}`)
	s.firm(ben, 16)
	s.note(desk, firm, "Difficult.", "")
	a := s.get("", s.calendar(ada))
	got := a.entries(ics.ComponentPropertyDtStart, ics.ComponentPropertyDtEnd, ics.ComponentPropertySummary, ics.ComponentPropertyStatus,
		ics.ComponentPropertyUniqueId, ics.ComponentPropertyLocation, ics.ComponentPropertyClass)
	want := [][]string{
		{"20260617T100000Z", "20260617T103000Z", "Haircut", "CONFIRMED", firm, "Salon", "PRIVATE"},
		{"20260617T120000Z", "20260617T124500Z", "Wash, dry, Haircut", "TENTATIVE", pending, "Salon", "PRIVATE"},
	}
	if !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("entries: %q", got)
	}
	for _, hidden := range []string{asha, "Asha", "Difficult", "3500", gone} {
		if a.shows(hidden) {
			t.Errorf("the calendar tells %s: %s", hidden, a.body)
		}
	}
	if a.header.Get("Cache-Control") != "private, no-cache" || !a.shows("\r\n") {
		t.Errorf("answer: %v", a.header)
	}
}

func TestAMembersCalendarHasTheWorkAndTheLeave(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	firm := s.firm(ada, 10)
	s.book(ben, 12) // held, which is not told
	visit := s.request(ada, `{"branchId":"`+mitte+`","startAt":"`+tomorrow(14)+
		`","services":[{"serviceId":"`+cut+`","staffId":"`+bela+`"},{"serviceId":"`+cut+`","staffId":"`+asha+`"}]}`)
	s.confirm(visit)
	leave := s.askLeave(worker, `{"branchId":"`+mitte+`","fromDate":"2026-06-18","toDate":"2026-06-18","leaveType":"sick"}`)
	path := s.calendar(worker)
	s.askLeave(worker, `{"branchId":"`+mitte+`","fromDate":"2026-06-20","toDate":"2026-06-20","leaveType":"sick"}`)
	s.decide(desk, leave, `{"action":"approve"}`).want(http.StatusOK)
	a := s.get("", path)
	got := a.entries(ics.ComponentPropertyDtStart, ics.ComponentPropertyDtEnd, ics.ComponentPropertySummary, ics.ComponentPropertyUniqueId)
	want := [][]string{
		{"20260617T100000Z", "20260617T103000Z", "Haircut – Ada Lovelace", firm + "-seg_1"},
		{"20260617T143000Z", "20260617T150000Z", "Haircut – Ada Lovelace", visit + "-seg_2"},
		{"20260617T220000Z", "20260618T220000Z", "Off", leave[len("/api/leave/"):]},
	}
	if !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("entries: %q", got)
	}
	for _, hidden := range []string{"sick", "3500", "EUR"} {
		if a.shows(hidden) {
			t.Errorf("the calendar tells %s: %s", hidden, a.body)
		}
	}
}

// Whatever reads the calendar of a former member has kept the link.
func TestACalendarEndsWithTheLastBranchOfItsMember(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	s.firm(ada, 10)
	path := s.calendar(worker)
	s.put(owner, "/api/branches/"+nord+"/staff/"+asha, `{}`).want(http.StatusOK)
	s.remove(manager, mittePath+"/staff/"+asha).want(http.StatusOK)
	s.settle()
	s.get("", path).want(http.StatusOK)
	s.remove(owner, "/api/branches/"+nord+"/staff/"+asha).want(http.StatusOK)
	s.settle()
	never := "/api/calendars/" + strings.Repeat("A", len(path)-len("/api/calendars/.ics")) + ".ics"
	same(t, "a link of a former member", s.get("", path), s.get("", never))
	s.put(manager, mittePath+"/staff/"+asha, `{}`).want(http.StatusOK)
	s.settle()
	if got := s.get("", path).entries(ics.ComponentPropertySummary); len(got) != 1 {
		t.Errorf("back again, the calendar has %q", got)
	}
}

func TestACalendarLinkIsReplacedAndTakenBack(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	first := s.calendar(ada)
	second := s.calendar(ada)
	if first == second {
		t.Error("the link stays the same")
	}
	never := "/api/calendars/" + strings.Repeat("A", len(first)-len("/api/calendars/.ics")) + ".ics"
	same(t, "a link that was replaced", s.get("", first), s.get("", never))
	s.get("", second).want(http.StatusOK)
	s.remove(ben, "/api/calendars").want(http.StatusOK).has("revoked", "false")
	s.remove(ada, "/api/calendars").want(http.StatusOK).has("revoked", "true")
	s.remove(ada, "/api/calendars").want(http.StatusOK).has("revoked", "false")
	same(t, "a link that was taken back", s.get("", second), s.get("", never))
	for _, path := range []string{"/api/calendars/x", "/api/calendars/.ics", "/api/calendars/" + second + "x"} {
		s.get("", path).refused(http.StatusNotFound, "NOT_FOUND")
	}
	s.post(desk, "/api/calendars", "").refused(http.StatusForbidden, "FORBIDDEN")
	s.remove(desk, "/api/calendars").refused(http.StatusForbidden, "FORBIDDEN")
	s.post("", "/api/calendars", "").refused(http.StatusUnauthorized, "UNAUTHENTICATED")
}

func TestACalendarsSecretIsNeitherLoggedNorTraced(t *testing.T) {
	t.Parallel()
	spans := tracetest.NewSpanRecorder()
	log := &syncBuffer{}
	s := openSalon(t, func(c *httpapi.Config) {
		c.Tracer = sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))
		c.Logger = debugLogger(log)
	})
	path := s.calendar(ada)
	secret := strings.TrimSuffix(strings.TrimPrefix(path, "/api/calendars/"), ".ics")
	s.get("", path).want(http.StatusOK)
	s.get("", path+"?x=1").want(http.StatusBadRequest)
	s.ask("", http.MethodHead, path, "")
	s.post("", path, "{}")
	s.get("", "/api/calendars/"+secret).want(http.StatusNotFound)
	s.contract = nil // which knows nothing of what the mux does with these
	for _, wrong := range []string{"/api//calendars/", "/api/calendars//", "/api/calendars/../calendars/", "/API/Calendars/", "/calendars/"} {
		s.get("", wrong+secret+".ics")
	}
	if !strings.Contains(log.String(), "GET /api/calendars/{file}") {
		t.Errorf("reads are not logged: %s", log)
	}
	if strings.Contains(log.String(), secret) {
		t.Errorf("the secret is in the log: %s", log)
	}
	for _, span := range spans.Ended() {
		for _, attribute := range span.Attributes() {
			if strings.Contains(attribute.Value.String(), secret) {
				t.Errorf("the secret is in the span %s: %s", span.Name(), attribute.Key)
			}
		}
		if strings.Contains(span.Name(), secret) {
			t.Errorf("the secret is in a span's name: %s", span.Name())
		}
	}
	if len(spans.Ended()) == 0 {
		t.Error("nothing was traced")
	}
}
