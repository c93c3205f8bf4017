package publishers

import (
	"slices"

	"github.com/royalglow/booking/domain"
)

// losesAccess lists the members of staff who could hear something before the event that they may not hear after it. One who keeps
// another part of the same booking may be among them: his page gets another token, and that is all.
//
// A booking that has come to its end (cancelled, a no-show) is not lost: whoever was told of it was told of that, too, and its channels
// fall silent.
func losesAccess(e domain.Event) []string {
	switch e := e.(type) {
	case domain.BookingStaffAssigned:
		return heardBy(e.Status, e.PreviousStaffID)
	case domain.BookingStaffUnassigned:
		return heardBy(e.Status, e.PreviousStaffID)
	case domain.BookingServiceRemoved:
		return without(heardBy(e.Status, e.Segment.StaffID), staffOf(e.Segments))
	case domain.BookingRescheduled:
		before := heardBy(e.FromStatus, staffOf(e.FromSegments)...)
		return without(before, heardBy(e.ToStatus, staffOf(e.Segments)...))
	case domain.StaffLeft:
		return []string{e.StaffID}
	case domain.BookingRequested, domain.BookingWalkInCreated, domain.BookingConfirmed, domain.BookingServiceAdded, domain.BookingDurationChanged,
		domain.BookingNoteAdded, domain.BookingNoteRedacted, domain.BookingClaimFenced, domain.BookingAbandoned:
		// Nobody has less than before.
	case domain.BookingRejected, domain.BookingCancelled, domain.BookingCheckedIn, domain.BookingSegmentStarted,
		domain.BookingSegmentFinished, domain.BookingCompleted, domain.BookingNoShow, domain.BookingOutcomeCorrected:
		// Those who were told stay told.
	case domain.StaffJoined, domain.StaffSkillsSet, domain.StaffShiftsSet, domain.StaffDayClaimed, domain.StaffDayReleased,
		domain.StaffDayBlocked, domain.StaffDayUnblocked, domain.LeaveRequested, domain.LeaveWithdrawn, domain.LeaveApproved,
		domain.LeaveRejected, domain.LeaveRevoked, domain.BranchOpened, domain.BranchHoursSet, domain.BranchPolicySet,
		domain.BranchServiceOffered, domain.BranchServiceWithdrawn, domain.BranchClosureDeclared, domain.BranchClosureLifted,
		domain.CustomerNoShowCounted, domain.CustomerLateCancellationCounted, domain.CustomerApprovalRequired,
		domain.CustomerApprovalCleared, domain.CustomerErased:
		// They are about no booking.
	}
	return nil
}

// heardBy lists the members who are told of a booking in this status.
func heardBy(s domain.Status, staffIDs ...string) []string {
	if !s.ToldToStaff() {
		return nil
	}
	return slices.DeleteFunc(staffIDs, func(id string) bool { return id == "" })
}

func staffOf(segments []domain.Segment) []string {
	ids := make([]string, 0, len(segments))
	for _, s := range segments {
		ids = append(ids, s.StaffID)
	}
	return ids
}

func without(ids, kept []string) []string {
	return slices.DeleteFunc(ids, func(id string) bool { return slices.Contains(kept, id) })
}
