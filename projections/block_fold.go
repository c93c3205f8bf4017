package projections

import (
	"cmp"
	"slices"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// blockRow is an approved leave as the schedule holds it. It stands from its approval until it is revoked, as the messages on
// the schedule's channels tell it: a page that reads between an approval and its blocks would else never hear of the leave. What
// is really closed to bookings are the days, which the leave keeper blocks and frees a moment later.
type blockRow struct {
	bun.BaseModel `bun:"alias:k"`

	LeaveID  string              `bun:"leave_id,pk"`
	StaffID  string              `bun:"staff_id"`
	StartAt  instant             `bun:"start_at"`
	EndAt    instant             `bun:"end_at"`
	Places   []domain.LeavePlace `bun:"places,type:json"`
	Days     []string            `bun:"days,type:json"` // those that are blocked, ascending
	Standing bool                `bun:"standing"`       // approved and not revoked

	changed bool
}

// blockFold is the leaves of a batch as they are folded in memory, by id.
type blockFold map[string]*blockRow

// leave notes when an approved leave is, and where it shows.
func (f blockFold) leave(fact domain.LeaveEvent) {
	switch fact := fact.(type) {
	case domain.LeaveApproved:
		row := f[fact.LeaveID]
		if row == nil {
			row = &blockRow{LeaveID: fact.LeaveID, Days: []string{}}
			f[fact.LeaveID] = row
		}
		row.StaffID, row.StartAt, row.EndAt = fact.StaffID, toInstant(fact.StartAt), toInstant(fact.EndAt)
		row.Places, row.Standing, row.changed = fact.Places, true, true
	case domain.LeaveRevoked:
		if row := f[fact.LeaveID]; row != nil {
			row.Standing, row.changed = false, true
		}
	case domain.LeaveRequested, domain.LeaveWithdrawn, domain.LeaveRejected:
		// Nothing is off yet, or ever.
	}
}

// day folds the blocks of one member's day.
func (f blockFold) day(e eventstore.Recorded, fact domain.StaffDayEvent) error {
	switch fact := fact.(type) {
	case domain.StaffDayBlocked:
		row := f[fact.LeaveID]
		if row == nil {
			return errCannotApply(e, "the leave was never approved")
		}
		if at, there := slices.BinarySearch(row.Days, fact.Day); !there {
			row.set(slices.Insert(slices.Clone(row.Days), at, fact.Day))
		}
	case domain.StaffDayUnblocked:
		if row := f[fact.LeaveID]; row != nil {
			row.set(slices.DeleteFunc(slices.Clone(row.Days), func(day string) bool { return day == fact.Day }))
		}
	case domain.StaffDayClaimed, domain.StaffDayReleased:
		// Bookings tell what they take themselves.
	}
	return nil
}

func (r *blockRow) set(days []string) { r.Days, r.changed = days, true }

func (f blockFold) changed() []*blockRow {
	var rows []*blockRow
	for _, r := range f {
		if r.changed {
			rows = append(rows, r)
		}
	}
	slices.SortFunc(rows, func(a, b *blockRow) int { return cmp.Compare(a.LeaveID, b.LeaveID) })
	return rows
}

// leaveOfDay returns the leave, if any, that a fact of a member's day is about.
func leaveOfDay(fact domain.StaffDayEvent) []string {
	switch fact := fact.(type) {
	case domain.StaffDayBlocked:
		return []string{fact.LeaveID}
	case domain.StaffDayUnblocked:
		return []string{fact.LeaveID}
	case domain.StaffDayClaimed, domain.StaffDayReleased:
	}
	return nil
}
