package projections

import (
	"cmp"
	"context"
	"slices"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// LeaveFilter says which leaves a list shows. All conditions hold together; a zero condition does not restrict, but for
// Branches, whose zero value finds nothing.
type LeaveFilter struct {
	// Branches finds leaves of members who work at one of them (or did, when the leave was asked for).
	Branches BranchScope
	StaffID  string
	Statuses []domain.LeaveStatus // one of them
	// FromDate and ToDate (YYYY-MM-DD, both inclusive) find leaves that touch a date between them, as they were asked for.
	FromDate, ToDate string
	// LatestFirst lists by falling start; by rising start otherwise. Equal starts are ordered by id.
	LatestFirst bool
	After       Cursor // Next of the page before; with the same filter
	Limit       int    // leaves on a page; 0 means DefaultLimit, and MaxLimit is the most
}

// Leaves returns a page of the leaves that the filter finds, each with its open conflicts.
func (q *Queries) Leaves(ctx context.Context, f LeaveFilter, lowest eventstore.Position) (page LeavePage, err error) {
	after, err := f.check()
	if err != nil {
		return page, err
	}
	err = atLeast(ctx, q.models.leave(), lowest, func(ctx context.Context, tx bun.Tx, at Snapshot) error {
		m := at.leaves()
		page = LeavePage{Leaves: []Leave{}, Position: at.Position}
		var parts []*bun.SelectQuery
		for _, part := range f.parts() {
			parts = append(parts, part.query(tx, m, after))
		}
		found, err := merged(ctx, parts, f.LatestFirst, limit(f.Limit))
		if err != nil {
			return err
		}
		page.Next = found.next
		page.Leaves, err = m.leavesOf(ctx, tx, at.bookings(), found.ids)
		return err
	})
	return page, err
}

// LeaveByID returns a leave with its open conflicts, and the position of the read; a NotFound refusal when there is none.
func (q *Queries) LeaveByID(
	ctx context.Context, id string, lowest eventstore.Position,
) (leave Leave, at eventstore.Position, err error) {
	err = atLeast(ctx, q.models.leave(), lowest, func(ctx context.Context, tx bun.Tx, seen Snapshot) error {
		found, err := seen.leaves().leavesOf(ctx, tx, seen.bookings(), []string{id})
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return domain.ErrLeaveNotFound()
		}
		leave, at = found[0], seen.Position
		return nil
	})
	return leave, at, err
}

// check reads the cursor and refuses dates that are none.
func (f LeaveFilter) check() (after entry, err error) {
	for _, date := range []string{f.FromDate, f.ToDate} {
		if date != "" && !domain.ValidDate(date) {
			return after, domain.Refuse(domain.Invalid, domain.CodeValidation, "%q is not a date", date)
		}
	}
	if f.After != "" {
		return f.After.parse(domain.LeavePrefix)
	}
	return after, nil
}

// parts divides the filter into such as an index finds in the order of the list: one branch and one status each. A leave
// that concerns several branches is found several times, and shown once. The leaves of one member are few.
func (f LeaveFilter) parts() []LeaveFilter {
	if f.Branches.empty() {
		return nil
	}
	if f.StaffID != "" && f.Branches.all {
		return []LeaveFilter{f}
	}
	each := f.Statuses
	if len(each) == 0 {
		each = domain.LeaveStatuses()
	}
	var parts []LeaveFilter
	for _, branches := range f.Branches.each() {
		for _, status := range slices.Compact(slices.Sorted(slices.Values(each))) {
			part := f
			part.Branches, part.Statuses = branches, []domain.LeaveStatus{status}
			parts = append(parts, part)
		}
	}
	return parts
}

func (f LeaveFilter) query(tx bun.Tx, m leaves, after entry) *bun.SelectQuery {
	q := tx.NewSelect().TableExpr("? AS l", m.leaves())
	order := keyset{start: "l.start_at", id: "l.leave_id", falling: f.LatestFirst}
	status := "l.status"
	if !f.Branches.all {
		q = f.Branches.restrict(q.Join("JOIN ? AS lp ON lp.leave_id = l.leave_id", m.places()), "lp.branch_id")
		order.start, order.id, status = "lp.start_at", "lp.leave_id", "lp.status"
	}
	if f.StaffID != "" {
		q = q.Where("l.staff_id = ?", f.StaffID)
	}
	switch len(f.Statuses) {
	case 0:
	case 1:
		q = q.Where("? = ?", bun.Ident(status), f.Statuses[0])
	default:
		q = q.Where("? IN (?)", bun.Ident(status), bun.List(f.Statuses))
	}
	start := bun.Ident(order.start)
	if f.FromDate != "" {
		q = q.Where("l.to_date >= ?", f.FromDate).
			Where("? >= ?", start, toInstant(startOf(f.FromDate).Add(-clockReach-longestLeave)))
	}
	if f.ToDate != "" {
		q = q.Where("l.from_date <= ?", f.ToDate).
			Where("? < ?", start, toInstant(startOf(domain.AddDays(f.ToDate, 1)).Add(clockReach)))
	}
	return order.page(q, after, limit(f.Limit))
}

// leavesOf returns the leaves with the given ids, in their order.
func (m leaves) leavesOf(ctx context.Context, tx bun.Tx, b bookings, ids []string) ([]Leave, error) {
	rows, err := load[*leaveRow](ctx, tx, m.leaves(), idKeys("leave_id", ids))
	if err != nil {
		return nil, err
	}
	open, err := m.openConflicts(ctx, tx, b, ids)
	if err != nil {
		return nil, err
	}
	list := make([]Leave, 0, len(rows))
	for _, r := range rows {
		leave := r.leave()
		leave.OpenConflicts = append(leave.OpenConflicts, open[r.LeaveID]...)
		list = append(list, leave)
	}
	slices.SortFunc(list, func(a, b Leave) int {
		return cmp.Compare(slices.Index(ids, a.LeaveID), slices.Index(ids, b.LeaveID))
	})
	return list, nil
}

// openConflicts returns the conflicts of leaves, by leave, each claim once. What stands of a booking that is over is no
// conflict: nobody can move it any more, and the member was there.
func (m leaves) openConflicts(
	ctx context.Context, tx bun.Tx, b bookings, ids []string,
) (map[string][]Conflict, error) {
	open := map[string][]Conflict{}
	if len(ids) == 0 {
		return open, nil
	}
	var rows []struct {
		conflictRow
		Status domain.Status `bun:"status"`
	}
	err := tx.NewSelect().TableExpr("? AS c", m.conflicts()).ColumnExpr("c.*, coalesce(b.status, '') AS status").
		Join("LEFT JOIN ? AS b ON b.booking_id = c.booking_id", b.cards()).
		Where("c.leave_id IN (?)", bun.List(ids)).
		OrderExpr("c.start_at, c.claim_id, c.day").Scan(ctx, &rows)
	for _, r := range rows {
		have := open[r.LeaveID]
		again := len(have) > 0 && have[len(have)-1].ClaimID == r.ClaimID
		if !again && (r.Status == domain.StatusNone || r.Status.Open()) {
			open[r.LeaveID] = append(have, r.conflict(r.Status))
		}
	}
	return open, err
}
