package httpapi_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// keyed is a command with an idempotency key: how a salon comes to where it can be given, and the same with another body.
type keyed struct {
	as, method, path, body string
	other                  string // another body; "" where the path says all
}

// keyedCommands brings a salon to where each command can be given, one after the other, and gives it to try.
func (s *salon) keyedCommands(try func(name string, c keyed)) {
	s.tb.Helper()
	change := func(as, id, action, members, other string) {
		s.tb.Helper()
		body := func(members string) string {
			if members == "" {
				return `{"action":"` + action + `"}`
			}
			return `{"action":"` + action + `",` + members + `}`
		}
		try(action, keyed{as, http.MethodPatch, "/api/bookings/" + id, body(members), body(other)})
	}
	reason := func(n int) string { return fmt.Sprintf(`"reason":"Reason %d."`, n) }
	try("request", keyed{ada, http.MethodPost, "/api/bookings", wish(8), wish(9)})
	guest := `{"branchId":"` + mitte + `","guest":{"name":"%s"},"services":[{"serviceId":"` + cut + `"}]}`
	try("walk_in", keyed{desk, http.MethodPost, walkInPath, fmt.Sprintf(guest, "Grace"), fmt.Sprintf(guest, "Greta")})
	first, second, third := s.book(ada, 10), s.book(ben, 11), s.firm(ada, 12)
	change(desk, first, "approve", "", `"overrides":["hours"]`)
	change(desk, second, "reject", reason(1), reason(2))
	change(ada, third, "cancel", reason(1), reason(2))
	change(desk, first, "reschedule", `"startAt":"`+tomorrow(13)+`"`, `"startAt":"`+tomorrow(14)+`"`)
	change(desk, first, "assign", `"segmentId":"seg_1","staffId":"`+bela+`"`, `"segmentId":"seg_1","staffId":"`+asha+`"`)
	change(desk, first, "unassign", `"segmentId":"seg_1",`+reason(1), `"segmentId":"seg_1",`+reason(2))
	s.acts(desk, first, `{"action":"assign","segmentId":"seg_1","staffId":"`+asha+`"}`)
	change(desk, first, "add_service", `"serviceId":"`+cut+`"`, `"serviceId":"`+cut+`","before":"seg_1"`)
	change(desk, first, "remove_service", `"segmentId":"seg_2"`, `"segmentId":"seg_1"`)
	change(desk, first, "change_duration", `"segmentId":"seg_1","durationMinutes":40`, `"segmentId":"seg_1","durationMinutes":50`)
	notes := "/api/bookings/" + first + "/notes"
	try("add_note", keyed{desk, http.MethodPost, notes, `{"note":"Yes."}`, `{"note":"No."}`})
	noteID := s.note(desk, first, "A code.", "")
	try("redact", keyed{desk, http.MethodPatch, notes + "/" + noteID, `{"action":"redact"}`, `{"action":"redact",` + reason(1) + `}`})
	missed := s.firm(ben, 15)
	s.at("2026-06-17T12:30:00Z")
	change(worker, first, "check_in", "", "")
	change(worker, first, "start", `"segmentId":"seg_1"`, `"segmentId":"seg_2"`)
	change(worker, first, "finish", `"segmentId":"seg_1"`, `"segmentId":"seg_2"`)
	change(desk, first, "complete", `"paymentMethod":"cash"`, `"paymentMethod":"card"`)
	s.at("2026-06-17T15:20:00Z")
	change(desk, missed, "no_show", "", "")
	change(desk, missed, "correct", `"toStatus":"confirmed",`+reason(1), `"toStatus":"cancelled",`+reason(2))
	s.keyedTerms(try)
}

// keyedTerms are the commands on leave, the catalogue and customers.
func (s *salon) keyedTerms(try func(name string, c keyed)) {
	s.tb.Helper()
	day := func(n int) string {
		return fmt.Sprintf(`"branchId":%q,"fromDate":"2026-06-2%d","toDate":"2026-06-2%d"`, mitte, n, n)
	}
	ask := func(n int) string { return `{` + day(n) + `,"leaveType":"casual"}` }
	try("request_leave", keyed{worker, http.MethodPost, "/api/leave", ask(1), ask(2)})
	off := `{"staffId":"` + bela + `",`
	try("mark_off", keyed{desk, http.MethodPost, "/api/leave/mark-off", off + day(3) + `}`, off + day(4) + `}`})
	granted, declined, dropped := s.askLeave(worker, ask(5)), s.askLeave(worker, ask(6)), s.askLeave(worker, ask(7))
	try("approve_leave", keyed{desk, http.MethodPatch, granted, `{"action":"approve"}`, `{"action":"approve","onConflict":"flag"}`})
	try("reject_leave", keyed{desk, http.MethodPatch, declined, `{"action":"reject","reason":"No."}`, `{"action":"reject","reason":"Not now."}`})
	try("withdraw_leave", keyed{worker, http.MethodPatch, dropped, `{"action":"withdraw"}`, ""})
	try("revoke_leave", keyed{manager, http.MethodPatch, granted, `{"action":"revoke"}`, `{"action":"revoke","reason":"Sorry."}`})
	branch := `{"name":"Third","timeZone":"Europe/Berlin","currency":"EUR","policy":{"activeCap":%d}}`
	try("open_branch", keyed{owner, http.MethodPut, "/api/branches/br_third0001", fmt.Sprintf(branch, 4), fmt.Sprintf(branch, 5)})
	put := func(name, path, body, other string) {
		s.tb.Helper()
		try(name, keyed{manager, http.MethodPut, path, body, other})
	}
	put("set_policy", mittePath+"/policy", `{"activeCap":5}`, `{"activeCap":6}`)
	put("set_hours", mittePath+"/hours", everyDay(tenToSix), everyDay(`[]`))
	put("set_shifts", shiftsOf(bela), atBranch(mitte, everyDay(tenToSix)), atBranch(mitte, everyDay(`[]`)))
	put("offer_service", mittePath+"/services/"+wash, `{"name":"W","durationMinutes":5,"priceMinor":1}`, `{"name":"W","durationMinutes":5,"priceMinor":2}`)
	put("join_staff", mittePath+"/staff/stf_clara001", `{}`, `{"skills":["`+cut+`"]}`)
	try("declare_closure", keyed{
		manager, http.MethodPost, mittePath + "/closures", `{"fromDate":"2026-08-01","toDate":"2026-08-02"}`,
		`{"fromDate":"2026-08-01","toDate":"2026-08-03"}`,
	})
	closure := s.post(manager, mittePath+"/closures", `{"fromDate":"2026-09-01","toDate":"2026-09-02"}`).want(http.StatusCreated).text("id")
	try("lift_closure", keyed{manager, http.MethodDelete, mittePath + "/closures/" + closure, "", ""})
	try("withdraw_service", keyed{manager, http.MethodDelete, mittePath + "/services/" + wash, "", ""})
	try("leave_staff", keyed{manager, http.MethodDelete, mittePath + "/staff/stf_clara001", "", ""})
	try("erase", keyed{owner, http.MethodPost, erasing(ben), "", ""})
}

func TestEveryCommandIsRepeatedUnderItsKey(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	n := 0
	s.keyedCommands(func(name string, c keyed) {
		n++
		headers := []string{"Idempotency-Key", name}
		if tag := s.get(c.as, c.path).header.Get("ETag"); tag != "" && c.method == http.MethodPatch {
			headers = append(headers, "If-Match", tag)
		}
		first := s.ask(c.as, c.method, c.path, c.body, headers...)
		if first.status >= 300 {
			t.Fatalf("%s: %d %s", name, first.status, first.body)
		}
		s.settle()
		before := len(s.store.All())
		again := s.ask(c.as, c.method, c.path, c.body, headers...)
		if again.status != first.status || string(again.body) != string(first.body) || again.header.Get("ETag") != first.header.Get("ETag") ||
			again.header.Get("Location") != first.header.Get("Location") {
			t.Errorf("%s: the repeat differs:\n%d %s\n%d %s", name, first.status, first.body, again.status, again.body)
		}
		if c.other != "" && c.other != c.body {
			s.ask(c.as, c.method, c.path, c.other, headers...).refused(http.StatusUnprocessableEntity, "IDEMPOTENCY_KEY_REUSED")
		}
		for _, key := range []string{"", " ", "a b", strings.Repeat("k", 65), "ключ"} {
			headers[1] = key
			if a := s.ask(c.as, c.method, c.path, c.body, headers...).refused(http.StatusBadRequest, "VALIDATION_ERROR"); !a.names("Idempotency-Key") {
				t.Errorf("%s: the key %q is not named: %s", name, key, a.body)
			}
		}
		if after := len(s.store.All()); after != before {
			t.Errorf("%s: %d events were written by repeats", name, after-before)
		}
	})
	// One more is tried below.
	if all := s.document().commands(); n != len(all)-1 {
		t.Errorf("%d commands were tried, of %d: %v", n, len(all), all)
	}
}

func TestAClearingIsRepeated(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	s.missFour(ada)
	clearing := `{"action":"clear","reason":"Sorry."}`
	first := s.patch(manager, standingOf(ada), clearing, "Idempotency-Key", "clear").want(http.StatusOK)
	again := s.patch(manager, standingOf(ada), clearing, "Idempotency-Key", "clear").want(http.StatusOK)
	if string(first.body) != string(again.body) {
		t.Errorf("the repeat differs: %s, %s", first.body, again.body)
	}
	s.patch(manager, standingOf(ada), `{"action":"clear","reason":"Really."}`, "Idempotency-Key", "clear").
		refused(http.StatusUnprocessableEntity, "IDEMPOTENCY_KEY_REUSED")
}
