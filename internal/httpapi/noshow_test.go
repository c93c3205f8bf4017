package httpapi_test

import (
	"net/http"
	"testing"
)

func TestTheDeskMarksANoShowAndCorrectsIt(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	id := s.firm(ada, 10)
	s.at("2026-06-17T10:14:59Z")
	s.act(desk, id, `{"action":"no_show"}`).refused(http.StatusUnprocessableEntity, "BUSINESS_RULE_VIOLATION")
	s.at("2026-06-17T10:15:00Z")
	s.act(worker, id, `{"action":"no_show"}`).refused(http.StatusForbidden, "FORBIDDEN")
	s.acts(desk, id, `{"action":"no_show"}`)
	s.read(ada, id).has("status", "no_show", "outcomeAt", "2026-06-17T10:15:00Z")
	s.get(worker, "/api/bookings/"+id).refused(http.StatusNotFound, "NOT_FOUND")
	s.get(desk, standingOf(ada)).has("noShows/0/bookingId", id, "needsApproval", "false")
	// He was in the wrong queue.
	s.act(desk, id, `{"action":"correct","toStatus":"completed"}`).refused(http.StatusBadRequest, "VALIDATION_ERROR")
	s.act(desk, id, `{"action":"correct","toStatus":"pending","reason":"Oops."}`).
		refused(http.StatusConflict, "BOOKING_INVALID_STATUS_TRANSITION").has("details/status", "no_show")
	s.acts(desk, id, `{"action":"correct","toStatus":"confirmed","reason":"He was there."}`)
	s.read(ada, id).has("status", "confirmed", "outcomeAt", "")
	s.get(desk, standingOf(ada)).has("noShows", "[]")
	s.acts(worker, id, `{"action":"start","segmentId":"seg_1"}`)
}

func TestACorrectionNeedsTheTimeThatTheBookingHad(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	id := s.firm(ada, 10)
	s.acts(desk, id, `{"action":"cancel","reasonCode":"staff_unavailable"}`)
	s.firm(ben, 10)
	s.act(desk, id, `{"action":"correct","toStatus":"confirmed","reason":"Too soon."}`).
		refused(http.StatusConflict, "BOOKING_SLOT_UNAVAILABLE").has("details/alternatives/0/startAt", "2026-06-17T09:30:00Z")
	s.read(desk, id).has("status", "cancelled", "cancelledBy", "salon", "desk/reasonCode", "staff_unavailable")
}

func TestALaterCorrectionTakesAManager(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	id := s.firm(ada, 10)
	s.at("2026-06-17T10:45:00Z") // the clock takes her for a no-show at the end and a quarter of an hour
	s.read(desk, id).has("status", "no_show")
	s.at("2026-06-18T10:45:01Z")
	complete := `{"action":"correct","toStatus":"completed","reason":"The desk forgot."}`
	s.act(desk, id, complete).refused(http.StatusForbidden, "FORBIDDEN")
	s.acts(manager, id, complete)
	s.read(ada, id).has("status", "completed", "segments/0/finishedAt", "2026-06-17T10:30:00Z")
	s.act(desk, id, `{"action":"correct","toStatus":"in_progress","reason":"Money."}`).refused(http.StatusForbidden, "FORBIDDEN")
	s.acts(manager, id, `{"action":"correct","toStatus":"in_progress","reason":"Money."}`)
	s.read(ada, id).has("status", "in_progress", "paymentMethod", "")
}

// Who was taken for a no-show and had paid: the correction says how, as a completion does.
func TestACorrectionToCompletedMaySayWhatWasPaid(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`"paymentMethod":"card"`: "3500", `"paymentMethod":"card","paidMinor":3000`: "3000", `"paymentMethod":"card","paidMinor":0`: "0",
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			s := openSalon(t, nil)
			id := s.firm(ada, 10)
			s.at("2026-06-17T10:15:00Z")
			s.acts(desk, id, `{"action":"no_show"}`)
			s.acts(desk, id, `{"action":"correct","toStatus":"completed","reason":"She sat in the garden.",`+body+`}`)
			s.read(ada, id).has("status", "completed", "paymentMethod", "card", "paidMinor", want)
			if steps := s.get(desk, "/api/bookings/"+id+"/history"); !steps.shows("card") {
				t.Errorf("the history does not say how it was paid: %s", steps.body)
			}
			s.acts(manager, id, `{"action":"correct","toStatus":"in_progress","reason":"No."}`)
			s.read(ada, id).has("status", "in_progress", "paymentMethod", "")
		})
	}
}

func TestARequestThatNobodyAnswersExpires(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	id := s.book(ada, 10)
	s.read(ada, id).has("expiresAt", "2026-06-16T08:00:00Z")
	s.at("2026-06-16T07:59:59Z")
	s.read(ada, id).has("status", "pending")
	s.at("2026-06-16T08:00:00Z")
	s.read(desk, id).has("status", "rejected", "desk/reasonCode", "expired_unanswered", "expiresAt", "")
	s.get(desk, "/api/schedule?from=2026-06-17").has("slots", "[]")
}

func TestACancellationIsLateAfterTheCutoff(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	in, late := s.firm(ada, 10), s.firm(ada, 11)
	s.read(ada, in).has("freeCancelUntil", "2026-06-17T06:00:00Z")
	s.at("2026-06-17T06:00:00Z")
	s.acts(ada, in, `{"action":"cancel"}`)
	s.read(desk, in).has("desk/late", "false", "cancelledBy", "customer")
	s.at("2026-06-17T07:00:01Z")
	s.acts(desk, late, `{"action":"cancel","cancelledBy":"customer"}`)
	s.read(desk, late).has("desk/late", "true", "cancelledBy", "customer")
	s.get(desk, standingOf(ada)).has("lateCancellations/0/bookingId", late, "lateCancellations/1", "")
	// Where the policy blocks, late is too late, for the customer alone.
	s.put(manager, "/api/branches/"+mitte+"/policy", `{"leadMinutes":0,"lateCancel":"block"}`).want(http.StatusOK)
	blocked := s.firm(ada, 10)
	s.act(ada, blocked, `{"action":"cancel"}`).
		refused(http.StatusConflict, "BOOKING_CANCEL_WINDOW_PASSED").has("details/cancelCutoffMinutes", "240")
	s.act(desk, blocked, `{"action":"cancel"}`).refused(http.StatusBadRequest, "VALIDATION_ERROR")
	s.acts(desk, blocked, `{"action":"cancel","reasonCode":"other"}`)
}
