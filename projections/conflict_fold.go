package projections

import (
	"cmp"
	"maps"
	"slices"

	"github.com/royalglow/booking/domain"
)

// staffDay names a member's UTC day.
type staffDay struct{ staffID, day string }

// conflictKey names a claim that is in the way of a leave on a day.
type conflictKey struct{ leaveID, claimID, day string }

// conflictFold is the blocks and conflicts of a batch as they are folded in memory. A conflict is a claim and a block that both
// stand on a day and overlap: it opens by either, and the end of either closes it. Rows that are gone are nil.
type conflictFold struct {
	blocks    map[staffDay]map[string]*leaveBlockRow // by leave
	conflicts map[conflictKey]*conflictRow
}

func newConflictFold() *conflictFold {
	return &conflictFold{
		blocks: map[staffDay]map[string]*leaveBlockRow{}, conflicts: map[conflictKey]*conflictRow{},
	}
}

// add folds one fact of a member's day.
func (f *conflictFold) add(fact domain.StaffDayEvent) {
	switch fact := fact.(type) {
	case domain.StaffDayBlocked:
		f.put(&leaveBlockRow{
			StaffID: fact.StaffID, Day: fact.Day, LeaveID: fact.LeaveID,
			StartAt: toInstant(fact.StartAt), EndAt: toInstant(fact.EndAt), written: true,
		})
		for _, c := range fact.Conflicts {
			f.open(fact.LeaveID, fact.StaffID, fact.Day, c)
		}
	case domain.StaffDayUnblocked:
		f.on(staffDay{fact.StaffID, fact.Day})[fact.LeaveID] = nil
		f.close(func(k conflictKey) bool { return k.leaveID == fact.LeaveID && k.day == fact.Day })
	case domain.StaffDayClaimed:
		f.claim(fact)
	case domain.StaffDayReleased:
		f.close(func(k conflictKey) bool { return k.claimID == fact.ClaimID && k.day == fact.Day })
	}
}

// on returns the blocks of a day, by leave.
func (f *conflictFold) on(day staffDay) map[string]*leaveBlockRow {
	if f.blocks[day] == nil {
		f.blocks[day] = map[string]*leaveBlockRow{}
	}
	return f.blocks[day]
}

func (f *conflictFold) put(r *leaveBlockRow) { f.on(staffDay{r.StaffID, r.Day})[r.LeaveID] = r }

// claim opens conflicts with the blocks that stand already: a booking may keep a part of the time that it had before them.
func (f *conflictFold) claim(fact domain.StaffDayClaimed) {
	for _, b := range f.blocks[staffDay{fact.StaffID, fact.Day}] {
		if b == nil || !fact.Claim.Interval().Overlaps(domain.Interval{StartAt: b.StartAt.time(), EndAt: b.EndAt.time()}) {
			continue
		}
		f.open(b.LeaveID, fact.StaffID, fact.Day, domain.LeaveConflict{
			ClaimID: fact.ClaimID, BookingID: fact.BookingID, SegmentID: fact.SegmentID, BranchID: fact.BranchID,
			StartAt: fact.StartAt, EndAt: fact.EndAt,
		})
	}
}

func (f *conflictFold) open(leaveID, staffID, day string, c domain.LeaveConflict) {
	f.conflicts[conflictKey{leaveID, c.ClaimID, day}] = &conflictRow{
		LeaveID: leaveID, ClaimID: c.ClaimID, Day: day, BookingID: c.BookingID, SegmentID: c.SegmentID, StaffID: staffID,
		BranchID: c.BranchID, StartAt: toInstant(c.StartAt), EndAt: toInstant(c.EndAt), written: true,
	}
}

// close ends the conflicts of a kind. Those of the table have been loaded, as far as the batch can end them.
func (f *conflictFold) close(kind func(conflictKey) bool) {
	for k := range f.conflicts {
		if kind(k) {
			f.conflicts[k] = nil
		}
	}
}

// changedBlocks tells the blocks to write, in the order of their keys, from those that are gone.
func (f *conflictFold) changedBlocks() (write []*leaveBlockRow, gone keys) {
	gone.columns = "(staff_id, day, leave_id)"
	byDay := func(a, b staffDay) int { return cmp.Or(cmp.Compare(a.staffID, b.staffID), cmp.Compare(a.day, b.day)) }
	for _, day := range slices.SortedFunc(maps.Keys(f.blocks), byDay) {
		for _, leaveID := range slices.Sorted(maps.Keys(f.blocks[day])) {
			switch r := f.blocks[day][leaveID]; {
			case r == nil:
				gone.add(day.staffID, day.day, leaveID)
			case r.written:
				write = append(write, r)
			}
		}
	}
	return write, gone
}

// changedConflicts does the same for conflicts.
func (f *conflictFold) changedConflicts() (write []*conflictRow, gone keys) {
	gone.columns = "(leave_id, claim_id, day)"
	byKey := func(a, b conflictKey) int {
		return cmp.Or(cmp.Compare(a.leaveID, b.leaveID), cmp.Compare(a.claimID, b.claimID), cmp.Compare(a.day, b.day))
	}
	for _, k := range slices.SortedFunc(maps.Keys(f.conflicts), byKey) {
		switch r := f.conflicts[k]; {
		case r == nil:
			gone.add(k.leaveID, k.claimID, k.day)
		case r.written:
			write = append(write, r)
		}
	}
	return write, gone
}
