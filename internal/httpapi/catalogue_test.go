package httpapi_test

import (
	"net/http"
	"testing"
)

const (
	mittePath = "/api/branches/" + mitte
	nordPath  = "/api/branches/" + nord
)

func TestABranchIsReadInWholeAndInParts(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	s.put(manager, mittePath+"/staff/"+bela, `{"skills":["`+cut+`"]}`).want(http.StatusOK)
	s.settle()
	for _, as := range []string{ada, worker, desk, away, owner} {
		s.get(as, "/api/branches").want(http.StatusOK).has("branches/0/id", mitte, "branches/1/id", nord, "branches/0/name", "Salon")
		a := s.get(as, mittePath).want(http.StatusOK).has(
			"id", mitte, "timeZone", "Europe/Berlin", "currency", "EUR", "services/0/serviceId", cut, "staff/0/staffId", asha,
			"staff/0/name", "Asha Rao", "staff/0/skills", "[]", "staff/1/skills/0", cut, "closures", "[]", "policy/activeCap", "50",
		)
		if etag := a.header.Get("ETag"); etag == "" {
			t.Errorf("%s gets no ETag", as)
		}
		s.get(as, mittePath+"/services").want(http.StatusOK).has("services/0/name", "Haircut", "currency", "EUR")
		s.get(as, mittePath+"/staff").want(http.StatusOK).has("staff/0/staffId", asha, "staff/1/staffId", bela)
		s.get(as, mittePath+"/hours").want(http.StatusOK).has("timeZone", "Europe/Berlin", "hours", "{}")
		s.get(as, mittePath+"/policy").want(http.StatusOK).has("leadMinutes", "0", "cancelCutoffMinutes", "240", "lateCancel", "allow_and_flag")
		s.get(as, mittePath+"/closures").want(http.StatusOK).has("closures", "[]")
	}
	for _, part := range []string{"", "/services", "/staff", "/hours", "/policy", "/closures", "/availability?from=2026-06-17&serviceIds=" + cut} {
		s.get(ada, "/api/branches/br_nobody01"+part).refused(http.StatusNotFound, "NOT_FOUND")
	}
}

func TestTermsAreForManagersOfTheBranch(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	for path, body := range map[string]string{
		"PUT " + mittePath:                           `{"name":"Salon","timeZone":"Europe/Berlin","currency":"EUR"}`,
		"PUT " + mittePath + "/hours":                `{"override":{"date":"2026-12-24","ranges":[]}}`,
		"PUT " + mittePath + "/policy":               `{}`,
		"PUT " + mittePath + "/services/" + cut:      `{"name":"Cut","durationMinutes":30,"priceMinor":1}`,
		"DELETE " + mittePath + "/services/" + cut:   ``,
		"PUT " + mittePath + "/staff/" + asha:        `{}`,
		"DELETE " + mittePath + "/staff/" + asha:     ``,
		"POST " + mittePath + "/closures":            `{"fromDate":"2026-06-17","toDate":"2026-06-17"}`,
		"DELETE " + mittePath + "/closures/cls_none": ``,
		"PUT /api/staff/" + asha + "/shifts":         `{"branchId":"` + mitte + `","override":{"date":"2026-06-17","ranges":[]}}`,
	} {
		method, path := cutWord(path)
		before := len(s.store.All())
		for _, as := range []string{ada, worker, desk, away} {
			a := s.ask(as, method, path, body)
			if path == mittePath+"/closures/cls_none" {
				a.refused(http.StatusBadRequest, "VALIDATION_ERROR") // malformed for everybody
				continue
			}
			a.refused(http.StatusForbidden, "FORBIDDEN")
		}
		if len(s.store.All()) != before {
			t.Errorf("%s %s wrote", method, path)
		}
	}
}

func TestAServiceIsOfferedOnTermsThatBookingsKeep(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	id := s.firm(ada, 10)
	s.put(manager, mittePath+"/services/"+cut, `{"name":"Haircut de luxe","type":"spa","priceMinor":9900,"preBufferMinutes":5,
		"postBufferMinutes":10,"leadMinutes":600,"phases":[{"kind":"active","minutes":20},{"kind":"processing","minutes":30},
		{"kind":"active","minutes":10}]}`).want(http.StatusOK)
	s.settle()
	s.get(desk, mittePath+"/services").has("services/0/durationMinutes", "60", "services/0/phases/1/kind", "processing",
		"services/0/priceMinor", "9900", "services/0/preBufferMinutes", "5", "services/0/postBufferMinutes", "10",
		"services/0/type", "spa", "services/0/leadMinutes", "600")
	s.get(ada, mittePath+"/services").has("services/0/preBufferMinutes", "", "services/0/postBufferMinutes", "", "services/0/priceMinor", "9900")
	s.get(worker, mittePath+"/services").has("services/0/priceMinor", "", "services/0/preBufferMinutes", "5")
	s.read(ada, id).has("segments/0/serviceName", "Haircut", "totalMinor", "3500")
	for body, field := range map[string]string{
		`{"name":"x","priceMinor":1}`:                                                              "/durationMinutes",
		`{"name":"x","priceMinor":1,"phases":[{"kind":"waiting","minutes":5}]}`:                    "/phases/0/kind",
		`{"name":"x","priceMinor":1,"durationMinutes":5,"type":"gym"}`:                             "/type",
		`{"name":"x","priceMinor":1,"durationMinutes":5,"postBufferMinutes":481}`:                  "/postBufferMinutes",
		`{"name":"x","priceMinor":1,"phases":[{"kind":"processing","minutes":5}]}`:                 "",
		`{"name":"x","priceMinor":1,"durationMinutes":9,"phases":[{"kind":"active","minutes":5}]}`: "",
	} {
		a := s.put(manager, mittePath+"/services/"+cut, body).refused(http.StatusBadRequest, "VALIDATION_ERROR")
		if field != "" && !a.names(field) {
			t.Errorf("%s does not name %s: %s", body, field, a.body)
		}
	}
	s.remove(manager, mittePath+"/services/"+cut).want(http.StatusOK)
	s.settle()
	s.get(ada, mittePath+"/services").has("services", "[]")
	s.post(ada, "/api/bookings", wish(12)).refused(http.StatusUnprocessableEntity, "BUSINESS_RULE_VIOLATION")
	s.read(ada, id).has("status", "confirmed")
}

func TestServicesOfTwoKindsAreNotBookedTogether(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	s.offer(mitte, wash, `{"name":"Sauna","type":"spa","durationMinutes":15,"priceMinor":1000}`)
	s.settle()
	both := `{"branchId":"` + mitte + `","startAt":"` + tomorrow(10) + `","services":[{"serviceId":"` + cut + `"},{"serviceId":"` + wash + `"}]}`
	s.post(ada, "/api/bookings", both).refused(http.StatusBadRequest, "VALIDATION_ERROR")
	s.get(ada, mittePath+"/availability?from=2026-06-17&serviceIds="+cut+","+wash).refused(http.StatusBadRequest, "VALIDATION_ERROR")
	id := s.request(ada, `{"branchId":"`+mitte+`","startAt":"`+tomorrow(10)+`","services":[{"serviceId":"`+wash+`"}]}`)
	if got := s.get(ada, "/api/bookings?type=spa").ids(); len(got) != 1 || got[0] != id {
		t.Errorf("of the spa: %v", got)
	}
}

func TestAMemberLeavesABranchAndKeepsTheOther(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	id := s.firm(ada, 10)
	s.remove(manager, mittePath+"/staff/"+asha).want(http.StatusOK)
	s.settle()
	s.get(ada, mittePath+"/staff").has("staff/0/staffId", bela, "staff/1", "")
	s.get(ada, nordPath+"/staff").has("staff/0/staffId", asha)
	s.post(ada, "/api/bookings", wish(12)).refused(http.StatusUnprocessableEntity, "STAFF_NOT_QUALIFIED")
	s.read(worker, id).has("status", "confirmed")
	// To leave again changes nothing.
	before := len(s.store.All())
	s.remove(manager, mittePath+"/staff/"+asha).want(http.StatusOK)
	if len(s.store.All()) != before {
		t.Error("something was written")
	}
}
