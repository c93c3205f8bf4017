package domain

import (
	"slices"
	"time"
)

// Cancel is the wish that a booking does not take place.
type Cancel struct {
	// By is whose wish it is: the desk may act for the customer.
	By         Party
	ReasonCode string // one of CancelReasons; required of the salon
	Reason     string
	Now        time.Time
}

// CancelReasons lists the codes with which a salon may cancel.
func CancelReasons() []string {
	return []string{
		"staff_unavailable", "branch_closed", "equipment", "duplicate", "customer_request", "customer_left", "other",
	}
}

// Cancel returns the fact that the booking is cancelled. A customer may do so until the start; the policy says whether late is
// flagged or refused, once it is approved. The salon cannot cancel what it has not approved: it rejects.
func (b Booking) Cancel(c Cancel) ([]BookingEvent, error) {
	notice := b.StartAt.Sub(c.Now)
	// What the salon has not approved nobody relies on yet: to take it back is never late.
	late := c.By == PartyCustomer && b.Status != StatusPending && notice < minutes(b.Policy.CancelCutoffMinutes)
	switch b.Status {
	case StatusNone, StatusRejected, StatusInProgress, StatusCompleted, StatusNoShow:
		return nil, b.wrongStatus("cancelled")
	case StatusCancelled:
		return nil, Refuse(Conflict, CodeAlreadyCancelled, "the booking is cancelled already").With("status", b.Status)
	case StatusPending:
		if c.By == PartySalon {
			return nil, Refuse(Conflict, CodeTransition, "the salon rejects a pending booking, it does not cancel it").
				With("status", b.Status)
		}
	case StatusConfirmed, StatusCheckedIn:
		if err := b.mayCancelApproved(c, late); err != nil {
			return nil, err
		}
	}
	if c.By == PartySalon && !slices.Contains(CancelReasons(), c.ReasonCode) {
		return nil, Refuse(Invalid, CodeValidation, "the salon gives one of the known reasons when it cancels")
	}
	return []BookingEvent{BookingCancelled{
		BookingRef: b.BookingRef, FromStatus: b.Status, CancelledBy: c.By, ReasonCode: c.ReasonCode, Reason: c.Reason,
		Late: late, NoticeMinutes: int(notice / time.Minute), Segments: b.Segments, At: c.Now.UTC(), Holding: b.nothing(),
	}}, nil
}

// mayCancelApproved holds customers to the start and to the cutoff.
func (b Booking) mayCancelApproved(c Cancel, late bool) error {
	if c.By != PartyCustomer {
		return nil
	}
	switch {
	case b.Status == StatusCheckedIn:
		return Refuse(Conflict, CodeTransition, "who has checked in tells the desk").With("status", b.Status)
	case !c.Now.Before(b.StartAt):
		return Refuse(Conflict, CodeCancelWindowPassed, "the booking has started").With("status", b.Status)
	case late && b.Policy.LateCancel == LateCancelBlock:
		return Refuse(Conflict, CodeCancelWindowPassed, "cancel at least %d minutes ahead", b.Policy.CancelCutoffMinutes).
			With("cancelCutoffMinutes", b.Policy.CancelCutoffMinutes)
	}
	return nil
}
