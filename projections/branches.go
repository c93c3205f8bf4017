package projections

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// branches is the read model of the salons: their terms, what they offer and who works there.
type branches struct{ spec }

func (m branches) branches() bun.Ident { return m.table("branches") }
func (m branches) services() bun.Ident { return m.table("branch_services") }
func (m branches) members() bun.Ident  { return m.table("branch_staff") }

func (m branches) apply(ctx context.Context, tx bun.Tx, events []eventstore.Recorded) error {
	fold := newBranchFold()
	if err := m.load(ctx, tx, fold, events); err != nil {
		return err
	}
	for _, e := range events {
		if fact, ok := e.Event.(domain.BranchEvent); ok {
			if err := fold.branch(e, fact); err != nil {
				return err
			}
		}
		if fact, ok := e.Event.(domain.StaffEvent); ok {
			fold.staff(e, fact)
		}
	}
	if err := insert(ctx, tx, m.branches(), fold.changedBranches(), "(branch_id) DO UPDATE"); err != nil {
		return err
	}
	if err := insert(ctx, tx, m.services(), fold.changedServices(), "(branch_id, service_id) DO UPDATE"); err != nil {
		return err
	}
	return insert(ctx, tx, m.members(), fold.changedMembers(), "(branch_id, staff_id) DO UPDATE")
}

// load fetches the branches that the events concern.
func (m branches) load(ctx context.Context, tx bun.Tx, fold *branchFold, events []eventstore.Recorded) error {
	ids := map[string]bool{}
	var list []string
	for _, e := range events {
		if fact, ok := e.Event.(domain.BranchEvent); ok && !ids[branchID(fact)] {
			ids[branchID(fact)] = true
			list = append(list, branchID(fact))
		}
	}
	if len(list) == 0 {
		return nil
	}
	var rows []*branchRow
	err := tx.NewSelect().Model(&rows).ModelTableExpr("? AS ?TableAlias", m.branches()).
		Where("branch_id IN (?)", bun.List(list)).Scan(ctx)
	if err != nil {
		return err
	}
	for _, r := range rows {
		fold.branches[r.BranchID] = r
	}
	return nil
}

// branchID returns the branch that a fact is about.
func branchID(e domain.BranchEvent) string {
	switch e := e.(type) {
	case domain.BranchOpened:
		return e.BranchID
	case domain.BranchPolicySet:
		return e.BranchID
	case domain.BranchServiceOffered:
		return e.BranchID
	}
	return ""
}
