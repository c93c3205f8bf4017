package projections

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// Closure is a time at which a branch is closed, and the open bookings that are in its way now, ordered by start: it shrinks
// as they are moved or cancelled.
type Closure struct {
	domain.Closure
	Conflicts []string `json:"conflicts"` // booking ids
}

// ClosureList is the closures of a branch, ordered by start.
type ClosureList struct {
	Closures []Closure           `json:"closures"`
	Position eventstore.Position `json:"position"` // of the read: that of the read model that is further behind
}

// BranchClosures returns the closures of a branch that end on or after a branch-local date (YYYY-MM-DD; empty: all).
func (q *Queries) BranchClosures(
	ctx context.Context, branchID, from string, lowest eventstore.Position,
) (list ClosureList, err error) {
	models := []*Projection{q.models.Branches, q.models.Bookings}
	err = atLeast(ctx, models, lowest, func(ctx context.Context, tx bun.Tx, at Snapshot) error {
		list = ClosureList{Closures: []Closure{}, Position: at.Position}
		var rows []*closureRow
		err := tx.NewSelect().Model(&rows).ModelTableExpr("? AS ?TableAlias", at.branches().closures()).
			Where("branch_id = ?", branchID).Where("to_date >= ?", from).OrderExpr("start_at, closure_id").Scan(ctx)
		if err != nil {
			return err
		}
		conflicts, err := at.bookings().inTheWayOfClosures(ctx, tx, at.branches(), branchID, from)
		for _, r := range rows {
			list.Closures = append(list.Closures, Closure{Closure: r.Closure, Conflicts: append([]string{}, conflicts[r.ClosureID]...)})
		}
		return err
	})
	return list, err
}

// inTheWayOfClosures lists, by closure, the open bookings that overlap the closures of a branch that end on or after a date,
// ordered by start. It takes one query, however many closures there are.
func (m bookings) inTheWayOfClosures(
	ctx context.Context, tx bun.Tx, salons branches, branchID, from string,
) (map[string][]string, error) {
	var pairs []struct {
		ClosureID string `bun:"closure_id"`
		BookingID string `bun:"booking_id"`
	}
	// In SQLite, CROSS keeps the order of a join: the few closures lead, and each finds its bookings by an index.
	err := tx.NewSelect().ColumnExpr("cl.closure_id, b.booking_id").
		TableExpr("? AS cl", salons.closures()).Join("CROSS JOIN ? AS b", m.cards()).
		Where("cl.branch_id = ?", branchID).Where("cl.to_date >= ?", from).
		Where("b.branch_id = ?", branchID).Where("b.status IN (?)", bun.List(statuses(domain.Status.Open))).
		Where("b.start_at < cl.end_at").Where("b.end_at > cl.start_at").
		OrderExpr("b.start_at, b.booking_id").Scan(ctx, &pairs)
	ids := map[string][]string{}
	for _, p := range pairs {
		ids[p.ClosureID] = append(ids[p.ClosureID], p.BookingID)
	}
	return ids, err
}
