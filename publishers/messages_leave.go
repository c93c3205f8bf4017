package publishers

import (
	"maps"
	"slices"

	"github.com/royalglow/booking/domain"
)

// Leave: the member hears of his own, the managers of what waits for them, and the schedule of who is off.

func (f *fanOut) leave(e domain.LeaveEvent) {
	switch e := e.(type) {
	case domain.LeaveRequested:
		f.leaveRequested(e)
	case domain.LeaveWithdrawn:
		f.toMember(e.LeaveRef, "leave.withdrawn", staffLeaveWithdrawn{LeaveID: e.LeaveID})
		f.leaveSettled(e.LeaveRef, "leave.withdrawn")
	case domain.LeaveApproved:
		f.leaveApproved(e)
	case domain.LeaveRejected:
		f.toMember(e.LeaveRef, "leave.rejected", staffLeaveRejected{LeaveID: e.LeaveID, Date: e.FromDate, Reason: e.Reason})
		f.leaveSettled(e.LeaveRef, "leave.rejected")
	case domain.LeaveRevoked:
		f.onLeaveDates(e.LeaveRef, "staff.available")
		f.toMember(e.LeaveRef, "leave.revoked", ownLeave(e.LeaveRef))
		f.leaveSettled(e.LeaveRef, "leave.revoked")
	}
}

// leaveRequested tells the member as well: he may have other devices.
func (f *fanOut) leaveRequested(e domain.LeaveRequested) {
	f.toMember(e.LeaveRef, "leave.requested", ownLeave(e.LeaveRef))
	f.toLeaveQueues(e.LeaveRef, "leave.requested", func(branchID string) any {
		return queueLeave{
			LeaveID: e.LeaveID, StaffID: e.StaffID, StaffName: f.Names[e.StaffID], leaveDates: datesOf(e.LeaveRef),
			LeaveType: e.Type, ConflictCount: len(inTheWay(e.Conflicts)[branchID]),
		}
	})
}

func (f *fanOut) leaveApproved(e domain.LeaveApproved) {
	conflicts := inTheWay(e.Conflicts)
	for _, branchID := range slices.Sorted(maps.Keys(conflicts)) {
		for _, id := range conflicts[branchID] {
			f.add(deskChannel(branchID), branchID, "booking.conflict", deskConflict{BookingID: id, LeaveID: e.LeaveID})
		}
	}
	if e.MarkOff { // nobody asked, so nobody's queue waits
		f.onLeaveDates(e.LeaveRef, "staff.marked_off")
		f.toMember(e.LeaveRef, "staff.marked_off", ownLeave(e.LeaveRef))
		return
	}
	f.onLeaveDates(e.LeaveRef, "leave.approved")
	for _, place := range e.Places {
		// Who is off as of today is missing at once, and the people there are told in so many words.
		if today := e.Today[place.BranchID]; slices.Contains(place.LocalDates, today) {
			f.onDates(place.BranchID, []string{today}, "staff.marked_off", f.memberOff(e.LeaveRef))
		}
	}
	f.toMember(e.LeaveRef, "leave.approved", ownLeave(e.LeaveRef))
	f.leaveSettled(e.LeaveRef, "leave.approved")
}

func (f *fanOut) leaveSettled(l domain.LeaveRef, name string) {
	f.toLeaveQueues(l, name, func(string) any { return queueLeaveSettled{LeaveID: l.LeaveID, StaffID: l.StaffID} })
}

func ownLeave(l domain.LeaveRef) staffLeave {
	return staffLeave{LeaveID: l.LeaveID, leaveDates: datesOf(l), LeaveType: l.Type}
}

// inTheWay lists, by branch, the bookings among the conflicts, each once: one may have several claims there.
func inTheWay(conflicts []domain.LeaveConflict) map[string][]string {
	byBranch := map[string][]string{}
	for _, c := range conflicts {
		if !slices.Contains(byBranch[c.BranchID], c.BookingID) {
			byBranch[c.BranchID] = append(byBranch[c.BranchID], c.BookingID)
		}
	}
	return byBranch
}
