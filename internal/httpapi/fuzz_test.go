package httpapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// bodies are sound bodies of every command, by operation; each is as full as it can be.
func bodies() map[string][]string {
	const (
		overrides   = `"overrides":["hours","buffer"]`
		assignments = `"assignments":[{"segmentId":"seg_1","staffId":"stf_asha0001"}]`
		hours       = `[{"from":"09:00","to":"12:00"},{"from":"13:00","to":"24:00"}]`
		dates       = `"branchId":"br_nobody01","fromDate":"2026-06-17","toDate":"2026-06-18","fromTime":"09:00","toTime":"13:00"`
	)
	policy := `"leadMinutes":5,"horizonDays":9,"activeCap":3,"slotStepMinutes":15,"cancelCutoffMinutes":60,"lateCancel":"block",` +
		`"maxReschedules":1,"rescheduleCutoffMinutes":60,"rescheduleReapprove":true,"noShowGraceMinutes":5,"manualNoShowGraceMinutes":5,` +
		`"pendingExpiryMinutes":60,"autoConfirm":false,"staffMayAddServices":true,"bufferPastShift":true`
	return map[string][]string{
		"POST /api/bookings": {
			`{"customerId":"usr_ada00001","branchId":"br_nobody01","startAt":"2026-06-17T10:00:00Z","services":[{"serviceId":"svc_cut00001","staffId":"stf_asha0001"}],` + overrides + `}`,
			`{"customerId":"usr_ada00001","branchId":"br_nobody01","date":"2026-06-17","startTime":"10:00","utcOffset":"+02:00","services":[{"serviceId":"svc_cut00001"}]}`,
		},
		"POST /api/bookings/walk-in": {
			`{"branchId":"br_nobody01","guest":{"name":"Grace","phone":"+49 30 1234567"},"startAt":"2026-06-17T10:00:00Z","services":[{"serviceId":"svc_cut00001","staffId":"stf_asha0001"}],` + overrides + `}`,
			`{"branchId":"br_nobody01","customerId":"usr_ada00001","services":[{"serviceId":"svc_cut00001"}]}`,
		},
		"PATCH /api/bookings/{id}": {
			`{"action":"approve",` + assignments + `,` + overrides + `}`, `{"action":"reject","reasonCode":"full","reason":"No."}`,
			`{"action":"cancel","cancelledBy":"salon","reasonCode":"other","reason":"No."}`,
			`{"action":"reschedule","startAt":"2026-06-17T10:00:00Z","reason":"No.",` + assignments + `,` + overrides + `}`,
			`{"action":"reschedule","date":"2026-06-17","startTime":"10:00","utcOffset":"Z"}`,
			`{"action":"assign","segmentId":"seg_1","staffId":"stf_asha0001",` + overrides + `}`, `{"action":"unassign","segmentId":"seg_1","reason":"No."}`,
			`{"action":"add_service","serviceId":"svc_cut00001","staffId":"stf_asha0001","before":"seg_1",` + overrides + `}`,
			`{"action":"remove_service","segmentId":"seg_1","reason":"No."}`,
			`{"action":"change_duration","segmentId":"seg_1","durationMinutes":20,"reason":"No.",` + overrides + `}`, `{"action":"check_in"}`,
			`{"action":"start","segmentId":"seg_1"}`, `{"action":"finish","segmentId":"seg_1"}`, `{"action":"complete","paymentMethod":"cash","paidMinor":1}`,
			`{"action":"no_show"}`, `{"action":"correct","toStatus":"confirmed","reason":"No."}`,
			`{"action":"correct","toStatus":"completed","reason":"No.","paymentMethod":"upi","paidMinor":100}`,
		},
		"POST /api/ops/projections/{id}/rebuild":        {`{}`, `{"budgetMs":5,"force":true}`},
		"POST /api/ops/projections/{id}/rebuild-stream": {`{"stream":"booking-bkg_nobody01"}`},
		"POST /api/ops/projections/{id}/skip":           {`{}`, `{"position":1}`},
		"POST /api/ops/projections/{id}/audit":          {`{}`, `{"sample":1,"streams":["booking-bkg_nobody01"],"heal":true}`},
		"POST /api/ops/deliveries/redrive": {
			`{"channel":"admin:bookings:br_2","dryRun":true}`, `{"why":"refused"}`, `{"all":true,"dryRun":false}`,
		},
		"POST /api/ops/deliveries/replays":        {`{"from":1,"to":2,"channel":"admin:bookings:br_2","dryRun":true}`, `{"from":1,"to":1,"dryRun":true}`},
		"POST /api/bookings/{id}/notes":           {`{"note":"Hello.","visibility":"internal"}`},
		"PATCH /api/bookings/{id}/notes/{noteId}": {`{"action":"redact","reason":"No."}`},
		"PUT /api/branches/{id}":                  {`{"name":"Third","timeZone":"Europe/Berlin","currency":"EUR","policy":{` + policy + `}}`},
		"PUT /api/branches/{id}/policy":           {`{` + policy + `}`},
		"PUT /api/branches/{id}/hours": {
			`{"pattern":{"effectiveFrom":"2026-06-15","week":{"mon":` + hours + `,"sun":[]}}}`,
			`{"override":{"date":"2026-06-17","ranges":` + hours + `,"lifted":false}}`,
		},
		"PUT /api/staff/{id}/shifts": {
			`{"branchId":"br_nobody01","pattern":{"effectiveFrom":"2026-06-15","week":{"tue":` + hours + `}}}`,
			`{"branchId":"br_nobody01","override":{"date":"2026-06-17","ranges":[]}}`,
		},
		"PUT /api/branches/{id}/services/{serviceId}": {
			`{"name":"Cut","type":"spa","durationMinutes":50,"phases":[{"kind":"active","minutes":20},{"kind":"processing","minutes":30}],` +
				`"preBufferMinutes":5,"postBufferMinutes":5,"priceMinor":100,"leadMinutes":60}`,
		},
		"PUT /api/branches/{id}/staff/{staffId}": {`{"skills":["svc_cut00001"]}`},
		"POST /api/branches/{id}/closures":       {`{"fromDate":"2026-06-17","toDate":"2026-06-18","reason":"Roof."}`},
		"POST /api/leave":                        {`{` + dates + `,"leaveType":"sick","reason":"Back."}`},
		"POST /api/leave/mark-off":               {`{` + dates + `,"staffId":"stf_asha0001","reason":"A burst pipe."}`},
		"PATCH /api/leave/{id}": {
			`{"action":"approve","onConflict":"flag"}`, `{"action":"reject","reason":"No."}`, `{"action":"withdraw"}`, `{"action":"revoke","reason":"No."}`,
		},
		"PATCH /api/customers/{id}/standing": {`{"action":"clear","reason":"No."}`},
		"PUT /api/directory/{id}":            {`{"name":"Ada"}`},
		"POST /api/ably/token":               {`{"bookingId":"bkg_00000000000000000000"}`},
	}
}

// aim fills a path with ids of what is not there, so that a body which is taken changes nothing that other tries rest on.
func aim(path string) string {
	return fill(strings.NewReplacer("/branches/{id}", "/branches/br_nobody01", "/staff/{id}", "/staff/stf_nobody01", "{staffId}", "stf_nobody01").Replace(path))
}

// Whatever a body is, the document and the server agree on its form, and what is wrong with it is named by places that it has.
func FuzzABodyIsUnderstoodOrRefused(f *testing.F) {
	all := bodies()
	operations := sortedKeys(all)
	for i, operation := range operations {
		for _, body := range all[operation] {
			f.Add(uint8(i), []byte(body), `"0"`)
		}
	}
	for _, body := range []string{
		`{"action":"approve","action":"reject"}`, `{"action":null}`, `[]`, ``, "null", `{"action":"approve"} {}`, "{\"\xff\":1}", `[1,`, `{"a":1,]`,
		`{"action":{"action":"approve"}}`, `{"":0,"action":"approve"}`, `{"action":"approve","assignments":null}`, `{"a~b":1,"c/d":{"~":[0]}}`,
		`{"services":[0,0,{"x":[]}]}`, strings.Repeat(`{"a":`, 200) + `0` + strings.Repeat(`}`, 200), `{"phases":[[],{}]}`,
	} {
		for i := range operations {
			f.Add(uint8(i), []byte(body), `"0"`)
		}
	}
	s := openSalon(f, nil)
	d := s.document()
	f.Fuzz(func(t *testing.T, which uint8, body []byte, ifMatch string) {
		s := *s
		s.tb = t
		operation := operations[int(which)%len(operations)]
		method, path := cutWord(operation)
		path = aim(path)
		a := s.ask(owner, method, path, string(body), append(d.condition(operation, ifMatch), "Content-Type", "application/json")...)
		if a.status >= http.StatusInternalServerError && a.status != http.StatusServiceUnavailable {
			t.Fatalf("%s %s %q: %d %s", method, path, body, a.status, a.body)
		}
		if a.status != http.StatusBadRequest {
			if err := s.contract.Takes(method, path, body); err != nil && len(body) > 0 {
				t.Errorf("%d, and the document: %v", a.status, err)
			}
			return
		}
		if a.text("code") != "VALIDATION_ERROR" {
			t.Errorf("%s %s %q: %s", method, path, body, a.body)
		}
		for _, fault := range a.faults() {
			if err := fits(body, fault); err != nil {
				t.Errorf("%s %s %q: %v", method, path, body, err)
			}
		}
	})
}

// fault is a wrong part of a request.
type fault struct{ Pointer, Parameter, Message string }

func (a answer) faults() []fault {
	a.tb.Helper()
	var problem struct{ Fields []fault }
	check(a.tb, json.Unmarshal(a.body, &problem))
	return problem.Fields
}

// fits checks that a fault is where it says: what is missing lies in something that is there, and all else is there itself.
func fits(body []byte, f fault) error {
	if f.Parameter != "" || f.Pointer == "" {
		return nil
	}
	var at any
	if err := json.Unmarshal(body, &at); err != nil && !strings.HasPrefix(f.Message, "is there twice") {
		return fmt.Errorf("%+v in what is not JSON: %w", f, err)
	}
	tokens := strings.Split(f.Pointer, "/")[1:]
	for i, token := range tokens {
		token = strings.NewReplacer("~1", "/", "~0", "~").Replace(token)
		there := false
		switch parent := at.(type) {
		case map[string]any:
			at, there = parent[token]
		case []any:
			n, err := strconv.Atoi(token)
			if there = err == nil && n < len(parent); there {
				at = parent[n]
			}
		}
		last := i == len(tokens)-1
		if !there && (!last || strings.HasPrefix(f.Message, "is not a field") || strings.HasPrefix(f.Message, "must not be null")) {
			return fmt.Errorf("%+v is not there", f)
		}
	}
	return nil
}
