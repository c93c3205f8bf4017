package projections

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// ScheduleFilter says what a schedule shows.
type ScheduleFilter struct {
	Branches BranchScope
	StaffID  string // empty: every member
	// FromDate and ToDate bound the branch-local dates that a slot or a leave touches, both inclusive (YYYY-MM-DD). A caller
	// keeps the range short: all that is in it is returned.
	FromDate, ToDate string
}

// Slot is a taken piece of a member's time. Within a schedule it is known by booking, segment, member and start.
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
	// Status and Revision are the booking's.
	Status   domain.Status       `json:"status"`
	Revision eventstore.Revision `json:"revision"`
}

// Block is the time of a leave. It does not tell which kind of leave it is.
type Block struct {
	LeaveID string    `json:"leaveId"`
	StaffID string    `json:"staffId"`
	StartAt time.Time `json:"startAt"` // UTC
	EndAt   time.Time `json:"endAt"`
	// Places are the branches that it concerns, as far as the filter reaches them, with the local dates that it touches there.
	Places []domain.LeavePlace `json:"places"`
}

// SchedulePage is the answer to a ScheduleFilter: slots ordered by start, member, booking and segment, and blocks ordered by
// start and leave.
type SchedulePage struct {
	Slots    []Slot              `json:"slots"`
	Blocks   []Block             `json:"blocks"`
	Position eventstore.Position `json:"position"` // of the read
}

// Schedule returns the slots and blocks that the filter finds.
func (q *Queries) Schedule(
	ctx context.Context, f ScheduleFilter, lowest eventstore.Position,
) (page SchedulePage, err error) {
	if !domain.ValidDate(f.FromDate) || !domain.ValidDate(f.ToDate) {
		return page, domain.Refuse(domain.Invalid, domain.CodeValidation, "a schedule is of dates, YYYY-MM-DD")
	}
	err = q.models.Schedule.AtLeast(ctx, lowest, func(ctx context.Context, tx bun.Tx, at Snapshot) error {
		page = SchedulePage{Slots: []Slot{}, Blocks: []Block{}, Position: at.Position}
		if f.Branches.empty() {
			return nil
		}
		m := at.schedule()
		if page.Slots, err = f.slots(ctx, tx, m); err != nil {
			return err
		}
		page.Blocks, err = f.blocks(ctx, tx, m)
		return err
	})
	return page, err
}

// during adds the instants within which something must begin that touches the dates, on the clocks of any zone.
func (f ScheduleFilter) during(q *bun.SelectQuery, longest time.Duration) *bun.SelectQuery {
	if f.StaffID != "" {
		q = q.Where("staff_id = ?", f.StaffID)
	}
	return q.Where("start_at >= ?", toInstant(startOf(f.FromDate).Add(-clockReach-longest))).
		Where("start_at < ?", toInstant(startOf(domain.AddDays(f.ToDate, 1)).Add(clockReach)))
}

func (f ScheduleFilter) slots(ctx context.Context, tx bun.Tx, m schedule) ([]Slot, error) {
	var rows []struct {
		slotRow  `bun:",extend"`
		Status   domain.Status       `bun:"status"`
		Revision eventstore.Revision `bun:"revision"`
	}
	query := f.during(tx.NewSelect().TableExpr("? AS s", m.slots()), longestSlot).
		ColumnExpr("s.*, sb.status, sb.revision").
		Join("JOIN ? AS sb ON sb.booking_id = s.booking_id", m.bookings()).
		Where("s.first_date <= ?", f.ToDate).Where("s.last_date >= ?", f.FromDate)
	err := f.Branches.restrict(query, "s.branch_id").
		OrderExpr("s.start_at, s.staff_id, s.booking_id, s.segment_id").Scan(ctx, &rows)
	slots := make([]Slot, 0, len(rows))
	for _, r := range rows {
		slots = append(slots, Slot{
			BookingID: r.BookingID, SegmentID: r.SegmentID, StaffID: r.StaffID, BranchID: r.BranchID, Kind: r.Kind,
			StartAt: r.StartAt.time(), EndAt: r.EndAt.time(), LocalDates: r.LocalDates, Status: r.Status, Revision: r.Revision,
		})
	}
	return slots, err
}

// longestLeave is more than a leave lasts, clock changes included.
const longestLeave = (domain.MaxLeaveDays + 1) * 24 * time.Hour

// blocks returns the leaves that stand. Leaves are few: which branches and dates they concern is looked at here.
func (f ScheduleFilter) blocks(ctx context.Context, tx bun.Tx, m schedule) ([]Block, error) {
	var rows []*blockRow
	err := f.during(tx.NewSelect().Model(&rows).ModelTableExpr("? AS ?TableAlias", m.blocks()), longestLeave).
		Where("standing").OrderExpr("start_at, leave_id").Scan(ctx)
	blocks := []Block{}
	for _, r := range rows {
		b := Block{LeaveID: r.LeaveID, StaffID: r.StaffID, StartAt: r.StartAt.time(), EndAt: r.EndAt.time()}
		for _, p := range r.Places {
			touches := func(date string) bool { return f.FromDate <= date && date <= f.ToDate }
			if f.Branches.reaches(p.BranchID) && slices.ContainsFunc(p.LocalDates, touches) {
				b.Places = append(b.Places, p)
			}
		}
		if len(b.Places) > 0 {
			blocks = append(blocks, b)
		}
	}
	return blocks, err
}
