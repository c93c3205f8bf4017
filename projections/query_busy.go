package projections

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// Busy is all time that is taken, as an index in memory needs it: from Position on it follows the log by itself.
type Busy struct {
	Slots    []BusySlot
	Blocks   []BusyBlock
	Position eventstore.Position
}

// BusySlot is a slot with what it is known by, so that a diff which frees it finds it.
type BusySlot struct {
	BookingID, SegmentID, StaffID, BranchID string
	domain.Interval
}

// BusyBlock is the time of a leave. It is gone when the last of its Days is unblocked.
type BusyBlock struct {
	LeaveID, StaffID string
	domain.Interval
	Days []string // the UTC days (YYYY-MM-DD, ascending) that are blocked
}

// Busy returns all slots and blocks that end after a moment, ordered by start.
func (q *Queries) Busy(ctx context.Context, since time.Time) (busy Busy, err error) {
	err = q.models.Schedule.AtLeast(ctx, 0, func(ctx context.Context, tx bun.Tx, at Snapshot) error {
		busy = Busy{Position: at.Position}
		m := at.schedule()
		var slots []slotRow
		if err := endingAfter(tx.NewSelect().Model(&slots).ModelTableExpr("? AS ?TableAlias", m.slots()), since, longestSlot).Scan(ctx); err != nil {
			return err
		}
		for _, r := range slots {
			busy.Slots = append(busy.Slots, BusySlot{
				BookingID: r.BookingID, SegmentID: r.SegmentID, StaffID: r.StaffID, BranchID: r.BranchID,
				Interval: domain.Interval{StartAt: r.StartAt.time(), EndAt: r.EndAt.time()},
			})
		}
		var blocks []*blockRow
		err := endingAfter(tx.NewSelect().Model(&blocks).ModelTableExpr("? AS ?TableAlias", m.blocks()), since, longestLeave).
			Where("days <> '[]'").Scan(ctx)
		for _, r := range blocks {
			busy.Blocks = append(busy.Blocks, BusyBlock{
				LeaveID: r.LeaveID, StaffID: r.StaffID,
				Interval: domain.Interval{StartAt: r.StartAt.time(), EndAt: r.EndAt.time()}, Days: r.Days,
			})
		}
		return err
	})
	return busy, err
}

// endingAfter finds what ends after a moment. Nothing lasts longer than longest, so that an index on the start finds it.
func endingAfter(q *bun.SelectQuery, since time.Time, longest time.Duration) *bun.SelectQuery {
	return q.Where("start_at >= ?", toInstant(since.Add(-longest))).Where("end_at > ?", toInstant(since)).OrderExpr("start_at")
}
