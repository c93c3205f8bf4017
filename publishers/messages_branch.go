package publishers

import (
	"time"

	"github.com/royalglow/booking/domain"
)

// Closures of a branch: its schedule and those on shift hear of them, and the desk which bookings are in the way.

// branchClosed is a closure, declared or lifted. Its reason is for everybody.
type branchClosed struct {
	ClosureID string    `json:"closureId"`
	Reason    string    `json:"reason,omitempty"`
	FromDate  string    `json:"fromDate"`  // branch-local, YYYY-MM-DD
	ToDate    string    `json:"toDate"`    // inclusive
	StartTime time.Time `json:"startTime"` // the instants, UTC
	EndTime   time.Time `json:"endTime"`
}

func (f *fanOut) branch(e domain.BranchEvent) {
	switch e := e.(type) {
	case domain.BranchClosureDeclared:
		for _, c := range e.Conflicts {
			f.add(deskChannel(e.BranchID), e.BranchID, "booking.conflict", deskConflict{BookingID: c.BookingID, ClosureID: e.ClosureID})
		}
		f.closure("branch.closed", e.BranchID, e.Closure, e.LocalDates, e.StaffIDs)
	case domain.BranchClosureLifted:
		f.closure("branch.reopened", e.BranchID, e.Closure, e.LocalDates, e.StaffIDs)
	case domain.BranchOpened, domain.BranchHoursSet, domain.BranchPolicySet, domain.BranchServiceOffered,
		domain.BranchServiceWithdrawn:
		// The catalogue has no live pages: what is bookable is asked for.
	}
}

func (f *fanOut) closure(name, branchID string, c domain.Closure, dates, staffIDs []string) {
	payload := branchClosed{
		ClosureID: c.ClosureID, Reason: c.Reason, FromDate: c.FromDate, ToDate: c.ToDate,
		StartTime: c.StartAt.UTC(), EndTime: c.EndAt.UTC(),
	}
	f.onDates(branchID, dates, name, payload)
	for _, id := range staffIDs {
		f.add(staffChannel(id), branchID, name, payload)
	}
}
