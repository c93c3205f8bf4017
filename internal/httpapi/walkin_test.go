package httpapi_test

import (
	"net/http"
	"testing"
)

const walkInPath = "/api/bookings/walk-in"

// walkIn serves a haircut to whoever a JSON member tells, by asha, in the first branch.
func (s *salon) walkIn(who string) answer {
	s.tb.Helper()
	a := s.post(desk, walkInPath, `{"branchId":"`+mitte+`",`+who+`,"services":[{"serviceId":"`+cut+`","staffId":"`+asha+`"}]}`)
	s.settle()
	return a
}

func TestAGuestWalksInAndPays(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	s.at("2026-06-15T08:03:40Z")
	made := s.walkIn(`"guest":{"name":"Grace Hopper","phone":"+49 30 1234567"}`).want(http.StatusCreated)
	id := made.text("id")
	if made.header.Get("Location") != "/api/bookings/"+id {
		t.Errorf("Location: %v", made.header)
	}
	s.read(desk, id).has(
		"status", "confirmed", "isWalkIn", "true", "startAt", "2026-06-15T08:03:00Z", "localStart", "10:03",
		"customerId", "", "customerName", "Grace Hopper", "guest/name", "Grace Hopper", "guest/phone", "+49 30 1234567",
	)
	s.acts(worker, id, `{"action":"check_in"}`)
	s.read(desk, id).has("status", "checked_in")
	s.acts(worker, id, `{"action":"start","segmentId":"seg_1"}`)
	s.read(worker, id).has("status", "in_progress", "segments/0/startedAt", "2026-06-15T08:03:40Z")
	s.at("2026-06-15T08:20:00Z")
	s.acts(worker, id, `{"action":"finish","segmentId":"seg_1"}`)
	s.act(worker, id, `{"action":"complete","paymentMethod":"cash"}`).refused(http.StatusForbidden, "FORBIDDEN")
	s.acts(desk, id, `{"action":"complete","paymentMethod":"upi","paidMinor":3000}`)
	s.read(desk, id).has(
		"status", "completed", "paymentMethod", "upi", "paidMinor", "3000", "totalMinor", "3500",
		"segments/0/finishedAt", "2026-06-15T08:20:00Z", "outcomeAt", "2026-06-15T08:20:00Z",
	)
	s.read(worker, id).has("paymentMethod", "", "paidMinor", "", "totalMinor", "", "guest/phone", "", "guest/name", "Grace Hopper")
	// What was not needed of the half hour is free again.
	s.get(desk, "/api/schedule?from=2026-06-15").has("slots/0/endAt", "2026-06-15T08:20:00Z")
}

func TestAnAccountWalksInAndIsBilledAsBooked(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	id := s.walkIn(`"customerId":"` + ada + `"`).want(http.StatusCreated).text("id")
	s.read(ada, id).has("status", "confirmed", "customerName", "Ada Lovelace", "segments/0/staffName", "Asha Rao", "guest", "")
	// Nobody has started it: that happens with the check-out.
	s.acts(desk, id, `{"action":"complete","paymentMethod":"card"}`)
	s.read(ada, id).has("status", "completed", "paymentMethod", "card", "paidMinor", "3500", "segments/0/startedAt", "2026-06-15T08:00:00Z")
}

func TestAWalkInIsServedByWhoeverIsFree(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	body := `{"branchId":"` + mitte + `","guest":{"name":"Grace"},"services":[{"serviceId":"` + cut + `"}]}`
	var staff []string
	for range 2 {
		id := s.post(desk, walkInPath, body).want(http.StatusCreated).text("id")
		s.settle()
		staff = append(staff, s.read(desk, id).text("segments/0/staffId"))
	}
	if !sameSet(staff, []string{asha, bela}) {
		t.Errorf("served by %v", staff)
	}
	third := s.post(desk, walkInPath, body).refused(http.StatusConflict, "BOOKING_SLOT_UNAVAILABLE")
	third.has("details/alternatives/0/startAt", "2026-06-15T08:30:00Z")
	if third.text("details/alternatives/0/staffIds/0") == "" {
		t.Errorf("the desk is not told who could: %s", third.body)
	}
}

func TestAWalkInIsForTheDeskAndForNow(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	guest := `"guest":{"name":"Grace"},"services":[{"serviceId":"` + cut + `","staffId":"` + asha + `"}]}`
	for name, tt := range map[string]struct {
		as, body string
		status   int
		code     string
		field    string
	}{
		"by a customer":   {ada, `{"branchId":"` + mitte + `",` + guest, 403, "FORBIDDEN", ""},
		"by staff":        {worker, `{"branchId":"` + mitte + `",` + guest, 403, "FORBIDDEN", ""},
		"by another desk": {away, `{"branchId":"` + mitte + `",` + guest, 403, "FORBIDDEN", ""},
		"at no branch":    {owner, `{"branchId":"br_nobody01",` + guest, 422, "BRANCH_INACTIVE", ""},
		"tomorrow":        {desk, `{"branchId":"` + mitte + `","startAt":"` + tomorrow(8) + `",` + guest, 422, "BUSINESS_RULE_VIOLATION", ""},
		"an hour ago":     {desk, `{"branchId":"` + mitte + `","startAt":"2026-06-15T07:00:00Z",` + guest, 422, "BOOKING_LEAD_TIME", ""},
		"for nobody":      {desk, `{"branchId":"` + mitte + `","services":[{"serviceId":"` + cut + `"}]}`, 400, "VALIDATION_ERROR", "/customerId"},
		"for two":         {desk, `{"branchId":"` + mitte + `","customerId":"` + ada + `",` + guest, 400, "VALIDATION_ERROR", "/customerId"},
		"for one with no name": {
			desk, `{"branchId":"` + mitte + `","guest":{"name":" "},"services":[{"serviceId":"` + cut + `"}]}`,
			400, "VALIDATION_ERROR", "/guest/name",
		},
		"for one with a strange number": {
			desk, `{"branchId":"` + mitte + `","guest":{"name":"G","phone":"call me"},"services":[]}`,
			400, "VALIDATION_ERROR", "/guest/phone",
		},
	} {
		before := len(s.store.All())
		a := s.refused(s.post(tt.as, walkInPath, tt.body), before, tt.status, tt.code)
		if tt.field != "" && !a.names(tt.field) {
			t.Errorf("%s: %s is not named: %s", name, tt.field, a.body)
		}
	}
}
