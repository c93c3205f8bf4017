package projections

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// leaves is the read model of the leaves and of the bookings that are in their way.
type leaves struct{ spec }

func (m leaves) leaves() bun.Ident    { return m.table("leaves") }
func (m leaves) places() bun.Ident    { return m.table("leave_places") }
func (m leaves) blocks() bun.Ident    { return m.table("leave_blocks") }
func (m leaves) conflicts() bun.Ident { return m.table("leave_conflicts") }

func (leaves) tables() []table {
	return []table{
		{part: "leaves", row: rowOf[leaveRow](), indexes: []index{
			{name: "staff", columns: "staff_id, start_at, leave_id"},
			{name: "status", columns: "status, start_at, leave_id"},
		}},
		// The indexes by leave and by day are what a rebuild of one stream, and an audit, find the rows by.
		{part: "leave_places", row: rowOf[leavePlaceRow](), clustered: true, indexes: []index{
			{name: "leave", columns: "leave_id"},
		}},
		{part: "leave_blocks", row: rowOf[leaveBlockRow](), clustered: true},
		// A claim across 00:00 UTC is there for each of its days.
		{part: "leave_conflicts", row: rowOf[conflictRow](), clustered: true, indexes: []index{
			{name: "claim", columns: "claim_id"},
			{name: "day", columns: "staff_id, day"},
		}},
	}
}

func (m leaves) begin() fold { return &batched{model: m} }

func (m leaves) apply(ctx context.Context, tx bun.Tx, events []eventstore.Recorded) error {
	asked, err := m.loadLeaves(ctx, tx, events)
	if err != nil {
		return err
	}
	days, err := m.loadDays(ctx, tx, events)
	if err != nil {
		return err
	}
	for _, e := range events {
		if fact, ok := e.Event.(domain.LeaveEvent); ok {
			if err := asked.add(e, fact); err != nil {
				return err
			}
		}
		if fact, ok := e.Event.(domain.StaffDayEvent); ok {
			days.add(fact)
		}
	}
	if err := m.writeLeaves(ctx, tx, asked); err != nil {
		return err
	}
	return m.writeDays(ctx, tx, days)
}

func (m leaves) loadLeaves(ctx context.Context, tx bun.Tx, events []eventstore.Recorded) (leaveFold, error) {
	fold := leaveFold{}
	var ids []string
	for _, e := range events {
		if fact, ok := e.Event.(domain.LeaveEvent); ok {
			ids = append(ids, domain.LeaveOf(fact).LeaveID)
		}
	}
	rows, err := load[*leaveRow](ctx, tx, m.leaves(), idKeys("leave_id", ids))
	for _, r := range rows {
		r.was = r.places()
		fold[r.LeaveID] = r
	}
	return fold, err
}

// loadDays fetches the blocks of the days that the events concern, and the conflicts that they may close.
func (m leaves) loadDays(ctx context.Context, tx bun.Tx, events []eventstore.Recorded) (*conflictFold, error) {
	fold := newConflictFold()
	days := keys{columns: "(staff_id, day)"}
	var released, unblocked []string
	for _, e := range events {
		if fact, ok := e.Event.(domain.StaffDayEvent); ok {
			on, claimID := placeOf(fact)
			days.add(on.staffID, on.day)
			released = append(released, claimID...)
			unblocked = append(unblocked, leaveOfDay(fact)...)
		}
	}
	blocks, err := load[*leaveBlockRow](ctx, tx, m.blocks(), days)
	if err != nil {
		return nil, err
	}
	for _, r := range blocks {
		fold.put(r)
	}
	for _, k := range []keys{idKeys("claim_id", released), idKeys("leave_id", unblocked)} {
		conflicts, err := load[*conflictRow](ctx, tx, m.conflicts(), k)
		if err != nil {
			return nil, err
		}
		for _, r := range conflicts {
			fold.conflicts[r.key()] = r
		}
	}
	return fold, nil
}

// placeOf returns the day that a fact is of, and the claim, if any, that it releases.
func placeOf(fact domain.StaffDayEvent) (on staffDay, released []string) {
	switch fact := fact.(type) {
	case domain.StaffDayClaimed:
		return staffDay{fact.StaffID, fact.Day}, nil
	case domain.StaffDayReleased:
		return staffDay{fact.StaffID, fact.Day}, []string{fact.ClaimID}
	case domain.StaffDayBlocked:
		return staffDay{fact.StaffID, fact.Day}, nil
	case domain.StaffDayUnblocked:
		return staffDay{fact.StaffID, fact.Day}, nil
	}
	return staffDay{}, nil
}

func (m leaves) writeLeaves(ctx context.Context, tx bun.Tx, f leaveFold) error {
	changed := f.changed()
	if err := insert(ctx, tx, m.leaves(), changed, "(leave_id) DO UPDATE"); err != nil {
		return err
	}
	old := keys{columns: "(branch_id, status, start_at, leave_id)"}
	var places []leavePlaceRow
	for _, r := range changed {
		if slices.Equal(r.was, r.places()) {
			continue
		}
		for _, p := range r.was {
			old.add(p.BranchID, p.Status, p.StartAt, p.LeaveID)
		}
		places = append(places, r.places()...)
	}
	if err := remove(ctx, writer{tx: tx}, m.places(), old); err != nil {
		return err
	}
	return insert(ctx, tx, m.places(), places, "")
}

func (m leaves) writeDays(ctx context.Context, tx bun.Tx, f *conflictFold) error {
	blocks, unblocked := f.changedBlocks()
	if err := remove(ctx, writer{tx: tx}, m.blocks(), unblocked); err != nil {
		return err
	}
	if err := insert(ctx, tx, m.blocks(), blocks, "(staff_id, day, leave_id) DO UPDATE"); err != nil {
		return err
	}
	opened, closed := f.changedConflicts()
	if err := remove(ctx, writer{tx: tx}, m.conflicts(), closed); err != nil {
		return err
	}
	return insert(ctx, tx, m.conflicts(), opened, "(leave_id, claim_id, day) DO UPDATE")
}
