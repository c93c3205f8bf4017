package projections

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// ScheduleFilter says which slots a schedule shows.
type ScheduleFilter struct {
	Branches BranchScope
	StaffID  string // empty: every member
	// FromDate and ToDate bound the branch-local dates that a slot touches, both inclusive (YYYY-MM-DD). A caller keeps
	// the range short: all slots in it are returned.
	FromDate, ToDate string
}

// Slot is a taken piece of a member's time.
type Slot struct {
	BookingID string          `json:"bookingId"`
	SegmentID string          `json:"segmentId"`
	StaffID   string          `json:"staffId"`
	BranchID  string          `json:"branchId"`
	Kind      domain.SlotKind `json:"kind"`
	StartAt   time.Time       `json:"startAt"` // UTC
	EndAt     time.Time       `json:"endAt"`
	// LocalDates are the branch-local dates that the slot touches (YYYY-MM-DD, ascending).
	LocalDates []string `json:"localDates"`
	// Revision is the booking's at the event that last changed the slot.
	Revision eventstore.Revision `json:"revision"`
}

// SchedulePage is the answer to a ScheduleFilter, ordered by start, member, booking and segment.
type SchedulePage struct {
	Slots    []Slot              `json:"slots"`
	Position eventstore.Position `json:"position"` // of the read
}

// Schedule returns the slots that the filter finds.
func (q *Queries) Schedule(
	ctx context.Context, f ScheduleFilter, lowest eventstore.Position,
) (page SchedulePage, err error) {
	err = q.models.Schedule.AtLeast(ctx, lowest, func(ctx context.Context, tx bun.Tx, at eventstore.Position) error {
		page = SchedulePage{Slots: []Slot{}, Position: at}
		if f.Branches.empty() {
			return nil
		}
		m := schedule{scheduleSpec()}
		dated := tx.NewSelect().TableExpr("?", m.dates()).Column("booking_id", "segment_id", "staff_id").
			Where("local_date BETWEEN ? AND ?", f.FromDate, f.ToDate)
		if f.StaffID != "" {
			dated = dated.Where("staff_id = ?", f.StaffID)
		}
		var rows []slotRow
		err := tx.NewSelect().Model(&rows).ModelTableExpr("? AS ?TableAlias", m.slots()).
			Where("(booking_id, segment_id, staff_id) IN (?)", f.Branches.restrict(dated, "branch_id")).
			OrderExpr("start_at, staff_id, booking_id, segment_id").Scan(ctx)
		for _, r := range rows {
			page.Slots = append(page.Slots, r.slot())
		}
		return err
	})
	return page, err
}

func (s slotRow) slot() Slot {
	return Slot{
		BookingID: s.BookingID, SegmentID: s.SegmentID, StaffID: s.StaffID, BranchID: s.BranchID, Kind: s.Kind,
		StartAt: s.StartAt.time(), EndAt: s.EndAt.time(), LocalDates: s.LocalDates, Revision: s.Revision,
	}
}
