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

// branchFold is a batch of the branches' events as it is folded in memory. Rows that are gone are nil.
type branchFold struct {
	branches map[string]*branchRow
	services map[pair]*serviceRow
	closures map[pair]*closureRow
}

// add folds one event by the domain's own fold.
func (f *branchFold) add(e eventstore.Recorded, fact domain.BranchEvent) error {
	id := domain.BranchOf(fact)
	row := f.branches[id]
	if row == nil {
		if _, ok := fact.(domain.BranchOpened); !ok {
			return errCannotApply(e, "the branch was never opened")
		}
		row = &branchRow{Revision: eventstore.NoStream, OpenedAt: toInstant(e.Metadata.OccurredAt)}
		f.branches[id] = row
	}
	if is, err := follows(e, row.Revision); !is {
		return err
	}
	b := row.state().Evolve(fact)
	row.BranchID, row.Name, row.TimeZone, row.Currency = b.BranchID, withoutNUL(b.Name), b.TimeZone, b.Currency
	row.Policy, row.Hours = b.Policy, b.Hours
	row.changed, row.Revision, row.Position = true, e.Revision, e.Position
	f.parts(e, fact)
	return nil
}

// parts notes what the branch offers and when it is closed, or no more.
func (f *branchFold) parts(e eventstore.Recorded, fact domain.BranchEvent) {
	switch fact := fact.(type) {
	case domain.BranchServiceOffered:
		f.services[pair{fact.BranchID, fact.ServiceID}] = &serviceRow{
			BranchID: fact.BranchID, ServiceID: fact.ServiceID, Terms: fact.Service, Revision: e.Revision,
		}
	case domain.BranchServiceWithdrawn:
		f.services[pair{fact.BranchID, fact.ServiceID}] = nil
	case domain.BranchClosureDeclared:
		f.closures[pair{fact.BranchID, fact.ClosureID}] = &closureRow{
			BranchID: fact.BranchID, ClosureID: fact.ClosureID, ToDate: fact.ToDate, StartAt: toInstant(fact.StartAt),
			EndAt: toInstant(fact.EndAt), Closure: fact.Closure, Revision: e.Revision,
		}
	case domain.BranchClosureLifted:
		f.closures[pair{fact.BranchID, fact.ClosureID}] = nil
	case domain.BranchOpened, domain.BranchHoursSet, domain.BranchPolicySet:
	}
}

func (f *branchFold) changed() []*branchRow {
	var rows []*branchRow
	for _, id := range slices.Sorted(maps.Keys(f.branches)) {
		if r := f.branches[id]; r.changed {
			rows = append(rows, r)
		}
	}
	return rows
}

// parted tells the rows to write, in the order of their keys, from those that are gone.
func parted[R any](rows map[pair]*R, columns string) (write []*R, gone keys) {
	gone.columns = columns
	for _, k := range slices.SortedFunc(maps.Keys(rows), pair.compare) {
		if r := rows[k]; r != nil {
			write = append(write, r)
		} else {
			gone.add(k.branchID, k.id)
		}
	}
	return write, gone
}
