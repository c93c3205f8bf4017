package projections

import (
	"cmp"
	"time"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// slotBookingRow is what the schedule knows of the booking that its slots belong to.
type slotBookingRow struct {
	bun.BaseModel `bun:"alias:sb"`

	BookingID string        `bun:"booking_id,pk"`
	Status    domain.Status `bun:"status"`
	// Revision is that of the last event that is not a fence, StreamRevision that of the last event.
	Revision       eventstore.Revision `bun:"revision"`
	StreamRevision eventstore.Revision `bun:"stream_revision"`

	changed bool
}

// slotRow is a piece of a member's time as the table holds it.
type slotRow struct {
	bun.BaseModel `bun:"alias:s"`

	BookingID  string          `bun:"booking_id,pk"`
	SegmentID  string          `bun:"segment_id,pk"`
	StaffID    string          `bun:"staff_id,pk"`
	StartAt    instant         `bun:"start_at,pk"`
	EndAt      instant         `bun:"end_at"`
	BranchID   string          `bun:"branch_id"`
	Kind       domain.SlotKind `bun:"kind"`
	LocalDates []string        `bun:"local_dates,type:json"`
	// FirstDate and LastDate are the ends of LocalDates.
	FirstDate string `bun:"first_date"`
	LastDate  string `bun:"last_date"`
}

// slotKey is what a slot is known by: the booking's segment, the member and the start. A segment with processing time has
// several slots.
type slotKey struct {
	bookingID, segmentID, staffID string
	startAt                       instant
}

func (k slotKey) compare(o slotKey) int {
	return cmp.Or(cmp.Compare(k.bookingID, o.bookingID), cmp.Compare(k.segmentID, o.segmentID),
		cmp.Compare(k.staffID, o.staffID), cmp.Compare(k.startAt, o.startAt))
}

func keyOf(bookingID string, s domain.Slot) slotKey {
	return slotKey{bookingID, s.SegmentID, s.StaffID, toInstant(s.StartAt)}
}

func newSlotRow(ref domain.BookingRef, s domain.Slot) slotRow {
	row := slotRow{
		BookingID: ref.BookingID, SegmentID: s.SegmentID, StaffID: s.StaffID, BranchID: ref.BranchID, Kind: s.Kind,
		StartAt: toInstant(s.StartAt), EndAt: toInstant(s.EndAt), LocalDates: s.LocalDates,
	}
	if n := len(s.LocalDates); n > 0 {
		row.FirstDate, row.LastDate = s.LocalDates[0], s.LocalDates[n-1]
	}
	return row
}

// longestSlot is the most that a slot lasts. It bounds how far before a moment one may begin that still reaches it, so that an
// index finds the few slots around a time.
const longestSlot = domain.MaxServiceMinutes * time.Minute
