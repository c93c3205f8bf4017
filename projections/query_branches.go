package projections

import (
	"context"
	"database/sql"
	"errors"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// Branches lists the branches that the scope reaches.
func (q *Queries) Branches(
	ctx context.Context, scope BranchScope, lowest eventstore.Position,
) (list BranchList, err error) {
	err = q.models.Branches.AtLeast(ctx, lowest, func(ctx context.Context, tx bun.Tx, at Snapshot) error {
		list = BranchList{Branches: []Branch{}, Position: at.Position}
		if scope.empty() {
			return nil
		}
		var rows []*branchRow
		query := tx.NewSelect().Model(&rows).ModelTableExpr("? AS ?TableAlias", at.branches().branches())
		if err := scope.restrict(query, "branch_id").OrderExpr("branch_id").Scan(ctx); err != nil {
			return err
		}
		for _, r := range rows {
			list.Branches = append(list.Branches, r.branch())
		}
		return nil
	})
	return list, err
}

// Branch returns one branch with its services, staff and closures; a NotFound refusal when there is none.
func (q *Queries) Branch(
	ctx context.Context, id string, lowest eventstore.Position,
) (detail BranchDetail, err error) {
	err = q.models.Branches.AtLeast(ctx, lowest, func(ctx context.Context, tx bun.Tx, at Snapshot) error {
		detail, err = at.branches().detail(ctx, tx, id)
		detail.Position = at.Position
		return err
	})
	return detail, err
}

// BranchCount returns how many branches there are.
func (q *Queries) BranchCount(ctx context.Context) (n int, err error) {
	err = q.models.Branches.AtLeast(ctx, 0, func(ctx context.Context, tx bun.Tx, seen Snapshot) error {
		count, err := tx.NewSelect().TableExpr("?", seen.branches().branches()).Count(ctx)
		n = int(count)
		return err
	})
	return n, err
}

// Staff returns a member with the branches at which he works; a NotFound refusal when he works at none.
func (q *Queries) Staff(
	ctx context.Context, id string, lowest eventstore.Position,
) (detail StaffDetail, err error) {
	err = q.models.Branches.AtLeast(ctx, lowest, func(ctx context.Context, tx bun.Tx, at Snapshot) error {
		m := at.branches()
		detail = StaffDetail{StaffID: id, Position: at.Position}
		places, err := rowsOf[*memberRow](ctx, tx, m.members(), "staff_id", id, "branch_id")
		if err == nil && len(places) == 0 {
			err = domain.Refuse(domain.NotFound, domain.CodeNotFound, "there is no such member of staff")
		}
		if err != nil {
			return err
		}
		for _, r := range places {
			detail.Branches = append(detail.Branches, Workplace{
				BranchID: r.BranchID, TimeZone: r.TimeZone, Skills: r.Skills, Shifts: r.Shifts,
			})
		}
		return tx.NewSelect().TableExpr("?", m.staff()).Column("revision").Where("staff_id = ?", id).
			Scan(ctx, &detail.Revision)
	})
	return detail, err
}

func (m branches) detail(ctx context.Context, tx bun.Tx, id string) (detail BranchDetail, err error) {
	var row branchRow
	err = tx.NewSelect().Model(&row).ModelTableExpr("? AS ?TableAlias", m.branches()).Where("branch_id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return detail, domain.ErrBranchNotFound()
	}
	if err != nil {
		return detail, err
	}
	detail = BranchDetail{
		Branch: row.branch(), Services: []domain.Service{}, Staff: []Member{}, Closures: []domain.Closure{},
	}
	services, err := rowsOf[*serviceRow](ctx, tx, m.services(), "branch_id", id, "service_id")
	for _, r := range services {
		detail.Services = append(detail.Services, r.Terms)
	}
	if err != nil {
		return detail, err
	}
	closures, err := rowsOf[*closureRow](ctx, tx, m.closures(), "branch_id", id, "closure_id")
	for _, r := range closures {
		detail.Closures = append(detail.Closures, r.Closure)
	}
	if err != nil {
		return detail, err
	}
	members, err := m.membersAt(ctx, tx, id)
	for _, r := range members {
		detail.Staff = append(detail.Staff, r.member())
	}
	return detail, err
}

func (m branches) membersAt(ctx context.Context, tx bun.Tx, branchID string) ([]*memberRow, error) {
	return rowsOf[*memberRow](ctx, tx, m.members(), "branch_id", branchID, "staff_id")
}

// rowsOf reads the rows of table with an id in one column, ordered by another.
func rowsOf[R any](ctx context.Context, tx bun.Tx, table bun.Ident, column bun.Ident, id string, order bun.Ident) (rows []R, err error) {
	err = tx.NewSelect().Model(&rows).ModelTableExpr("? AS ?TableAlias", table).
		Where("? = ?", column, id).OrderExpr("?", order).Scan(ctx)
	return rows, err
}
