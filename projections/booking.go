package projections

import (
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// Booking is a booking's card: all that the customer's and the desk's lists show. It holds ids, not names, and prices:
// the caller leaves out what its reader may not see.
type Booking struct {
	ID         string        `json:"id"`
	CustomerID string        `json:"customerId"`
	BranchID   string        `json:"branchId"`
	TimeZone   string        `json:"timeZone"` // IANA, the branch's when it was booked
	Status     domain.Status `json:"status"`
	// Segments are in the order in which they are done.
	Segments []domain.Segment `json:"segments"`
	StartAt  time.Time        `json:"startAt"` // UTC
	EndAt    time.Time        `json:"endAt"`
	// LocalDate (YYYY-MM-DD) and LocalStart (HH:MM) are the start on the branch's clocks.
	LocalDate  string `json:"localDate"`
	LocalStart string `json:"localStart"`
	TotalMinor int64  `json:"totalMinor"` // minor units of Currency
	Currency   string `json:"currency"`   // ISO 4217
	// Revision is that of the last event that is not a fence: the booking's ETag. It never goes down.
	Revision eventstore.Revision `json:"revision"`
	// Position is that of the same event.
	Position    eventstore.Position `json:"position"`
	RequestedAt time.Time           `json:"requestedAt"`
	UpdatedAt   time.Time           `json:"updatedAt"`
	// CancelledBy and Late are set once it is cancelled; the reasons also when it is rejected. ReasonCode is internal,
	// Reason was written for the customer.
	CancelledBy domain.Party `json:"cancelledBy,omitempty"`
	Late        bool         `json:"late,omitempty"`
	ReasonCode  string       `json:"reasonCode,omitempty"`
	Reason      string       `json:"reason,omitempty"`
}

func (r *bookingRow) card() Booking {
	return Booking{
		ID: r.BookingID, CustomerID: r.CustomerID, BranchID: r.BranchID, TimeZone: r.TimeZone,
		Status: r.Status, Segments: r.Segments, StartAt: r.StartAt.time(), EndAt: r.EndAt.time(),
		LocalDate: r.LocalDate, LocalStart: r.LocalStart, TotalMinor: r.TotalMinor, Currency: r.Currency,
		Revision: r.Revision, Position: r.Position,
		RequestedAt: r.RequestedAt.time(), UpdatedAt: r.UpdatedAt.time(),
		CancelledBy: r.CancelledBy, Late: r.Late, ReasonCode: r.ReasonCode, Reason: r.Reason,
	}
}
