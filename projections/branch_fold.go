package projections

import (
	"cmp"
	"maps"
	"slices"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// pair is a key of two ids, the first of them a branch's.
type pair struct{ branchID, id string }

func (p pair) compare(o pair) int {
	return cmp.Or(cmp.Compare(p.branchID, o.branchID), cmp.Compare(p.id, o.id))
}

// branchFold is a batch as it is folded in memory.
type branchFold struct {
	branches map[string]*branchRow
	services map[pair]serviceRow
	members  map[pair]memberRow
}

func newBranchFold() *branchFold {
	return &branchFold{
		branches: map[string]*branchRow{}, services: map[pair]serviceRow{}, members: map[pair]memberRow{},
	}
}

func (f *branchFold) branch(e eventstore.Recorded, fact domain.BranchEvent) error {
	row := f.branches[branchID(fact)]
	if opened, ok := fact.(domain.BranchOpened); ok && row == nil {
		row = &branchRow{BranchID: opened.BranchID, Revision: e.Revision - 1, OpenedAt: toMicros(e.Metadata.OccurredAt)}
		f.branches[opened.BranchID] = row
	}
	switch {
	case row == nil:
		return errCannotApply(e, "the branch was never opened")
	case e.Revision <= row.Revision:
		return nil // folded already: a revision never goes down
	case e.Revision > row.Revision+1:
		return errCannotApply(e, "an event before it is missing")
	}
	row.changed, row.Revision, row.Position = true, e.Revision, e.Position
	switch fact := fact.(type) {
	case domain.BranchOpened:
		row.Name, row.TimeZone, row.Currency, row.Policy = withoutNUL(fact.Name), fact.TimeZone, fact.Currency, fact.Policy
	case domain.BranchPolicySet:
		row.Policy = fact.Policy
	case domain.BranchServiceOffered:
		f.services[pair{fact.BranchID, fact.ServiceID}] = serviceRow{
			BranchID: fact.BranchID, ServiceID: fact.ServiceID, Name: withoutNUL(fact.Name),
			DurationMinutes: fact.DurationMinutes, PriceMinor: fact.PriceMinor, Revision: e.Revision,
		}
	}
	return nil
}

func (f *branchFold) staff(e eventstore.Recorded, fact domain.StaffEvent) {
	switch fact := fact.(type) {
	case domain.StaffJoined:
		skills := fact.Skills
		if skills == nil {
			skills = []string{} // in the table "all" is an empty list, never null
		}
		f.members[pair{fact.BranchID, fact.StaffID}] = memberRow{
			BranchID: fact.BranchID, StaffID: fact.StaffID, Skills: skills, Revision: e.Revision,
		}
	}
}

func (f *branchFold) changedBranches() []*branchRow {
	var rows []*branchRow
	for _, id := range slices.Sorted(maps.Keys(f.branches)) {
		if r := f.branches[id]; r.changed {
			rows = append(rows, r)
		}
	}
	return rows
}

func (f *branchFold) changedServices() []serviceRow { return inOrder(f.services) }

func (f *branchFold) changedMembers() []memberRow { return inOrder(f.members) }

func inOrder[R any](rows map[pair]R) []R {
	var list []R
	for _, k := range slices.SortedFunc(maps.Keys(rows), pair.compare) {
		list = append(list, rows[k])
	}
	return list
}
