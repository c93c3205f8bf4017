package projections

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// branches is the read model of the salons: their terms, hours and closures, what they offer, and who works there and when.
type branches struct{ spec }

func (m branches) branches() bun.Ident { return m.table("branches") }
func (m branches) services() bun.Ident { return m.table("branch_services") }
func (m branches) closures() bun.Ident { return m.table("branch_closures") }
func (m branches) members() bun.Ident  { return m.table("branch_staff") }
func (m branches) staff() bun.Ident    { return m.table("staff") }

func (branches) tables() []table {
	return []table{
		{part: "branches", row: rowOf[branchRow]()},
		{part: "branch_services", row: rowOf[serviceRow](), clustered: true},
		{part: "branch_closures", row: rowOf[closureRow](), clustered: true},
		{part: "branch_staff", row: rowOf[memberRow](), clustered: true, indexes: []index{
			{name: "staff", columns: "staff_id"},
		}},
		{part: "staff", row: rowOf[staffRow](), clustered: true},
	}
}

func (m branches) begin() fold { return &batched{model: m} }

func (m branches) apply(ctx context.Context, tx bun.Tx, events []eventstore.Recorded) error {
	salons, people, err := m.load(ctx, tx, events)
	if err != nil {
		return err
	}
	for _, e := range events {
		if fact, ok := e.Event.(domain.BranchEvent); ok {
			err = salons.add(e, fact)
		}
		if fact, ok := e.Event.(domain.StaffEvent); ok {
			err = people.add(e, fact)
		}
		if err != nil {
			return err
		}
	}
	if err := m.writeBranches(ctx, tx, salons); err != nil {
		return err
	}
	return m.writeStaff(ctx, tx, people)
}

// load fetches the branches and members that the events concern.
func (m branches) load(
	ctx context.Context, tx bun.Tx, events []eventstore.Recorded,
) (*branchFold, *staffFold, error) {
	salons := &branchFold{
		branches: map[string]*branchRow{}, services: map[pair]*serviceRow{}, closures: map[pair]*closureRow{},
	}
	people := &staffFold{staff: map[string]*staffRow{}, members: map[pair]*memberRow{}}
	var branchIDs, staffIDs []string
	for _, e := range events {
		if fact, ok := e.Event.(domain.BranchEvent); ok {
			branchIDs = append(branchIDs, domain.BranchOf(fact))
		}
		if fact, ok := e.Event.(domain.StaffEvent); ok {
			id, _ := memberOf(fact)
			staffIDs = append(staffIDs, id)
		}
	}
	rows, err := load[*branchRow](ctx, tx, m.branches(), idKeys("branch_id", branchIDs))
	if err != nil {
		return nil, nil, err
	}
	for _, r := range rows {
		salons.branches[r.BranchID] = r
	}
	return salons, people, m.loadStaff(ctx, tx, people, staffIDs)
}

func (m branches) loadStaff(ctx context.Context, tx bun.Tx, people *staffFold, ids []string) error {
	rows, err := load[*staffRow](ctx, tx, m.staff(), idKeys("staff_id", ids))
	if err != nil {
		return err
	}
	for _, r := range rows {
		r.state = domain.Staff{StaffID: r.StaffID, Branches: map[string]domain.Workplace{}}
		people.staff[r.StaffID] = r
	}
	members, err := load[*memberRow](ctx, tx, m.members(), idKeys("staff_id", ids))
	for _, r := range members {
		if member := people.staff[r.StaffID]; member != nil { // else his next event finds that those before are missing
			member.state.Branches[r.BranchID] = r.workplace()
		}
	}
	return err
}

func (m branches) writeBranches(ctx context.Context, tx bun.Tx, f *branchFold) error {
	if err := insert(ctx, tx, m.branches(), f.changed(), "(branch_id) DO UPDATE"); err != nil {
		return err
	}
	offered, withdrawn := parted(f.services, "(branch_id, service_id)")
	if err := remove(ctx, writer{tx: tx}, m.services(), withdrawn); err != nil {
		return err
	}
	if err := insert(ctx, tx, m.services(), offered, "(branch_id, service_id) DO UPDATE"); err != nil {
		return err
	}
	declared, lifted := parted(f.closures, "(branch_id, closure_id)")
	if err := remove(ctx, writer{tx: tx}, m.closures(), lifted); err != nil {
		return err
	}
	return insert(ctx, tx, m.closures(), declared, "(branch_id, closure_id) DO UPDATE")
}

func (m branches) writeStaff(ctx context.Context, tx bun.Tx, f *staffFold) error {
	if err := insert(ctx, tx, m.staff(), f.changed(), "(staff_id) DO UPDATE"); err != nil {
		return err
	}
	working, left := parted(f.members, "(branch_id, staff_id)")
	if err := remove(ctx, writer{tx: tx}, m.members(), left); err != nil {
		return err
	}
	return insert(ctx, tx, m.members(), working, "(branch_id, staff_id) DO UPDATE")
}
