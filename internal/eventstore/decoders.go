package eventstore

import (
	"strings"

	"github.com/royalglow/booking/domain"
)

type decoder func(data []byte) (domain.Event, error)

// decoderOf knows every event by its name on disk; nil for a name that is none. A test walks the domain's catalogue against it.
func decoderOf(eventType string) decoder {
	kind, _, _ := strings.Cut(eventType, ".")
	switch kind {
	case "booking":
		return bookingDecoder(eventType)
	case "staffday":
		return staffDayDecoder(eventType)
	case "staff":
		return staffDecoder(eventType)
	case "leave":
		return leaveDecoder(eventType)
	case "branch":
		return branchDecoder(eventType)
	case "customer":
		return customerDecoder(eventType)
	}
	return nil
}

func bookingDecoder(eventType string) decoder {
	switch eventType {
	case "booking.requested":
		return decode[domain.BookingRequested]
	case "booking.walk_in_created":
		return decode[domain.BookingWalkInCreated]
	case "booking.confirmed":
		return decode[domain.BookingConfirmed]
	case "booking.rejected":
		return decode[domain.BookingRejected]
	case "booking.cancelled":
		return decode[domain.BookingCancelled]
	case "booking.rescheduled":
		return decode[domain.BookingRescheduled]
	case "booking.staff_assigned":
		return decode[domain.BookingStaffAssigned]
	case "booking.staff_unassigned":
		return decode[domain.BookingStaffUnassigned]
	case "booking.service_added":
		return decode[domain.BookingServiceAdded]
	case "booking.service_removed":
		return decode[domain.BookingServiceRemoved]
	case "booking.duration_changed":
		return decode[domain.BookingDurationChanged]
	case "booking.note_added":
		return decode[domain.BookingNoteAdded]
	case "booking.note_redacted":
		return decode[domain.BookingNoteRedacted]
	case "booking.checked_in":
		return decode[domain.BookingCheckedIn]
	case "booking.segment_started":
		return decode[domain.BookingSegmentStarted]
	case "booking.segment_finished":
		return decode[domain.BookingSegmentFinished]
	case "booking.completed":
		return decode[domain.BookingCompleted]
	case "booking.no_show":
		return decode[domain.BookingNoShow]
	case "booking.outcome_corrected":
		return decode[domain.BookingOutcomeCorrected]
	case "booking.claim_fenced":
		return decode[domain.BookingClaimFenced]
	case "booking.abandoned":
		return decode[domain.BookingAbandoned]
	}
	return nil
}

func staffDayDecoder(eventType string) decoder {
	switch eventType {
	case "staffday.claimed":
		return decode[domain.StaffDayClaimed]
	case "staffday.released":
		return decode[domain.StaffDayReleased]
	case "staffday.blocked":
		return decode[domain.StaffDayBlocked]
	case "staffday.unblocked":
		return decode[domain.StaffDayUnblocked]
	}
	return nil
}

func staffDecoder(eventType string) decoder {
	switch eventType {
	case "staff.joined":
		return decode[domain.StaffJoined]
	case "staff.left":
		return decode[domain.StaffLeft]
	case "staff.skills_set":
		return decode[domain.StaffSkillsSet]
	case "staff.shifts_set":
		return decode[domain.StaffShiftsSet]
	}
	return nil
}

func leaveDecoder(eventType string) decoder {
	switch eventType {
	case "leave.requested":
		return decode[domain.LeaveRequested]
	case "leave.withdrawn":
		return decode[domain.LeaveWithdrawn]
	case "leave.approved":
		return decode[domain.LeaveApproved]
	case "leave.rejected":
		return decode[domain.LeaveRejected]
	case "leave.revoked":
		return decode[domain.LeaveRevoked]
	}
	return nil
}

func branchDecoder(eventType string) decoder {
	switch eventType {
	case "branch.opened":
		return decode[domain.BranchOpened]
	case "branch.hours_set":
		return decode[domain.BranchHoursSet]
	case "branch.policy_set":
		return decode[domain.BranchPolicySet]
	case "branch.service_offered":
		return decode[domain.BranchServiceOffered]
	case "branch.service_withdrawn":
		return decode[domain.BranchServiceWithdrawn]
	case "branch.closure_declared":
		return decode[domain.BranchClosureDeclared]
	case "branch.closure_lifted":
		return decode[domain.BranchClosureLifted]
	}
	return nil
}

func customerDecoder(eventType string) decoder {
	switch eventType {
	case "customer.no_show_counted":
		return decode[domain.CustomerNoShowCounted]
	case "customer.late_cancellation_counted":
		return decode[domain.CustomerLateCancellationCounted]
	case "customer.approval_required":
		return decode[domain.CustomerApprovalRequired]
	case "customer.approval_cleared":
		return decode[domain.CustomerApprovalCleared]
	case "customer.erased":
		return decode[domain.CustomerErased]
	}
	return nil
}
