package projections

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// StaffFor proposes who could do a service at a branch in [start, end): members with the skill who are on shift while they are
// busy with it, buffers included, and whose time is free. Those with the least taken time on the UTC day of the start come
// first, equals by id. There are none while the branch is closed. It may be behind; the streams decide.
func (q *Queries) StaffFor(
	ctx context.Context, branchID, serviceID string, start, end time.Time,
) (staffIDs []string, err error) {
	err = q.models.Branches.AtLeast(ctx, 0, func(ctx context.Context, tx bun.Tx, _ eventstore.Position) error {
		wish, able, err := branches{branchesSpec()}.able(ctx, tx, branchID, serviceID, start, end)
		if err != nil || len(able) == 0 {
			return err
		}
		taken, err := schedule{scheduleSpec()}.taken(ctx, tx, able, wish)
		if err != nil {
			return err
		}
		staffIDs = wish.bestFirst(able, taken)
		return nil
	})
	return staffIDs, err
}

// OnShift proposes who works at a branch at some time of [start, end): members whose shifts there and the branch's hours have
// a moment in common with it, ordered by id. Closures do not count: it is asked for their sake.
func (q *Queries) OnShift(ctx context.Context, branchID string, start, end time.Time) (staffIDs []string, err error) {
	err = q.models.Branches.AtLeast(ctx, 0, func(ctx context.Context, tx bun.Tx, _ eventstore.Position) error {
		m := branches{branchesSpec()}
		branch, found, err := m.branch(ctx, tx, branchID)
		if err != nil || !found {
			return err
		}
		loc, err := time.LoadLocation(branch.TimeZone)
		if err != nil {
			return err
		}
		members, err := m.membersAt(ctx, tx, branchID)
		during := domain.Interval{StartAt: start, EndAt: end}
		open := branch.Hours.Within(during, loc)
		for _, r := range members {
			if len(domain.IntersectIntervals(open, r.Shifts.Within(during, loc))) > 0 {
				staffIDs = append(staffIDs, r.StaffID)
			}
		}
		return err
	})
	return staffIDs, err
}

// wish is the time that a service takes of whoever does it.
type wish struct {
	busy []domain.Interval // merged
	day  domain.Interval   // the UTC day of the start
}

// able lists the members who do the service then, by the domain's own rules: whether their time is free is not looked at.
func (m branches) able(
	ctx context.Context, tx bun.Tx, branchID, serviceID string, start, end time.Time,
) (w wish, ids []string, err error) {
	branch, found, err := m.branch(ctx, tx, branchID)
	if err != nil || !found {
		return w, nil, err
	}
	loc, err := time.LoadLocation(branch.TimeZone)
	if err != nil {
		return w, nil, err
	}
	service, offered := branch.Services[serviceID]
	if !offered || !branch.OpenDuring(domain.Interval{StartAt: start, EndAt: end}, loc) {
		return w, nil, nil
	}
	members, err := m.membersAt(ctx, tx, branchID)
	if err != nil {
		return w, nil, err
	}
	day := start.UTC().Truncate(24 * time.Hour)
	w = wish{busyWith(service, start, end), domain.Interval{StartAt: day, EndAt: day.Add(24 * time.Hour)}}
	for _, r := range members {
		member := domain.Staff{StaffID: r.StaffID, Branches: map[string]domain.Workplace{branchID: r.workplace()}}
		if member.Performs(branchID, serviceID) && w.onShift(member, branch, loc, end) {
			ids = append(ids, r.StaffID)
		}
	}
	return w, ids, nil
}

// busyWith returns what a service takes of its member's time.
func busyWith(s domain.Service, start, end time.Time) []domain.Interval {
	return domain.Segment{
		DurationMinutes: s.DurationMinutes, Phases: s.Phases,
		PreBufferMinutes: s.PreBufferMinutes, PostBufferMinutes: s.PostBufferMinutes, StartAt: start, EndAt: end,
	}.Busy()
}

// onShift reports whether the member works while he is busy; where the policy says so the buffer after the end does not
// count.
func (w wish) onShift(member domain.Staff, branch domain.Branch, loc *time.Location, end time.Time) bool {
	for _, busy := range w.busy {
		if branch.Policy.BufferPastShift && busy.EndAt.After(end) {
			busy.EndAt = end
		}
		if !busy.Empty() && !member.Works(branch.BranchID, busy, loc) {
			return false
		}
	}
	return true
}

// piece is taken time of a member.
type piece struct {
	StaffID string  `bun:"staff_id"`
	StartAt instant `bun:"start_at"`
	EndAt   instant `bun:"end_at"`
}

func (p piece) interval() domain.Interval {
	return domain.Interval{StartAt: p.StartAt.time(), EndAt: p.EndAt.time()}
}

// taken returns the slots and blocks of the members around a wish, and those of its day.
func (m schedule) taken(ctx context.Context, tx bun.Tx, staffIDs []string, w wish) (pieces []piece, err error) {
	from, to := w.day.StartAt, later(w.day.EndAt, w.busy[len(w.busy)-1].EndAt)
	if first := w.busy[0].StartAt; first.Before(from) {
		from = first
	}
	of := func(table bun.Ident, longest time.Duration) *bun.SelectQuery {
		return endingAfter(tx.NewSelect().TableExpr("?", table), from, longest).Column("staff_id", "start_at", "end_at").
			Where("staff_id IN (?)", bun.List(staffIDs)).Where("start_at < ?", toInstant(to))
	}
	if err := of(m.slots(), longestSlot).Scan(ctx, &pieces); err != nil {
		return nil, err
	}
	var off []piece
	err = of(m.blocks(), longestLeave).Where("standing").Scan(ctx, &off)
	return append(pieces, off...), err
}

// bestFirst drops the members whose time is taken and orders the others by their load on the day.
func (w wish) bestFirst(able []string, taken []piece) []string {
	busy, load := map[string]bool{}, map[string]time.Duration{}
	for _, p := range taken {
		one := []domain.Interval{p.interval()}
		if len(domain.IntersectIntervals(one, w.busy)) > 0 {
			busy[p.StaffID] = true
		}
		for _, i := range domain.IntersectIntervals(one, []domain.Interval{w.day}) {
			load[p.StaffID] += i.Duration()
		}
	}
	free := slices.DeleteFunc(able, func(id string) bool { return busy[id] })
	slices.SortFunc(free, func(a, b string) int { return cmp.Or(cmp.Compare(load[a], load[b]), cmp.Compare(a, b)) })
	return free
}
