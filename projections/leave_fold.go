package projections

import (
	"cmp"
	"slices"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// leaveFold is the leaves of a batch as they are folded in memory, by id.
type leaveFold map[string]*leaveRow

// add folds one event. The status follows from the domain's own fold.
func (f leaveFold) add(e eventstore.Recorded, fact domain.LeaveEvent) error {
	id := domain.LeaveOf(fact).LeaveID
	row := f[id]
	if row == nil {
		row = &leaveRow{LeaveID: id, Revision: eventstore.NoStream, RequestedAt: toInstant(e.Metadata.OccurredAt)}
		f[id] = row
	}
	if is, err := follows(e, row.Revision); !is {
		return err
	}
	state := domain.Leave{LeaveRef: row.Ref, Status: row.Status}.Evolve(fact)
	row.Ref, row.Status, row.StaffID, row.StartAt = state.LeaveRef, state.Status, state.StaffID, toInstant(state.StartAt)
	row.FromDate, row.ToDate = state.FromDate, state.ToDate
	row.changed, row.Revision, row.Position = true, e.Revision, e.Position
	row.decide(e, fact)
	return nil
}

// decide notes who said what.
func (r *leaveRow) decide(e eventstore.Recorded, fact domain.LeaveEvent) {
	said := func(why string) *Decision {
		return &Decision{By: e.Metadata.Actor, At: e.Metadata.OccurredAt.UTC(), Reason: why}
	}
	switch fact := fact.(type) {
	case domain.LeaveRequested:
		r.Reason = fact.Reason
	case domain.LeaveApproved:
		r.Decided = said("")
		if fact.MarkOff { // nobody asked, so that nothing was said before
			r.Reason = fact.Reason
		}
	case domain.LeaveRejected:
		r.Decided = said(fact.Reason)
	case domain.LeaveWithdrawn:
		r.Undone = said("")
	case domain.LeaveRevoked:
		r.Undone = said(fact.Reason)
	}
}

func (f leaveFold) changed() []*leaveRow {
	var rows []*leaveRow
	for _, r := range f {
		if r.changed {
			rows = append(rows, r)
		}
	}
	slices.SortFunc(rows, func(a, b *leaveRow) int { return cmp.Compare(a.LeaveID, b.LeaveID) })
	return rows
}
