package projections

import (
	"cmp"
	"context"
	"slices"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// Catalogue returns all branches and all members who work at one, as the domain has them, ordered by id, and the position
// of the read: who follows the log from there on can keep them up to date.
func (q *Queries) Catalogue(
	ctx context.Context,
) (salons []domain.Branch, people []domain.Staff, at eventstore.Position, err error) {
	err = q.models.Branches.AtLeast(ctx, 0, func(ctx context.Context, tx bun.Tx, seen Snapshot) error {
		at = seen.Position
		m := seen.branches()
		if salons, err = m.all(ctx, tx); err != nil {
			return err
		}
		people, err = m.everybody(ctx, tx)
		return err
	})
	return salons, people, at, err
}

// BranchAggregate returns one branch as the domain has it: zero when there is none.
func (q *Queries) BranchAggregate(
	ctx context.Context, id string, lowest eventstore.Position,
) (b domain.Branch, at eventstore.Position, err error) {
	err = q.models.Branches.AtLeast(ctx, lowest, func(ctx context.Context, tx bun.Tx, seen Snapshot) error {
		at = seen.Position
		b, _, err = seen.branches().branch(ctx, tx, id)
		return err
	})
	return b, at, err
}

// branch returns one branch as the domain has it.
func (m branches) branch(ctx context.Context, tx bun.Tx, id string) (b domain.Branch, found bool, err error) {
	rows, err := m.aggregates(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("branch_id = ?", id) })
	if err != nil || len(rows) == 0 {
		return b, false, err
	}
	return rows[0], true, nil
}

func (m branches) all(ctx context.Context, tx bun.Tx) ([]domain.Branch, error) {
	return m.aggregates(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery { return q })
}

// aggregates puts branches together from their tables.
func (m branches) aggregates(
	ctx context.Context, tx bun.Tx, which func(*bun.SelectQuery) *bun.SelectQuery,
) ([]domain.Branch, error) {
	var rows []*branchRow
	var services []*serviceRow
	var closures []*closureRow
	for table, into := range map[bun.Ident]any{m.branches(): &rows, m.services(): &services, m.closures(): &closures} {
		if err := which(tx.NewSelect().Model(into).ModelTableExpr("? AS ?TableAlias", table)).Scan(ctx); err != nil {
			return nil, err
		}
	}
	list := make([]domain.Branch, 0, len(rows))
	slices.SortFunc(rows, func(a, b *branchRow) int { return cmp.Compare(a.BranchID, b.BranchID) })
	for _, r := range rows {
		b := r.state()
		b.Services, b.Closures = map[string]domain.Service{}, map[string]domain.Closure{}
		for _, s := range services {
			if s.BranchID == b.BranchID {
				b.Services[s.ServiceID] = s.Terms
			}
		}
		for _, c := range closures {
			if c.BranchID == b.BranchID {
				b.Closures[c.ClosureID] = c.Closure
			}
		}
		list = append(list, b)
	}
	return list, nil
}

func (m branches) everybody(ctx context.Context, tx bun.Tx) ([]domain.Staff, error) {
	var rows []*memberRow
	err := tx.NewSelect().Model(&rows).ModelTableExpr("? AS ?TableAlias", m.members()).
		OrderExpr("staff_id, branch_id").Scan(ctx)
	var people []domain.Staff
	for _, r := range rows {
		if n := len(people); n == 0 || people[n-1].StaffID != r.StaffID {
			people = append(people, domain.Staff{StaffID: r.StaffID, Branches: map[string]domain.Workplace{}})
		}
		people[len(people)-1].Branches[r.BranchID] = r.workplace()
	}
	return people, err
}
