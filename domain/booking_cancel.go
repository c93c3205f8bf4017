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

// Cancel returns the fact that the booking is cancelled. A customer may do so until the start; late is flagged, never
// refused. The salon cannot cancel what it has not approved: it rejects.
func (b Booking) Cancel(c Cancel) ([]BookingEvent, error) {
	switch b.Status {
	case StatusNone, StatusRejected:
		return nil, b.wrongStatus("cancelled")
	case StatusCancelled:
		return nil, Refuse(Conflict, CodeAlreadyCancelled, "the booking is cancelled already").With("status", b.Status)
	case StatusPending:
		if c.By == PartySalon {
			return nil, Refuse(Conflict, CodeTransition, "the salon rejects a pending booking, it does not cancel it").
				With("status", b.Status)
		}
	case StatusConfirmed:
		if c.By == PartyCustomer && !c.Now.Before(b.StartAt) {
			return nil, Refuse(Conflict, CodeCancelWindowPassed, "the booking has started").With("status", b.Status)
		}
	}
	if c.By == PartySalon && !slices.Contains(CancelReasons(), c.ReasonCode) {
		return nil, Refuse(Invalid, CodeValidation, "the salon gives one of the known reasons when it cancels")
	}
	notice := b.StartAt.Sub(c.Now)
	cutoff := time.Duration(b.Policy.CancelCutoffMinutes) * time.Minute
	return []BookingEvent{BookingCancelled{
		BookingRef: b.BookingRef, FromStatus: b.Status, CancelledBy: c.By, ReasonCode: c.ReasonCode, Reason: c.Reason,
		Late: c.By == PartyCustomer && notice < cutoff, NoticeMinutes: int(notice / time.Minute),
		Segments: b.Segments, Claims: []Claim{}, Slots: DiffSlots(b.Slots(), nil),
	}}, nil
}
