package projections

import (
	"time"

	"github.com/royalglow/booking/domain"
)

// Details is what else there is to tell of a step; what does not apply is left out.
type Details struct {
	// SegmentID and ServiceID are of what happened to one service.
	SegmentID string `json:"segmentId,omitempty"`
	ServiceID string `json:"serviceId,omitempty"`
	// Times is set where the booking begins or ends at another time than before, Staff where segments changed hands.
	Times *TimesChange  `json:"times,omitempty"`
	Staff []StaffChange `json:"staff,omitempty"`
	// FromMinutes and ToMinutes are of a changed duration.
	FromMinutes int `json:"fromMinutes,omitempty"`
	ToMinutes   int `json:"toMinutes,omitempty"`
	// Overrides are the limits that the desk passed over.
	Overrides  []domain.Override `json:"overrides,omitempty"`
	NoteID     string            `json:"noteId,omitempty"`
	Visibility domain.Visibility `json:"visibility,omitempty"`
	// By is whose wish a move or a cancellation was: the desk may act for the customer.
	By   domain.Party `json:"by,omitempty"`
	Late bool         `json:"late,omitempty"`
	// PaidMinor is in minor units of Currency.
	PaymentMethod domain.PaymentMethod `json:"paymentMethod,omitempty"`
	PaidMinor     int64                `json:"paidMinor,omitempty"`
	Currency      string               `json:"currency,omitempty"`
	// Auto: the branch's policy or the clock did it, not a person.
	Auto            bool `json:"auto,omitempty"`
	RequiresManager bool `json:"requiresManager,omitempty"`
}

// TimesChange is when a booking was before and when it is now; UTC.
type TimesChange struct {
	FromStartAt time.Time `json:"fromStartAt"`
	FromEndAt   time.Time `json:"fromEndAt"`
	ToStartAt   time.Time `json:"toStartAt"`
	ToEndAt     time.Time `json:"toEndAt"`
}

// StaffChange is a segment that changed hands; an empty id is nobody.
type StaffChange struct {
	SegmentID   string `json:"segmentId"`
	FromStaffID string `json:"fromStaffId,omitempty"`
	ToStaffID   string `json:"toStaffId,omitempty"`
}

func detailsOf(fact domain.BookingEvent, before, after domain.Booking) Details {
	d := specifics(fact)
	if before.Status == domain.StatusNone {
		return d
	}
	if !before.StartAt.Equal(after.StartAt) || !before.EndAt.Equal(after.EndAt) {
		d.Times = &TimesChange{
			FromStartAt: before.StartAt, FromEndAt: before.EndAt, ToStartAt: after.StartAt, ToEndAt: after.EndAt,
		}
	}
	for _, s := range after.Segments {
		if was, ok := before.Segment(s.SegmentID); ok && was.StaffID != s.StaffID {
			d.Staff = append(d.Staff, StaffChange{SegmentID: s.SegmentID, FromStaffID: was.StaffID, ToStaffID: s.StaffID})
		}
	}
	return d
}

// specifics are what the event itself says.
func specifics(fact domain.BookingEvent) Details {
	switch fact := fact.(type) {
	case domain.BookingRequested:
		return Details{Overrides: fact.Overrides, RequiresManager: fact.RequiresManager}
	case domain.BookingWalkInCreated:
		return Details{Overrides: fact.Overrides}
	case domain.BookingConfirmed:
		return Details{Overrides: fact.Overrides, Auto: fact.Auto}
	case domain.BookingRejected:
		return Details{Auto: fact.ReasonCode == domain.ReasonExpired}
	case domain.BookingCancelled:
		return Details{By: fact.CancelledBy, Late: fact.Late}
	case domain.BookingRescheduled:
		return Details{By: fact.By, Overrides: fact.Overrides}
	case domain.BookingStaffAssigned:
		return Details{SegmentID: fact.Segment.SegmentID, ServiceID: fact.Segment.ServiceID, Overrides: fact.Overrides}
	case domain.BookingStaffUnassigned:
		return Details{SegmentID: fact.Segment.SegmentID, ServiceID: fact.Segment.ServiceID}
	case domain.BookingServiceAdded:
		return Details{SegmentID: fact.Segment.SegmentID, ServiceID: fact.Segment.ServiceID, Overrides: fact.Overrides}
	case domain.BookingServiceRemoved:
		return Details{SegmentID: fact.Segment.SegmentID, ServiceID: fact.Segment.ServiceID}
	case domain.BookingDurationChanged:
		return Details{
			SegmentID: fact.Segment.SegmentID, ServiceID: fact.Segment.ServiceID,
			FromMinutes: fact.FromMinutes, ToMinutes: fact.ToMinutes, Overrides: fact.Overrides,
		}
	case domain.BookingNoteAdded:
		return Details{NoteID: fact.NoteID, Visibility: fact.Visibility}
	case domain.BookingNoteRedacted:
		return Details{NoteID: fact.NoteID, Visibility: fact.Visibility}
	case domain.BookingSegmentStarted:
		return Details{SegmentID: fact.Segment.SegmentID, ServiceID: fact.Segment.ServiceID}
	case domain.BookingSegmentFinished:
		return Details{SegmentID: fact.Segment.SegmentID, ServiceID: fact.Segment.ServiceID}
	case domain.BookingCompleted:
		return Details{PaymentMethod: fact.PaymentMethod, PaidMinor: fact.PaidMinor, Currency: fact.Currency}
	case domain.BookingOutcomeCorrected:
		return Details{PaymentMethod: fact.PaymentMethod, PaidMinor: fact.PaidMinor, Currency: fact.Currency}
	case domain.BookingNoShow:
		return Details{Auto: fact.Auto}
	case domain.BookingCheckedIn, domain.BookingClaimFenced, domain.BookingAbandoned:
	}
	return Details{}
}
