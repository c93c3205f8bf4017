package projections

import (
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// Booking is a booking's card: all that the customer's and the desk's pages show. It holds ids, not names, and prices and
// what the salon keeps to itself: the caller leaves out what its reader may not see.
type Booking struct {
	ID     string             `json:"id"`
	Number string             `json:"number"`
	Type   domain.ServiceType `json:"type"`
	// CustomerID is empty for a guest, whose name and telephone number are sealed.
	CustomerID string         `json:"customerId,omitempty"`
	GuestName  *domain.Sealed `json:"guestName,omitempty"`
	GuestPhone *domain.Sealed `json:"guestPhone,omitempty"`
	BranchID   string         `json:"branchId"`
	TimeZone   string         `json:"timeZone"` // IANA, the branch's when it was booked
	Status     domain.Status  `json:"status"`
	IsWalkIn   bool           `json:"isWalkIn"`
	// Segments are in the order in which they are done.
	Segments []domain.Segment `json:"segments"`
	StartAt  time.Time        `json:"startAt"` // UTC
	EndAt    time.Time        `json:"endAt"`
	// LocalDate (YYYY-MM-DD) and LocalStart (HH:MM) are the start on the branch's clocks.
	LocalDate  string `json:"localDate"`
	LocalStart string `json:"localStart"`
	TotalMinor int64  `json:"totalMinor"` // minor units of Currency
	Currency   string `json:"currency"`   // ISO 4217
	// NeedsStaff: it is open, and nobody does one of its segments. RequiresManager: only a manager approves it.
	NeedsStaff      bool `json:"needsStaff"`
	RequiresManager bool `json:"requiresManager"`
	// PendingSince and ExpiresAt are when a pending booking began to wait and when the clock will decline it; zero for others.
	PendingSince time.Time `json:"pendingSince,omitzero"`
	ExpiresAt    time.Time `json:"expiresAt,omitzero"`
	// Policy is the branch's as it was at the request. ReschedulesLeft is how often the customer may still move the booking, and
	// FreeCancelUntil when he is late to cancel it.
	Policy              domain.Policy `json:"policy"`
	CustomerReschedules int           `json:"customerReschedules"`
	DeskReschedules     int           `json:"deskReschedules"`
	ReschedulesLeft     int           `json:"reschedulesLeft"`
	FreeCancelUntil     time.Time     `json:"freeCancelUntil"`
	Ending
	// Revision is that of the last event that is not a fence: the booking's ETag. It never goes down.
	Revision eventstore.Revision `json:"revision"`
	// Position is that of the same event.
	Position    eventstore.Position `json:"position"`
	RequestedAt time.Time           `json:"requestedAt"`
	UpdatedAt   time.Time           `json:"updatedAt"`
	// Notes are in the order in which they were written. BookingByID gives them, lists do not.
	Notes []Note `json:"notes,omitempty"`
}

// Ending is how a booking came to its end; a correction takes back what does not hold any more.
type Ending struct {
	// OutcomeAt is when it was cancelled, completed or found to be a no-show.
	OutcomeAt time.Time `json:"outcomeAt,omitzero"`
	// CancelledBy and Late are of cancellations, the reasons also of rejections. ReasonCode is internal, Reason was written for
	// the customer.
	CancelledBy domain.Party `json:"cancelledBy,omitempty"`
	Late        bool         `json:"late,omitempty"`
	ReasonCode  string       `json:"reasonCode,omitempty"`
	Reason      string       `json:"reason,omitempty"`
	// PaymentMethod and PaidMinor (in the booking's currency) are of a completed one.
	PaymentMethod domain.PaymentMethod `json:"paymentMethod,omitempty"`
	PaidMinor     int64                `json:"paidMinor,omitempty"`
}

func (r *bookingRow) card() Booking {
	state := r.state()
	card := Booking{
		ID: r.BookingID, Number: r.Number, Type: r.Type,
		CustomerID: r.CustomerID, GuestName: r.GuestName, GuestPhone: r.GuestPhone,
		BranchID: r.BranchID, TimeZone: r.TimeZone, Status: r.Status, IsWalkIn: r.IsWalkIn,
		Segments: r.Segments, StartAt: state.StartAt, EndAt: state.EndAt, LocalDate: r.LocalDate, LocalStart: r.LocalStart,
		TotalMinor: r.TotalMinor, Currency: r.Currency, NeedsStaff: r.NeedsStaff, RequiresManager: r.RequiresManager,
		Policy: state.Policy, CustomerReschedules: r.CustomerReschedules, DeskReschedules: r.DeskReschedules,
		ReschedulesLeft: max(0, r.Policy.MaxReschedules-r.CustomerReschedules),
		FreeCancelUntil: state.StartAt.Add(-time.Duration(r.Policy.CancelCutoffMinutes) * time.Minute),
		Ending: Ending{
			OutcomeAt: state.OutcomeAt, CancelledBy: r.CancelledBy, Late: r.Late, ReasonCode: r.ReasonCode, Reason: r.Reason,
			PaymentMethod: r.PaymentMethod, PaidMinor: r.PaidMinor,
		},
		Revision: r.Revision, Position: r.Position, RequestedAt: r.RequestedAt.time(), UpdatedAt: r.UpdatedAt.time(),
	}
	if at, pending := state.ExpiresAt(); pending {
		card.PendingSince, card.ExpiresAt = state.PendingSince, at
	}
	return card
}
