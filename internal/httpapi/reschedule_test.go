package httpapi_test

import (
	"net/http"
	"testing"
)

// moveTo is the body that moves a booking to an hour (UTC) of the day after tomorrow.
func moveTo(hour int) string { return `{"action":"reschedule","startAt":"` + tomorrow(hour) + `"}` }

func TestACustomerMovesABookingTwiceAndTheDeskAtWill(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	id := s.book(ada, 10)
	s.read(ada, id).has("reschedulesLeft", "2")
	s.acts(ada, id, moveTo(11))
	s.confirm(id)
	s.acts(ada, id, moveTo(12))
	s.read(ada, id).has("status", "confirmed", "startAt", tomorrow(12), "reschedulesLeft", "0", "localStart", "14:00")
	s.act(ada, id, moveTo(13)).refused(http.StatusConflict, "BOOKING_MAX_RESCHEDULES").has("details/maxReschedules", "2")
	for _, hour := range []int{13, 14, 15} {
		s.acts(desk, id, moveTo(hour))
	}
	s.read(desk, id).has("startAt", tomorrow(15), "desk/customerReschedules", "2", "desk/deskReschedules", "3")
}

func TestToMoveABookingToWhereItIsChangesNothing(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	id := s.book(ada, 10)
	before := len(s.store.All())
	s.acts(ada, id, moveTo(10)).has("revision", "0")
	if len(s.store.All()) != before {
		t.Error("something was written")
	}
	s.read(ada, id).has("reschedulesLeft", "2")
}

func TestABookingIsMovedInTime(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	// The default policy: an hour ahead, thirty days at most.
	s.put(manager, "/api/branches/"+mitte+"/policy", `{}`).want(http.StatusOK)
	id := s.firm(ada, 10)
	far := `{"action":"reschedule","startAt":"2026-09-01T10:00:00Z"}`
	s.act(ada, id, far).refused(http.StatusUnprocessableEntity, "BOOKING_BEYOND_HORIZON").has("details/horizonDays", "30")
	s.act(ada, id, `{"action":"reschedule","startAt":"2026-06-15T08:59:00Z"}`).
		refused(http.StatusUnprocessableEntity, "BOOKING_LEAD_TIME").has("details/leadMinutes", "60")
	s.at("2026-06-17T09:00:00Z") // exactly an hour before: allowed
	s.acts(ada, id, moveTo(11))
	s.at("2026-06-17T10:00:01Z")
	s.act(ada, id, moveTo(12)).refused(http.StatusConflict, "BOOKING_RESCHEDULE_WINDOW_PASSED").has("details/rescheduleCutoffMinutes", "60")
	s.acts(desk, id, far) // the limits are not the desk's
	s.act(desk, id, `{"action":"reschedule","startAt":"2026-06-17T09:00:00Z"}`).refused(http.StatusUnprocessableEntity, "BOOKING_LEAD_TIME")
}

func TestABookingIsMovedToOtherStaffByTheDeskOnly(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	id := s.firm(ada, 10)
	move := `{"action":"reschedule","startAt":"` + tomorrow(10) + `","assignments":[{"segmentId":"seg_1","staffId":"` + bela + `"}],
		"reason":"Asha is away."}`
	s.act(ada, id, move).refused(http.StatusForbidden, "FORBIDDEN")
	s.acts(desk, id, move)
	s.read(helper, id).has("segments/0/staffId", bela)
	s.get(worker, "/api/bookings/"+id).refused(http.StatusNotFound, "NOT_FOUND")
}

func TestAMoveWithinTheOwnTimeIsNotInItsOwnWay(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	id := s.firm(ada, 10)
	other := s.firm(ben, 11)
	s.acts(ada, id, `{"action":"reschedule","startAt":"2026-06-17T10:15:00Z"}`)
	taken := s.act(ben, other, `{"action":"reschedule","startAt":"2026-06-17T10:30:00Z"}`)
	taken.refused(http.StatusConflict, "BOOKING_SLOT_UNAVAILABLE").has("details/alternatives/0/startAt", "2026-06-17T10:45:00Z")
	if taken.shows("stf_") {
		t.Errorf("a customer is told who could: %s", taken.body)
	}
	s.read(ben, other).has("startAt", tomorrow(11), "revision", "1")
}

func TestAMoveIsApprovedAgainWhereThePolicySaysSo(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	s.put(manager, "/api/branches/"+mitte+"/policy", `{"rescheduleReapprove":true}`).want(http.StatusOK)
	id := s.firm(ada, 10)
	s.acts(ada, id, moveTo(11))
	s.read(ada, id).has("status", "pending", "segments/0/staffName", "")
	s.confirm(id)
	s.acts(desk, id, moveTo(12))
	s.read(ada, id).has("status", "confirmed")
}

func TestTheDeskIsWarnedOfACustomersOtherBooking(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	s.firm(ada, 10)
	body := with(`{"branchId":"`+mitte+`","startAt":"`+tomorrow(10)+`","services":[{"serviceId":"`+cut+`","staffId":"`+bela+`"}]}`,
		`"customerId":"`+ada+`"`)
	s.post(ada, "/api/bookings", body).refused(http.StatusConflict, "BOOKING_OVERLAP")
	r := s.post(desk, "/api/bookings", body).want(http.StatusCreated)
	r.has("warnings/0", "customer_overlap")
}
