package projections

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/eventstore"
)

// longestSlot bounds how far before a moment a slot may begin that still reaches it: a service lasts a day at most. The
// bound lets an index find the few slots around a time.
const longestSlot = 24 * time.Hour

// StaffFor proposes who could do a service at a branch in [start, end): members with the skill whose time is free, those
// with the least taken time on the UTC day of the start first, equals by id. It may be behind; the staff-days decide.
func (q *Queries) StaffFor(
	ctx context.Context, branchID, serviceID string, start, end time.Time,
) (staffIDs []string, err error) {
	err = q.models.Branches.AtLeast(ctx, 0, func(ctx context.Context, tx bun.Tx, _ eventstore.Position) error {
		members, err := branches{branchesSpec()}.staffOf(ctx, tx, branchID)
		if err != nil {
			return err
		}
		able := qualified(members, serviceID)
		if len(able) == 0 {
			return nil
		}
		day := start.UTC().Truncate(24 * time.Hour)
		slots, err := schedule{scheduleSpec()}.around(ctx, tx, able, day, later(end, day.Add(24*time.Hour)))
		if err != nil {
			return err
		}
		staffIDs = bestFirst(able, slots, start, end, day)
		return nil
	})
	return staffIDs, err
}

// qualified lists the members who have the skill; one without skills has all.
func qualified(members []Member, serviceID string) []string {
	var able []string
	for _, m := range members {
		if len(m.Skills) == 0 || slices.Contains(m.Skills, serviceID) {
			able = append(able, m.StaffID)
		}
	}
	return able
}

// around returns the slots of the members that touch [from, to).
func (m schedule) around(ctx context.Context, tx bun.Tx, staffIDs []string, from, to time.Time) ([]slotRow, error) {
	var rows []slotRow
	err := tx.NewSelect().Model(&rows).ModelTableExpr("? AS ?TableAlias", m.slots()).
		Column("staff_id", "start_at", "end_at").
		Where("staff_id IN (?)", bun.List(staffIDs)).
		Where("start_at >= ?", toMicros(from.Add(-longestSlot))).Where("start_at < ?", toMicros(to)).
		Where("end_at > ?", toMicros(from)).
		Scan(ctx)
	return rows, err
}

// bestFirst drops the members who are busy in [start, end) and orders the others by their load on the day.
func bestFirst(able []string, slots []slotRow, start, end, day time.Time) []string {
	from, to := toMicros(day), toMicros(day.Add(24*time.Hour))
	busy, load := map[string]bool{}, map[string]micros{}
	for _, s := range slots {
		if s.StartAt < toMicros(end) && toMicros(start) < s.EndAt {
			busy[s.StaffID] = true
		}
		load[s.StaffID] += max(0, min(s.EndAt, to)-max(s.StartAt, from))
	}
	free := slices.DeleteFunc(able, func(id string) bool { return busy[id] })
	slices.SortFunc(free, func(a, b string) int { return cmp.Or(cmp.Compare(load[a], load[b]), cmp.Compare(a, b)) })
	return free
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
