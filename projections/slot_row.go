package projections

import (
	"github.com/uptrace/bun"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// slotRow is a piece of a member's time as the table holds it.
type slotRow struct {
	bun.BaseModel `bun:"alias:s"`

	BookingID  string              `bun:"booking_id,pk"`
	SegmentID  string              `bun:"segment_id,pk"`
	StaffID    string              `bun:"staff_id,pk"`
	BranchID   string              `bun:"branch_id"`
	Kind       domain.SlotKind     `bun:"kind"`
	StartAt    micros              `bun:"start_at"`
	EndAt      micros              `bun:"end_at"`
	LocalDates []string            `bun:"local_dates,type:json"`
	Revision   eventstore.Revision `bun:"revision"`
	Position   eventstore.Position `bun:"position"`
}

// slotDateRow says that a slot touches a branch-local date.
type slotDateRow struct {
	bun.BaseModel `bun:"alias:d"`

	BranchID  string `bun:"branch_id,pk"`
	LocalDate string `bun:"local_date,pk"`
	StaffID   string `bun:"staff_id,pk"`
	BookingID string `bun:"booking_id,pk"`
	SegmentID string `bun:"segment_id,pk"`
}

func newSlotRow(e eventstore.Recorded, ref domain.BookingRef, s domain.Slot) slotRow {
	return slotRow{
		BookingID: ref.BookingID, SegmentID: s.SegmentID, StaffID: s.StaffID, BranchID: ref.BranchID, Kind: s.Kind,
		StartAt: toMicros(s.StartAt), EndAt: toMicros(s.EndAt), LocalDates: s.LocalDates,
		Revision: e.Revision, Position: e.Position,
	}
}

func (s slotRow) dates() []slotDateRow {
	rows := make([]slotDateRow, 0, len(s.LocalDates))
	for _, date := range s.LocalDates {
		rows = append(rows, slotDateRow{
			BranchID: s.BranchID, LocalDate: date, StaffID: s.StaffID, BookingID: s.BookingID, SegmentID: s.SegmentID,
		})
	}
	return rows
}
