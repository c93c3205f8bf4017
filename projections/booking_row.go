package projections

import (
	"slices"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// bookingRow is a card as the table holds it.
type bookingRow struct {
	bun.BaseModel `bun:"alias:b"`

	BookingID  string           `bun:"booking_id,pk"`
	CustomerID string           `bun:"customer_id"`
	BranchID   string           `bun:"branch_id"`
	TimeZone   string           `bun:"time_zone"`
	Status     domain.Status    `bun:"status"`
	Segments   []domain.Segment `bun:"segments,type:json"`
	StartAt    micros           `bun:"start_at"`
	EndAt      micros           `bun:"end_at"`
	LocalDate  string           `bun:"local_date"`
	LocalStart string           `bun:"local_start"`
	TotalMinor int64            `bun:"total_minor"`
	Currency   string           `bun:"currency"`
	// Revision is what users see, StreamRevision also counts fences: it shows where the next event must follow.
	Revision       eventstore.Revision `bun:"revision"`
	StreamRevision eventstore.Revision `bun:"stream_revision"`
	Position       eventstore.Position `bun:"position"`
	RequestedAt    micros              `bun:"requested_at"`
	UpdatedAt      micros              `bun:"updated_at"`
	CancelledBy    domain.Party        `bun:"cancelled_by"`
	ReasonCode     string              `bun:"reason_code"`
	Reason         string              `bun:"reason"`
	Late           bool                `bun:"late"`

	changed bool
}

// bookingStaffRow says that a member of staff is named by a booking.
type bookingStaffRow struct {
	bun.BaseModel `bun:"alias:bs"`

	StaffID   string `bun:"staff_id,pk"`
	StartAt   micros `bun:"start_at,pk"`
	BookingID string `bun:"booking_id,pk"`
}

// state returns what the domain folds of the row.
func (r *bookingRow) state() domain.Booking {
	return domain.Booking{
		BookingRef: domain.BookingRef{
			BookingID: r.BookingID, CustomerID: r.CustomerID, BranchID: r.BranchID, TimeZone: r.TimeZone,
		},
		Status: r.Status, Segments: r.Segments, TotalMinor: r.TotalMinor, Currency: r.Currency,
		StartAt: r.StartAt.time(), EndAt: r.EndAt.time(),
	}
}

// take puts the folded state back into the row.
func (r *bookingRow) take(b domain.Booking) {
	r.BookingID, r.CustomerID, r.BranchID, r.TimeZone = b.BookingID, b.CustomerID, b.BranchID, b.TimeZone
	r.Status, r.Segments, r.TotalMinor, r.Currency = b.Status, b.Segments, b.TotalMinor, b.Currency
	r.StartAt, r.EndAt = toMicros(b.StartAt), toMicros(b.EndAt)
	if len(b.Segments) > 0 {
		r.LocalDate, r.LocalStart = b.Segments[0].LocalDate(), b.Segments[0].LocalStart
	}
}

// staffIDs lists, sorted, who works on the booking.
func (r *bookingRow) staffIDs() []string {
	ids := make([]string, 0, len(r.Segments))
	for _, s := range r.Segments {
		ids = append(ids, s.StaffID)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

func (r *bookingRow) staff() []bookingStaffRow {
	var rows []bookingStaffRow
	for _, id := range r.staffIDs() {
		rows = append(rows, bookingStaffRow{StaffID: id, StartAt: r.StartAt, BookingID: r.BookingID})
	}
	return rows
}
