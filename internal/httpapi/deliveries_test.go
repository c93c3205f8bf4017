package httpapi_test

import (
	"net/http"
	"testing"
)

const (
	opsDeliveries = "/api/ops/deliveries"
	someEvent     = "00000000-0000-4000-8000-000000000001"
	otherEvent    = "00000000-0000-4000-8000-000000000002"
)

// delivered fills the delivery log with two events of a booking, of which one has a message that was refused.
func (s *salon) delivered() {
	s.tb.Helper()
	for _, statement := range []string{
		`INSERT INTO deliveries VALUES ('` + someEvent + `', 'booking:bkg_12345678', 'bkg_12345678', 10, 'created', 1, 'ok', 3.5, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', '2026-06-15 10:00:00+00:00')`,
		`INSERT INTO deliveries VALUES ('` + otherEvent + `', 'booking:bkg_12345678', 'bkg_12345678', 20, 'resync', 2, 'permanent', 4, 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', '2026-06-15 10:01:00+00:00')`,
		`INSERT INTO deliveries VALUES ('` + otherEvent + `', 'admin:bookings:br_1', 'bkg_12345678', 20, 'status.changed', 1, 'ok', 4, 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', '2026-06-15 10:01:00+00:00')`,
		`INSERT INTO refused VALUES ('` + otherEvent + `', 'booking:bkg_12345678', 0, 'status.changed', '{"entity":"bkg_12345678"}', 413, 40009, 'too large', '2026-06-15 10:01:00+00:00')`,
	} {
		if _, err := s.outbox.Write.ExecContext(s.tb.Context(), statement); err != nil {
			s.tb.Fatal(err)
		}
	}
}

func TestTheDeliveryLogIsForOperators(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	s.delivered()
	for _, path := range []string{opsDeliveries, opsDeliveries + "/" + someEvent} {
		for _, as := range []string{ada, worker, desk, manager} {
			s.get(as, path).refused(http.StatusForbidden, "FORBIDDEN")
		}
		s.get(owner, path).want(http.StatusOK)
	}
}

func TestTheDeliveryLogIsSearched(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	s.get(owner, opsDeliveries).want(http.StatusOK).has("deliveries/0/eventId", "", "next", "")
	s.delivered()
	a := s.get(owner, opsDeliveries+"?entity=bkg_12345678&limit=1").want(http.StatusOK).
		has("deliveries/0/eventId", otherEvent, "deliveries/0/channel", "booking:bkg_12345678", "deliveries/0/outcome", "permanent",
			"deliveries/0/messages/0", "resync", "deliveries/0/attempts", "2", "deliveries/1/eventId", "")
	a = s.get(owner, opsDeliveries+"?entity=bkg_12345678&limit=1&cursor="+a.text("next")).want(http.StatusOK).
		has("deliveries/0/channel", "admin:bookings:br_1")
	s.get(owner, opsDeliveries+"?entity=bkg_12345678&limit=1&cursor="+a.text("next")).want(http.StatusOK).
		has("deliveries/0/eventId", someEvent, "next", "")
	s.get(owner, opsDeliveries+"?traceId=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa").has("deliveries/0/eventId", someEvent, "deliveries/1/eventId", "")
	s.get(owner, opsDeliveries+"?outcome=permanent").has("deliveries/0/eventId", otherEvent, "deliveries/1/eventId", "")
	for _, wrong := range []string{"limit=0", "limit=201", "limit=07", "cursor=x", "outcome=lost", "entity=x", "channel=a*", "traceId=aaaa", "booking=bkg_12345678"} {
		s.get(owner, opsDeliveries+"?"+wrong).refused(http.StatusBadRequest, "VALIDATION_ERROR")
	}
}

func TestOneEventIsFoundInTheDeliveryLog(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	s.delivered()
	s.get(owner, opsDeliveries+"/"+otherEvent).want(http.StatusOK).
		has("deliveries/0/channel", "admin:bookings:br_1", "deliveries/1/channel", "booking:bkg_12345678",
			"refused/0/code", "40009", "refused/0/data", `{"entity":"bkg_12345678"}`)
	s.get(owner, opsDeliveries+"/00000000-0000-4000-8000-000000000009").refused(http.StatusNotFound, "NOT_FOUND")
	s.get(owner, opsDeliveries+"/nothing").refused(http.StatusBadRequest, "VALIDATION_ERROR")
}

func TestOperatorsHoldThePublisherBack(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	for _, path := range []string{opsDeliveries + "/pause", opsDeliveries + "/resume"} {
		for _, as := range []string{ada, worker, desk, manager} {
			s.post(as, path, "").refused(http.StatusForbidden, "FORBIDDEN")
		}
	}
	s.post(owner, opsDeliveries+"/pause", "").want(http.StatusOK).has("paused", "true", "pausedBy", owner)
	s.post(owner, opsDeliveries+"/resume", "").want(http.StatusOK).has("paused", "false", "pausedBy", "")
}
