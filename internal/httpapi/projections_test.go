package httpapi_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/royalglow/booking/projections"
)

const opsProjections = "/api/ops/projections"

func TestReadModelsAreForOperators(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	bodies := map[string]string{"/bookings/rebuild-stream": `{"stream":"booking-bkg_nobody01"}`}
	for path, method := range map[string]string{
		"": http.MethodGet, "/bookings": http.MethodGet, "/bookings/generations/1": http.MethodGet, "/bookings/rebuild": http.MethodPost,
		"/bookings/rebuild-stream": http.MethodPost, "/bookings/cancel": http.MethodPost, "/bookings/rollback": http.MethodPost,
		"/bookings/pause": http.MethodPost, "/bookings/resume": http.MethodPost, "/bookings/skip": http.MethodPost, "/bookings/audit": http.MethodPost,
	} {
		for _, as := range []string{ada, worker, desk, manager} {
			s.ask(as, method, opsProjections+path, bodies[path]).refused(http.StatusForbidden, "FORBIDDEN")
		}
		if path == "" {
			continue
		}
		s.ask(owner, method, opsProjections+"/nothing"+path[len("/bookings"):], bodies[path]).refused(http.StatusNotFound, "NOT_FOUND")
	}
}

// over asks for a generation until its build is over.
func (s *salon) over(name, generation string) answer {
	s.tb.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		a := s.get(owner, opsProjections+"/"+name+"/generations/"+generation).want(http.StatusOK)
		if state := a.text("state"); state != "building" && state != "joined" {
			return a
		}
		if time.Now().After(deadline) {
			s.tb.Fatalf("the build does not end: %s", a.body)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func TestAReadModelIsRebuiltAndRolledBack(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	id := s.firm(ada, 10)
	s.own()
	s.settle()
	one := opsProjections + "/bookings"
	s.post(owner, one+"/rollback", "").refused(http.StatusConflict, "CONFLICT")
	s.post(owner, one+"/cancel", "").refused(http.StatusConflict, "CONFLICT")
	s.post(owner, one+"/skip", "").refused(http.StatusConflict, "CONFLICT")
	s.post(owner, one+"/rebuild", `{"budgetMs":60001}`).refused(http.StatusBadRequest, "VALIDATION_ERROR")
	s.get(owner, one+"/generations/7").refused(http.StatusNotFound, "NOT_FOUND")
	s.get(owner, one+"/generations/one").refused(http.StatusBadRequest, "VALIDATION_ERROR")
	s.post(owner, one+"/rebuild", `{"budgetMs":2.5}`).want(http.StatusAccepted).has("generation", "2", "requestedBy", owner, "verified", "false")
	s.over("bookings", "2").has("state", "live", "previous", "1", "verified", "true", "swapped", "true", "error", "")
	s.get(owner, one).has("generation", "2", "previous", "1", "state", "live", "owner", "salon")
	s.read(desk, id).has("status", "confirmed")
	s.post(owner, one+"/rollback", "").want(http.StatusOK).has("generation", "1", "state", "live")
	s.get(owner, opsProjections).want(http.StatusOK).has("projections/0/name", "bookings", "projections/0/generation", "1", "projections/0/previous", "2")
	s.read(desk, id).has("status", "confirmed")
}

func TestAReadModelIsPausedAndResumed(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	one := opsProjections + "/timeline"
	s.post(owner, one+"/pause", "").want(http.StatusOK).has("state", "paused", "pausedBy", owner)
	// Nothing is built that nobody runs; a second is refused, and the first given up.
	s.post(owner, one+"/rebuild", "").want(http.StatusAccepted).has("state", "building", "previous", "1", "swapped", "false")
	s.post(owner, one+"/rebuild", "").refused(http.StatusConflict, "CONFLICT")
	s.get(owner, one).has("rebuild/generation", "2", "generation", "1")
	s.post(owner, one+"/cancel", "").want(http.StatusOK).has("state", "failed", "error", "cancelled by "+owner)
	if a := s.post(owner, one+"/resume", "").want(http.StatusOK); a.text("state") == "paused" {
		t.Errorf("still paused: %s", a.body)
	}
}

func TestAnEventIsPassedOver(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	s.settle()
	if _, err := s.db.Write.ExecContext(t.Context(), `UPDATE projections SET halted_at = 1, halted_position = 1000000, halted_type = 'booking.confirmed',
		halted_stream = 'booking-bkg_halted001', halted_revision = 3, halted_reason = 'it does not fit' WHERE name = 'timeline'`); err != nil {
		t.Fatal(err)
	}
	one := opsProjections + "/timeline"
	s.get(owner, one).has("state", "halted", "halt/position", "1000000", "halt/reason", "it does not fit", "halt/revision", "3")
	s.post(owner, one+"/skip", `{"position":7}`).refused(http.StatusConflict, "CONFLICT")
	s.post(owner, one+"/skip", `{"position":1000000}`).want(http.StatusOK).
		has("stream", "booking-bkg_halted001", "eventType", "booking.confirmed", "skippedBy", owner, "reason", "it does not fit")
	s.get(owner, one).has("halt/position", "", "skipped/0/stream", "booking-bkg_halted001")
}

func TestADriftIsFoundAndHealed(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	id := s.firm(ada, 10)
	s.settle()
	one, stream := opsProjections+"/bookings", `["booking-`+id+`"]`
	s.post(owner, one+"/audit", "").want(http.StatusOK).has("drifted/0/stream", "", "projection", "bookings")
	if _, err := s.db.Write.ExecContext(t.Context(), "UPDATE bookings_v2_g1 SET status = 'cancelled' WHERE booking_id = ?", id); err != nil {
		t.Fatal(err)
	}
	s.post(owner, one+"/audit", `{"streams":`+stream+`}`).want(http.StatusOK).
		has("drifted/0/stream", "booking-"+id, "drifted/0/kind", string(projections.DriftDiffers), "drifted/0/columns/0", "status", "healed/0", "")
	s.post(owner, one+"/audit", `{"streams":`+stream+`,"heal":true}`).want(http.StatusOK).has("healed/0", "booking-"+id)
	s.post(owner, one+"/audit", `{"streams":`+stream+`}`).want(http.StatusOK).has("drifted/0/stream", "", "audited", "1")
	s.post(owner, one+"/rebuild-stream", `{"stream":"booking-`+id+`"}`).want(http.StatusOK).has("streams/0", "booking-"+id, "resumed", "false")
	s.post(owner, one+"/rebuild-stream", `{"stream":"booking-bkg_nobody01"}`).refused(http.StatusNotFound, "NOT_FOUND")
	s.post(owner, one+"/rebuild-stream", `{"stream":""}`).refused(http.StatusBadRequest, "VALIDATION_ERROR")
	s.post(owner, one+"/rebuild-stream", `{"stream":"booking-\u0000"}`).refused(http.StatusBadRequest, "VALIDATION_ERROR")
	s.post(owner, one+"/audit", `{"streams":["booking-`+id+`","booking-\u0000"]}`).refused(http.StatusBadRequest, "VALIDATION_ERROR")
	s.post(owner, one+"/audit", `{"streams":[""]}`).refused(http.StatusBadRequest, "VALIDATION_ERROR")
	s.post(owner, one+"/audit", `{"sample":-1}`).refused(http.StatusBadRequest, "VALIDATION_ERROR")
	s.read(desk, id).has("status", "confirmed")
}
