package httpapi_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// What is sound part by part may not go together: every part that is concerned is named, with all else that is wrong.
func TestOneAnswerNamesAllThatDoesNotGoTogether(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	const spa = "svc_spa00001"
	s.offer(mitte, spa, `{"name":"Steam","type":"spa","durationMinutes":30,"priceMinor":1000}`)
	one := "/api/bookings/" + s.book(ada, 10)
	service := "PUT " + mittePath + "/services/" + wash
	mixed := strings.Replace(wish(12), `"services":[`, `"services":[{"serviceId":"`+cut+`"},{"serviceId":"`+spa+`"},`, 1)
	for name, tt := range map[string]struct {
		as, operation, body string
		headers             []string
		want                []string
	}{
		"a leave that ends before it begins": {
			as: worker, operation: "POST /api/leave", body: `{"branchId":"` + mitte + `","fromDate":"2026-06-18","toDate":"2026-06-17","leaveType":"nap"}`,
			want: []string{"/fromDate", "/leaveType", "/toDate"},
		},
		"a leave of 363 days": {
			as: worker, operation: "POST /api/leave", body: `{"branchId":"` + mitte + `","fromDate":"2026-01-01","toDate":"2026-12-29","leaveType":"nap"}`,
			want: []string{"/fromDate", "/leaveType", "/toDate"},
		},
		"a leave of an afternoon that ends in the morning": {
			as: worker, operation: "POST /api/leave",
			body: `{"fromDate":"2026-06-17","toDate":"2026-06-17","fromTime":"15:00","toTime":"09:00","leaveType":"sick"}`,
			want: []string{"/branchId", "/fromTime", "/toTime"},
		},
		"a leave of nothing before midnight": {
			as: worker, operation: "POST /api/leave", body: `{"branchId":"` + mitte + `","fromDate":"2026-06-17","toDate":"2026-06-17","fromTime":"24:00","leaveType":"sick"}`,
			want: []string{"/fromTime"},
		},
		"a leave of nothing after midnight": {
			as: worker, operation: "POST /api/leave", body: `{"branchId":"` + mitte + `","fromDate":"2026-06-17","toDate":"2026-06-17","toTime":"00:00","leaveType":"sick"}`,
			want: []string{"/toTime"},
		},
		"a leave of nothing at midnight": {
			as: worker, operation: "POST /api/leave",
			body: `{"branchId":"` + mitte + `","fromDate":"2026-06-17","toDate":"2026-06-18","fromTime":"24:00","toTime":"00:00","leaveType":"sick"}`,
			want: []string{"/fromTime", "/toTime"},
		},
		"a leave from a time that the clocks skip": {
			as: worker, operation: "POST /api/leave",
			body: `{"branchId":"` + mitte + `","fromDate":"2027-03-28","toDate":"2027-03-28","fromTime":"02:45","toTime":"03:15","leaveType":"sick"}`,
			want: []string{"/fromTime", "/toTime"},
		},
		"a mark-off that ends before it begins": {
			as: desk, operation: "POST /api/leave/mark-off", body: `{"branchId":"` + mitte + `","staffId":"x","fromDate":"2026-06-18","toDate":"2026-06-17"}`,
			want: []string{"/fromDate", "/staffId", "/toDate"},
		},
		"a closure that ends before it begins": {
			as: owner, operation: "POST " + mittePath + "/closures", body: `{"fromDate":"2026-06-18","toDate":"2026-06-17","reason":"\u0007"}`,
			want: []string{"/fromDate", "/reason", "/toDate"},
		},
		"a closure of 367 days": {
			as: owner, operation: "POST " + mittePath + "/closures", body: `{"fromDate":"2026-01-01","toDate":"2027-01-02","why":"x"}`,
			want: []string{"/fromDate", "/toDate", "/why"},
		},
		"phases that do not add up": {
			as: owner, operation: service,
			body: `{"name":"Wash","durationMinutes":60,"priceMinor":-1,"phases":[{"kind":"active","minutes":20},{"kind":"processing","minutes":20}]}`,
			want: []string{"/durationMinutes", "/phases", "/priceMinor"},
		},
		"phases in which nobody works": {
			as: owner, operation: service, body: `{"name":"","priceMinor":0,"phases":[{"kind":"processing","minutes":20}]}`,
			want: []string{"/name", "/phases"},
		},
		"phases that are none": {
			as: owner, operation: service,
			body: `{"name":"Wash","durationMinutes":60,"priceMinor":-1,"phases":[{"kind":"idle","minutes":20},{"kind":"active","minutes":0}]}`,
			want: []string{"/phases/0/kind", "/phases/1/minutes", "/priceMinor"},
		},
		"phases of more than a day": {
			as: owner, operation: service,
			body: `{"name":"Wash","priceMinor":-1,"phases":[{"kind":"active","minutes":1000},{"kind":"processing","minutes":441}]}`,
			want: []string{"/phases", "/priceMinor"},
		},
		"a service of more than a day with its buffers": {
			as: owner, operation: service, body: `{"name":"Wash","durationMinutes":1400,"preBufferMinutes":30,"postBufferMinutes":30,"priceMinor":-1}`,
			want: []string{"/durationMinutes", "/postBufferMinutes", "/preBufferMinutes", "/priceMinor"},
		},
		"a pattern and an override": {
			as: owner, operation: "PUT " + mittePath + "/hours",
			body: `{"pattern":{"effectiveFrom":"soon","week":{}},"override":{"date":"2026-06-17","ranges":[]}}`,
			want: []string{"/override", "/pattern/effectiveFrom"},
		},
		"services of the salon and of the spa": {
			as: ada, operation: "POST /api/bookings", body: mixed, want: []string{"/services/1/serviceId"},
		},
		"a walk-in for the salon and for the spa": {
			as: desk, operation: "POST /api/bookings/walk-in",
			body: `{"branchId":"` + mitte + `","customerId":"` + ada + `","services":[{"serviceId":"` + spa + `"},{"serviceId":"` + cut + `"},{"serviceId":"` + cut + `"}]}`,
			want: []string{"/services/1/serviceId", "/services/2/serviceId"},
		},
		"a walk-in for a customer who is a guest": {
			as: desk, operation: "POST /api/bookings/walk-in",
			body: `{"branchId":"` + mitte + `","customerId":"` + ada + `","guest":{"name":""},"services":[{"serviceId":"` + cut + `"}]}`,
			want: []string{"/customerId", "/guest/name"},
		},
		"a service of the spa for a booking of the salon": {
			as: desk, operation: "PATCH " + one, body: `{"action":"add_service","serviceId":"` + spa + `"}`, headers: []string{"If-Match", `"0"`},
			want: []string{"/serviceId"},
		},
		"a booking by the desk for nobody": {
			as: desk, operation: "POST /api/bookings", body: strings.Replace(wish(12), cut, "svc_*", 1), want: []string{"/customerId", "/services/0/serviceId"},
		},
		"a booking by the desk for nobody, and a field that is unknown": {
			as: desk, operation: "POST /api/bookings", body: with(wish(12), `"colour":"red"`), want: []string{"/colour", "/customerId"},
		},
		"a cancellation by the salon without a code": {
			as: desk, operation: "PATCH " + one, body: `{"action":"cancel","reason":"\u0007"}`, want: []string{"/reason", "/reasonCode"},
		},
		"a payment of what is not completed": {
			as: desk, operation: "PATCH " + one, body: `{"action":"correct","toStatus":"confirmed","reason":"","paymentMethod":"cash","paidMinor":1}`,
			want: []string{"/paidMinor", "/paymentMethod", "/reason"},
		},
		"an amount of which nobody says how it was paid": {
			as: desk, operation: "PATCH " + one, body: `{"action":"correct","toStatus":"completed","reason":"","paidMinor":1}`,
			want: []string{"/paymentMethod", "/reason"},
		},
		"a name that is none for an id that is none": {
			as: desk, operation: "PUT /api/directory/ada", body: `{"name":"A\nB","x":1}`, want: []string{"/name", "/x", "id"},
		},
		"a replay whose range is reversed": {
			as: owner, operation: "POST /api/ops/deliveries/replays", body: `{"from":2,"to":1,"channel":"a*"}`, want: []string{"/channel", "/from", "/to"},
		},
		"a token wish": {
			as: ada, operation: "POST /api/ably/token", body: `{"bookingId":"bkg_*","capability":"*"}`, want: []string{"/bookingId", "/capability"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := *s
			s.tb = t
			method, path := cutWord(tt.operation)
			before := len(s.store.All())
			a := s.refused(s.ask(tt.as, method, path, tt.body, tt.headers...), before, http.StatusBadRequest, "VALIDATION_ERROR")
			if got := a.wrongParts(); !slices.Equal(got, tt.want) {
				t.Errorf("it names\n%v, want\n%v: %s", got, tt.want, a.body)
			}
		})
	}
}
