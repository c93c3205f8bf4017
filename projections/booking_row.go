package projections

import (
	"cmp"
	"slices"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// bookingRow is a card as the table holds it.
type bookingRow struct {
	bun.BaseModel `bun:"alias:b"`

	BookingID  string             `bun:"booking_id,pk"`
	Number     string             `bun:"number"`
	Type       domain.ServiceType `bun:"service_type"`
	CustomerID string             `bun:"customer_id"`
	GuestName  *domain.Sealed     `bun:"guest_name,type:json,nullzero"`
	GuestPhone *domain.Sealed     `bun:"guest_phone,type:json,nullzero"`
	BranchID   string             `bun:"branch_id"`
	TimeZone   string             `bun:"time_zone"`
	Status     domain.Status      `bun:"status"`
	IsWalkIn   bool               `bun:"is_walk_in"`
	Segments   segmentTuples      `bun:"segments,type:json"`
	StartAt    instant            `bun:"start_at"`
	EndAt      instant            `bun:"end_at"`
	LocalDate  string             `bun:"local_date"`
	LocalStart string             `bun:"local_start"`
	TotalMinor int64              `bun:"total_minor"`
	Currency   string             `bun:"currency"`
	Policy     policyTuple        `bun:"policy,type:json"`
	NeedsStaff bool               `bun:"needs_staff"`

	RequiresManager     bool    `bun:"requires_manager"`
	PendingSince        instant `bun:"pending_since,nullzero"`
	OutcomeAt           instant `bun:"outcome_at,nullzero"`
	CustomerReschedules int     `bun:"customer_reschedules"`
	DeskReschedules     int     `bun:"desk_reschedules"`

	CancelledBy   domain.Party         `bun:"cancelled_by"`
	Late          bool                 `bun:"late"`
	ReasonCode    string               `bun:"reason_code"`
	Reason        string               `bun:"reason"`
	PaymentMethod domain.PaymentMethod `bun:"payment_method"`
	PaidMinor     int64                `bun:"paid_minor"`

	// Revision is what users see, StreamRevision also counts fences: it shows where the next event must follow.
	Revision       eventstore.Revision `bun:"revision"`
	StreamRevision eventstore.Revision `bun:"stream_revision"`
	Position       eventstore.Position `bun:"position"`
	RequestedAt    instant             `bun:"requested_at"`
	UpdatedAt      instant             `bun:"updated_at"`
}

func (r *bookingRow) id() string { return r.BookingID }

// ended reports whether the booking has come to its end. Little happens to it afterwards.
func (r *bookingRow) ended() bool { return !r.Status.Open() }

// bookingStaffRow says that a member of staff is named by a booking.
type bookingStaffRow struct {
	bun.BaseModel `bun:"alias:bs"`

	StaffID   string  `bun:"staff_id,pk"`
	StartAt   instant `bun:"start_at,pk"`
	BookingID string  `bun:"booking_id,pk"`
}

// compare orders rows as the table does.
func (r bookingStaffRow) compare(other bookingStaffRow) int {
	return cmp.Or(cmp.Compare(r.StaffID, other.StaffID), cmp.Compare(r.StartAt, other.StartAt),
		cmp.Compare(r.BookingID, other.BookingID))
}

// state returns what the domain folds of the row. Left out is what no card shows and nothing shown follows from: the claims
// and slots, which are the staff-days' and the schedule's, the notes, which have a table of their own, and what only guards
// the verbs.
func (r *bookingRow) state() domain.Booking {
	return domain.Booking{
		BookingRef: domain.BookingRef{
			BookingID: r.BookingID, CustomerID: r.CustomerID, GuestName: r.GuestName, BranchID: r.BranchID, TimeZone: r.TimeZone,
		},
		Number: r.Number, Type: r.Type, Status: r.Status, IsWalkIn: r.IsWalkIn,
		Plan: domain.Plan{
			Segments: r.Segments, TotalMinor: r.TotalMinor, Currency: r.Currency,
			StartAt: r.StartAt.time(), EndAt: r.EndAt.time(),
		},
		Policy: domain.Policy(r.Policy), RequiresManager: r.RequiresManager,
		PendingSince: r.PendingSince.time(), OutcomeAt: r.OutcomeAt.time(),
		CustomerReschedules: r.CustomerReschedules, DeskReschedules: r.DeskReschedules,
	}
}

// take puts the folded state back into the row.
func (r *bookingRow) take(b domain.Booking) {
	r.BookingID, r.CustomerID, r.GuestName, r.BranchID, r.TimeZone = b.BookingID, b.CustomerID, b.GuestName, b.BranchID, b.TimeZone
	r.Number, r.Type, r.Status, r.IsWalkIn = b.Number, b.Type, b.Status, b.IsWalkIn
	r.Segments, r.TotalMinor, r.Currency = b.Segments, b.TotalMinor, b.Currency
	r.StartAt, r.EndAt = toInstant(b.StartAt), toInstant(b.EndAt)
	r.Policy, r.RequiresManager, r.NeedsStaff = policyTuple(b.Policy), b.RequiresManager, b.NeedsStaff()
	r.PendingSince, r.OutcomeAt = toInstant(b.PendingSince), toInstant(b.OutcomeAt)
	r.CustomerReschedules, r.DeskReschedules = b.CustomerReschedules, b.DeskReschedules
	if len(b.Segments) > 0 {
		r.LocalDate, r.LocalStart = b.Segments[0].LocalDate(), b.Segments[0].LocalStart
	}
}

// assigned lists who works on the booking and from when on, as the table of the staff has it.
func (r *bookingRow) assigned() []bookingStaffRow {
	ids := make([]string, 0, len(r.Segments))
	for _, s := range r.Segments {
		if s.StaffID != "" {
			ids = append(ids, s.StaffID)
		}
	}
	slices.Sort(ids)
	rows := make([]bookingStaffRow, 0, len(ids))
	for _, id := range slices.Compact(ids) {
		rows = append(rows, bookingStaffRow{StaffID: id, StartAt: r.StartAt, BookingID: r.BookingID})
	}
	return rows
}
