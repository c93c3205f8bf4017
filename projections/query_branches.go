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
	err = q.models.Branches.AtLeast(ctx, lowest, func(ctx context.Context, tx bun.Tx, at eventstore.Position) error {
		list = BranchList{Branches: []Branch{}, Position: at}
		if scope.empty() {
			return nil
		}
		var rows []*branchRow
		query := tx.NewSelect().Model(&rows).ModelTableExpr("? AS ?TableAlias", branches{branchesSpec()}.branches())
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

// Branch returns one branch with its services and staff; a NotFound refusal when there is none.
func (q *Queries) Branch(
	ctx context.Context, id string, lowest eventstore.Position,
) (detail BranchDetail, err error) {
	err = q.models.Branches.AtLeast(ctx, lowest, func(ctx context.Context, tx bun.Tx, at eventstore.Position) error {
		m := branches{branchesSpec()}
		var row branchRow
		err := tx.NewSelect().Model(&row).ModelTableExpr("? AS ?TableAlias", m.branches()).
			Where("branch_id = ?", id).Scan(ctx)
		if errors.Is(err, sql.ErrNoRows) {
			return domain.Refuse(domain.NotFound, domain.CodeNotFound, "there is no such branch")
		}
		if err != nil {
			return err
		}
		detail = BranchDetail{Branch: row.branch(), Position: at}
		if detail.Services, err = m.servicesOf(ctx, tx, id); err != nil {
			return err
		}
		detail.Staff, err = m.staffOf(ctx, tx, id)
		return err
	})
	return detail, err
}

// BranchCount returns how many branches there are.
func (q *Queries) BranchCount(ctx context.Context) (n int, err error) {
	err = q.models.Branches.AtLeast(ctx, 0, func(ctx context.Context, tx bun.Tx, _ eventstore.Position) error {
		count, err := tx.NewSelect().TableExpr("?", branches{branchesSpec()}.branches()).Count(ctx)
		n = int(count)
		return err
	})
	return n, err
}

func (m branches) servicesOf(ctx context.Context, tx bun.Tx, branchID string) ([]domain.Service, error) {
	var rows []serviceRow
	err := tx.NewSelect().Model(&rows).ModelTableExpr("? AS ?TableAlias", m.services()).
		Where("branch_id = ?", branchID).OrderExpr("service_id").Scan(ctx)
	services := make([]domain.Service, 0, len(rows))
	for _, r := range rows {
		services = append(services, domain.Service{
			ServiceID: r.ServiceID, Name: r.Name, DurationMinutes: r.DurationMinutes, PriceMinor: r.PriceMinor,
		})
	}
	return services, err
}

func (m branches) staffOf(ctx context.Context, tx bun.Tx, branchID string) ([]Member, error) {
	var rows []memberRow
	err := tx.NewSelect().Model(&rows).ModelTableExpr("? AS ?TableAlias", m.members()).
		Where("branch_id = ?", branchID).OrderExpr("staff_id").Scan(ctx)
	members := make([]Member, 0, len(rows))
	for _, r := range rows {
		members = append(members, Member{StaffID: r.StaffID, Skills: r.Skills, Revision: r.Revision})
	}
	return members, err
}
