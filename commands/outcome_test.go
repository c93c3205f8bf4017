package commands_test

import (
	"testing"

	"github.com/royalglow/booking/commands"
	"github.com/royalglow/booking/domain"
)

// A booking that takes a manager's approval does not come by one through a cancellation that is taken back.
func TestACorrectionIsNoWayAroundTheManager(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	s.flag(carla)
	r := s.mustRequest(carla, anna, opening)
	_, err := s.ApproveBooking(t.Context(), desk, s.seen(r), commands.ApproveBooking{BookingID: r.ID})
	wantRefusal(t, err, domain.Forbidden, domain.CodeNeedsManager)
	r, err = s.CancelBooking(t.Context(), desk, s.seen(r), commands.CancelBooking{BookingID: r.ID, CancelledBy: domain.PartyCustomer})
	s.must(err)
	_, err = s.CorrectOutcome(t.Context(), desk, s.seen(r), commands.CorrectOutcome{
		BookingID: r.ID, ToStatus: domain.StatusConfirmed, Reason: "she comes after all",
	})
	wantRefusal(t, err, domain.Conflict, domain.CodeTransition)
	r, err = s.CorrectOutcome(t.Context(), desk, s.seen(r), commands.CorrectOutcome{
		BookingID: r.ID, ToStatus: domain.StatusPending, Reason: "she comes after all",
	})
	s.must(err)
	_, err = s.ApproveBooking(t.Context(), desk, s.seen(r), commands.ApproveBooking{BookingID: r.ID})
	wantRefusal(t, err, domain.Forbidden, domain.CodeNeedsManager)
	s.mustStand()
}

// Nor is one confirmed for which nobody has staff.
func TestACorrectionIsNoWayAroundTheStaff(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	r := s.mustRequest(carla, anna, opening)
	r, err := s.UnassignStaff(t.Context(), desk, s.seen(r), commands.UnassignStaff{BookingID: r.ID, SegmentID: "seg_1", Reason: "sick"})
	s.must(err)
	r, err = s.CancelBooking(t.Context(), carla, s.seen(r), commands.CancelBooking{BookingID: r.ID})
	s.must(err)
	_, err = s.CorrectOutcome(t.Context(), desk, s.seen(r), commands.CorrectOutcome{
		BookingID: r.ID, ToStatus: domain.StatusConfirmed, Reason: "a mistake",
	})
	wantRefusal(t, err, domain.Conflict, domain.CodeTransition)
	if b := s.booking(r.ID); b.Status != domain.StatusCancelled {
		t.Errorf("it is %s", b.Status)
	}
}

// flag makes a customer's bookings take a manager: he has missed four visits.
func (s *salon) flag(c commands.Caller) {
	s.tb.Helper()
	var missed []domain.Outcome
	for i, id := range []string{"bkg_missed1", "bkg_missed2", "bkg_missed3", "bkg_missed4"} {
		missed = append(missed, domain.Outcome{BookingID: id, Kind: domain.OutcomeNoShow, At: now.AddDate(0, 0, i-10)})
	}
	s.must(s.AccountCustomer(s.tb.Context(), c.UserID, missed))
}
