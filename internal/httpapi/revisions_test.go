package httpapi_test

import (
	"net/http"
	"strings"
	"testing"
)

func TestTheDeskSaysOnWhatItDecided(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	id := s.book(ada, 10)
	path := "/api/bookings/" + id
	tag := s.read(desk, id).header.Get("ETag")
	for _, body := range []string{
		`{"action":"approve"}`, `{"action":"reject","reason":"No."}`, `{"action":"cancel","reasonCode":"other"}`, moveTo(11),
		`{"action":"assign","segmentId":"seg_1","staffId":"` + bela + `"}`, `{"action":"unassign","segmentId":"seg_1","reason":"No."}`,
		`{"action":"add_service","serviceId":"` + cut + `"}`, `{"action":"remove_service","segmentId":"seg_1"}`,
		`{"action":"change_duration","segmentId":"seg_1","durationMinutes":20}`, `{"action":"check_in"}`,
		`{"action":"start","segmentId":"seg_1"}`, `{"action":"finish","segmentId":"seg_1"}`,
		`{"action":"complete","paymentMethod":"cash"}`, `{"action":"no_show"}`, `{"action":"correct","toStatus":"confirmed","reason":"No."}`,
	} {
		s.patch(desk, path, body).refused(http.StatusPreconditionRequired, "IF_MATCH_REQUIRED")
		s.patch(desk, path, body, "If-Match", `"9"`).refused(http.StatusPreconditionFailed, "STALE_REVISION").has("details/revision", "0")
	}
	// Notes take nothing away that somebody else may have changed.
	s.note(desk, id, "Fine.", "")
	s.patch(desk, path, `{"action":"approve"}`, "If-Match", tag).refused(http.StatusPreconditionFailed, "STALE_REVISION").
		has("details/revision", "1")
	s.patch(desk, path, `{"action":"approve"}`, "If-Match", `"1"`).want(http.StatusOK).has("revision", "2")
	s.settle()
	if got := s.read(desk, id); got.header.Get("ETag") != `"2"` || got.text("revision") != "2" {
		t.Errorf("ETag %s, revision %s", got.header.Get("ETag"), got.text("revision"))
	}
	// A customer need not say it, and is held to it where he does.
	s.patch(ada, path, moveTo(12), "If-Match", `"1"`).refused(http.StatusPreconditionFailed, "STALE_REVISION")
	s.patch(ada, path, moveTo(12)).want(http.StatusOK)
}

func TestAReadSaysTheRevisionThatACommandWants(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	leave := s.askLeave(worker, leaveOn(""))
	for _, tt := range []struct{ read, method, path, body string }{
		{leave, "PATCH", leave, `{"action":"approve"}`},
		{mittePath, "PUT", mittePath + "/policy", `{"activeCap":7}`},
		{mittePath + "/policy", "PUT", mittePath + "/hours", everyDay(tenToSix)},
		{mittePath + "/hours", "PUT", mittePath + "/services/" + cut, `{"name":"Cut","durationMinutes":45,"priceMinor":1}`},
		{mittePath + "/services", "DELETE", mittePath + "/services/" + cut, ``},
		{mittePath, "POST", mittePath + "/closures", `{"fromDate":"2026-07-01","toDate":"2026-07-01"}`},
		{shiftsOf(asha), "PUT", shiftsOf(asha), atBranch(mitte, everyDay(tenToSix))},
		{shiftsOf(asha), "PUT", mittePath + "/staff/" + asha, `{"skills":["` + cut + `"]}`},
		{shiftsOf(asha), "DELETE", mittePath + "/staff/" + asha, ``},
	} {
		tag := s.get(owner, tt.read).want(http.StatusOK).header.Get("ETag")
		if !strings.HasPrefix(tag, `"`) {
			t.Fatalf("%s: ETag %q", tt.read, tag)
		}
		s.ask(owner, tt.method, tt.path, tt.body, "If-Match", `"999"`).refused(http.StatusPreconditionFailed, "STALE_REVISION")
		a := s.ask(owner, tt.method, tt.path, tt.body, "If-Match", tag)
		if a.status >= 300 {
			t.Errorf("%s %s with the ETag of %s: %d %s", tt.method, tt.path, tt.read, a.status, a.body)
		}
		s.settle()
	}
}
