package httpapi_test

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// wrongParts lists what a problem names, sorted: pointers and parameters.
func (a answer) wrongParts() []string {
	a.tb.Helper()
	var parts []string
	fields, _ := a.json()["fields"].([]any)
	for _, f := range fields {
		m, _ := f.(map[string]any)
		message, _ := m["message"].(string)
		if message == "" {
			a.tb.Errorf("%s: a field has no message: %s", a.what, a.body)
		}
		for _, key := range []string{"pointer", "parameter"} {
			if part, ok := m[key].(string); ok {
				parts = append(parts, part)
			}
		}
	}
	slices.Sort(parts)
	return parts
}

// Whatever is wrong with a request, one answer names all of it.
func TestOneAnswerNamesAllThatIsWrong(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	one := "/api/bookings/" + s.book(ada, 10)
	for name, tt := range map[string]struct {
		as, operation, body string
		headers             []string
		want                []string
	}{
		"ill-typed, unknown, missing, out of range": {
			as: ada, operation: "POST /api/bookings",
			body: `{"branchId":7,"colour":"red","startAt":"soon","services":[{"serviceId":"` + asha + `"},{"staffId":[]},{"free":true}],"overrides":["luck"]}`,
			want: []string{
				"/branchId", "/colour", "/overrides/0", "/services/0/serviceId", "/services/1/serviceId", "/services/1/staffId",
				"/services/2/free", "/services/2/serviceId", "/startAt",
			},
		},
		"null for everything": {
			as: ada, operation: "POST /api/bookings", body: `{"branchId":null,"startAt":null,"services":null,"overrides":null,"customerId":null}`,
			want: []string{"/branchId", "/customerId", "/overrides", "/services", "/startAt"},
		},
		"a list for an object, and an object for a list": {
			as: ada, operation: "POST /api/bookings", body: `{"branchId":"` + mitte + `","startAt":"` + tomorrow(9) + `","services":{"serviceId":1}}`,
			want: []string{"/services"},
		},
		"a guest without anything": {
			as: desk, operation: "POST /api/bookings/walk-in", body: `{"guest":{"phone":"1"},"services":[]}`,
			want: []string{"/branchId", "/guest/name", "/guest/phone", "/services"},
		},
		"headers, path and body": {
			as: desk, operation: "PATCH /api/bookings/bkg_*", body: `{"action":"reject","reasonCode":"Full House","why":"x"}`,
			headers: []string{"If-Match", "1", "Idempotency-Key", "a key"},
			want:    []string{"/reason", "/reasonCode", "/why", "Idempotency-Key", "If-Match", "id"},
		},
		"path and body of what the path gives": {
			as: owner, operation: "PUT /api/branches/mitte/services/cut", body: `{"branchId":"` + mitte + `","serviceId":"x","name":"","priceMinor":-1,"durationMinutes":1.5}`,
			want: []string{"/branchId", "/durationMinutes", "/name", "/priceMinor", "/serviceId", "id", "serviceId"},
		},
		"a policy": {
			as: owner, operation: "PUT " + mittePath + "/policy", body: `{"activeCap":0,"horizonDays":366,"lateCancel":"shout","autoConfirm":"yes","leadMinutes":1e9}`,
			want: []string{"/activeCap", "/autoConfirm", "/horizonDays", "/lateCancel", "/leadMinutes"},
		},
		"a policy within a branch": {
			as: owner, operation: "PUT /api/branches/br_new00001", body: `{"timeZone":"Local","currency":"euro","policy":{"activeCap":51,"x":1}}`,
			want: []string{"/currency", "/name", "/policy/activeCap", "/policy/x", "/timeZone"},
		},
		"shifts": {
			as: owner, operation: "PUT /api/staff/asha/shifts", body: `{"override":{"date":"2026-13-01","ranges":[{"from":"9","to":"10:00"},{"from":"12:00","to":"11:00"}]}}`,
			want: []string{"/branchId", "/override/date", "/override/ranges/0/from", "/override/ranges/1", "id"},
		},
		"skills": {
			as: owner, operation: "PUT " + mittePath + "/staff/" + asha, body: `{"skills":["x","` + cut + `","` + cut + `",3]}`,
			want: []string{"/skills", "/skills/3"},
		},
		"an action and its fields": {
			as: desk, operation: "PATCH " + one, body: `{"action":"change_duration","segmentId":"first","durationMinutes":0,"reason":"\u0007"}`,
			want: []string{"/durationMinutes", "/reason", "/segmentId"},
		},
		"a completion": {
			as: desk, operation: "PATCH " + one, body: `{"action":"complete","paymentMethod":"shells","paidMinor":-1}`,
			want: []string{"/paidMinor", "/paymentMethod"},
		},
		"a correction": {
			as: desk, operation: "PATCH " + one, body: `{"action":"correct","toStatus":"rejected"}`, want: []string{"/reason", "/toStatus"},
		},
		"leave": {
			as: worker, operation: "POST /api/leave", body: `{"fromDate":"2026-02-29","toDate":20260301,"leaveType":"hangover","fromTime":"24:01"}`,
			want: []string{"/branchId", "/fromDate", "/fromTime", "/leaveType", "/toDate"},
		},
		"a note": {
			as: desk, operation: "POST " + one + "/notes", body: `{"visibility":"secret","text":"x"}`, want: []string{"/note", "/text", "/visibility"},
		},
		"a name": {
			as: desk, operation: "PUT /api/directory/" + ada, body: `{"name":7,"id":"x"}`, want: []string{"/id", "/name"},
		},
		"a redrive": {
			as: owner, operation: "POST /api/ops/deliveries/redrive", body: `{"channel":"","why":"luck","all":"yes","x":1}`,
			want: []string{"/all", "/channel", "/why", "/x"},
		},
		"a redrive of texts that are none": {
			as: owner, operation: "POST /api/ops/deliveries/redrive", body: `{"channel":7,"why":null}`, want: []string{"/channel", "/why"},
		},
		"a replay": {
			as: owner, operation: "POST /api/ops/deliveries/replays", body: `{"from":0,"channel":"a b","dryRun":1}`,
			want: []string{"/channel", "/dryRun", "/from", "/to"},
		},
		"a list's parameters": {
			as: desk, operation: "GET /api/bookings?status=lost&limit=-1&order=up&from=now&colour=red&cursor=x&branchId=mitte&date=soon&minPosition=x&needsStaff=1&type=gym&shape=round",
			want: []string{"branchId", "colour", "cursor", "date", "from", "limit", "minPosition", "needsStaff", "order", "shape", "status", "type"},
		},
		"dates that exclude each other": {
			as: desk, operation: "GET /api/bookings?date=2026-06-17&fromDate=2026-06-17", want: []string{"date"},
		},
		"a first date that is none, and no last one": {
			as: ada, operation: "GET " + mittePath + "/availability?from=x&serviceIds=" + cut, want: []string{"from"},
		},
		"a schedule from no date": {as: desk, operation: "GET /api/schedule?from=x", want: []string{"from"}},
		"a member's schedule from no date": {
			as: worker, operation: "GET /api/staff/" + asha + "/schedule?from=x", want: []string{"from"},
		},
		"a schedule that ends on no date": {as: desk, operation: "GET /api/schedule?from=2026-06-17&to=x", want: []string{"to"}},
		"availability": {
			as: ada, operation: "GET /api/branches/mitte/availability?serviceIds=x&staffId=y&excludeBookingId=z&minPosition=-",
			want: []string{"excludeBookingId", "from", "id", "minPosition", "serviceIds", "staffId"},
		},
	} {
		method, path := cutWord(tt.operation)
		a := s.ask(tt.as, method, path, tt.body, tt.headers...)
		if a.status != http.StatusBadRequest || a.text("code") != "VALIDATION_ERROR" {
			t.Errorf("%s: %d %s", name, a.status, a.body)
			continue
		}
		if got := a.wrongParts(); !slices.Equal(got, tt.want) {
			t.Errorf("%s names\n%v, want\n%v: %s", name, got, tt.want, a.body)
		}
	}
}

// fill puts well-formed ids into the braces of a path.
func fill(path string) string {
	return strings.NewReplacer(
		"/bookings/{id}", "/bookings/bkg_00000000000000000000", "{noteId}", "nt_00000000000000000000",
		"/branches/{id}", "/branches/"+mitte, "{serviceId}", cut, "{staffId}", asha, "{closureId}", "cls_00000000000000000000",
		"/staff/{id}", "/staff/"+asha, "/leave/{id}", "/leave/lv_00000000000000000000", "/projections/{id}", "/projections/bookings", "{generation}", "1", "{eventId}", someEvent, "{id}", ada, "{file}", "secret.ics",
	).Replace(path)
}

// What no parameter takes is refused by every operation, by the name of the parameter, and all at once.
func TestEveryParameterIsChecked(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	d := s.document()
	before := len(s.store.All())
	d.each(func(method, path string, op described) {
		as := owner
		if strings.HasPrefix(path, "/api/calendars") {
			as = ada
		}
		body := ""
		if op.RequestBody != nil {
			body = `{}`
		}
		if a := s.ask(as, method, fill(path)+"?colour=red", body); a.status != http.StatusBadRequest || !a.names("colour") {
			t.Errorf("%s %s takes an unknown parameter: %d %s", method, path, a.status, a.body)
		}
		query, malformed, want := url.Values{"colour": {"red"}}, path, []string{"colour"}
		for _, p := range op.Parameters {
			switch {
			case p.In == "query":
				query.Set(p.Name, "*")
				want = append(want, p.Name)
			case p.In == "path" && p.Name != "file":
				malformed = strings.Replace(malformed, "{"+p.Name+"}", "x_*", 1)
				if method == http.MethodGet {
					want = append(want, p.Name)
				}
				a := s.ask(as, method, fill(strings.Replace(path, "{"+p.Name+"}", "x_*", 1)), body)
				if a.status != http.StatusBadRequest || !a.names(p.Name) {
					t.Errorf("%s %s takes a malformed %s: %d %s", method, path, p.Name, a.status, a.body)
				}
			}
		}
		if method != http.MethodGet || len(want) == 1 {
			return
		}
		slices.Sort(want)
		a := s.ask(as, method, fill(malformed)+"?"+query.Encode(), body)
		if got := a.wrongParts(); a.status != http.StatusBadRequest || !slices.Equal(got, want) {
			t.Errorf("%s %s names %v, want %v: %d %s", method, path, got, want, a.status, a.body)
		}
	})
	if after := len(s.store.All()); after != before {
		t.Errorf("%d events were written", after-before)
	}
}

// A body may be as wrong as it likes: it is read once, and the answer stays short.
func TestAnAnswerNamesAtMostFiftyMistakes(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	fill := func(open, piece, closing string) string {
		return open + strings.Repeat(piece, (1<<20-len(open)-len(closing))/len(piece)) + closing
	}
	for name, tt := range map[string]struct {
		body string
		want int // fields
	}{
		"numbers for services":      {fill(`{"services":[0`, `,0`, `]}`), 50},
		"services without anything": {fill(`{"services":[{}`, `,{}`, `]}`), 3}, // too many, and two that are missing
		"services without an end":   {fill(`{"services":[{}`, `,{}`, ``), 0},
		"names without an end":      {fill(`{`, `"a`, ``), 0},
		"lists within lists":        {fill(``, `[`, ``), 0},
		"lists in an unknown field": {fill(`{"x":`, `[`, `}`), 0},
		"one long text":             {fill(`{"branchId":"`, `x`, `"}`), 3},
	} {
		a := s.post(ada, "/api/bookings", tt.body).refused(http.StatusBadRequest, "VALIDATION_ERROR")
		if got := len(a.faults()); got != tt.want {
			t.Errorf("%s: %d faults: %.300s", name, got, a.body)
		}
	}
	var many strings.Builder
	many.WriteString(`{"x":0`)
	for i := 0; many.Len() < 1<<20-20; i++ {
		many.WriteString(`,"x` + strconv.Itoa(i) + `":0`)
	}
	if got := len(s.post(ada, "/api/bookings", many.String()+`}`).want(http.StatusBadRequest).faults()); got != 50 {
		t.Errorf("%d unknown fields are named", got)
	}
}
