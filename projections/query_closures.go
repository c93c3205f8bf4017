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
	err = atLeast(ctx, models, lowest, func(ctx context.Context, tx bun.Tx, at eventstore.Position) error {
		list = ClosureList{Closures: []Closure{}, Position: at}
		var rows []*closureRow
		err := tx.NewSelect().Model(&rows).ModelTableExpr("? AS ?TableAlias", branches{branchesSpec()}.closures()).
			Where("branch_id = ?", branchID).Where("to_date >= ?", from).OrderExpr("start_at, closure_id").Scan(ctx)
		if err != nil {
			return err
		}
		for _, r := range rows {
			conflicts, err := bookings{bookingsSpec()}.inTheWay(ctx, tx, branchID, r.Closure.StartAt, r.Closure.EndAt)
			if err != nil {
				return err
			}
			list.Closures = append(list.Closures, Closure{Closure: r.Closure, Conflicts: conflicts})
		}
		return nil
	})
	return list, err
}
