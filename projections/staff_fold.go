package projections

import (
	"maps"
	"slices"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// staffFold is a batch of the members' events as it is folded in memory. Rows of those who have left are nil.
type staffFold struct {
	staff   map[string]*staffRow
	members map[pair]*memberRow
}

// add folds one event by the domain's own fold.
func (f *staffFold) add(e eventstore.Recorded, fact domain.StaffEvent) error {
	staffID, branchID := memberOf(fact)
	row := f.staff[staffID]
	if row == nil {
		row = &staffRow{StaffID: staffID, Revision: eventstore.NoStream}
		f.staff[staffID] = row
	}
	if is, err := follows(e, row.Revision); !is {
		return err
	}
	row.state = row.state.Evolve(fact)
	row.changed, row.Revision, row.Position = true, e.Revision, e.Position
	w, works := row.state.Branches[branchID]
	if !works {
		f.members[pair{branchID, staffID}] = nil
		return nil
	}
	if w.Skills == nil {
		w.Skills = []string{} // in the table "all" is an empty list, never null
	}
	f.members[pair{branchID, staffID}] = &memberRow{
		BranchID: branchID, StaffID: staffID, Skills: w.Skills, Shifts: w.Shifts, TimeZone: w.TimeZone, Revision: e.Revision,
	}
	return nil
}

// memberOf returns who a fact is about, and at which branch.
func memberOf(fact domain.StaffEvent) (staffID, branchID string) {
	switch fact := fact.(type) {
	case domain.StaffJoined:
		return fact.StaffID, fact.BranchID
	case domain.StaffLeft:
		return fact.StaffID, fact.BranchID
	case domain.StaffSkillsSet:
		return fact.StaffID, fact.BranchID
	case domain.StaffShiftsSet:
		return fact.StaffID, fact.BranchID
	}
	return "", ""
}

func (f *staffFold) changed() []*staffRow {
	var rows []*staffRow
	for _, id := range slices.Sorted(maps.Keys(f.staff)) {
		if r := f.staff[id]; r.changed {
			rows = append(rows, r)
		}
	}
	return rows
}
