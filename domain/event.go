package domain

// Event is a fact: something that has happened and is never taken back. The set is closed; switches over it are checked
// for exhaustiveness by the linter.
//
//sumtype:decl
type Event interface {
	// EventType is the fact's permanent name on disk, such as "booking.confirmed". It never changes.
	EventType() string
	isEvent()
}

// SchemaVersion is the version of every stored shape that this build writes. Version 1 is the only one so far; an event
// that changes its shape gets a version of its own here and an upcaster in internal/eventstore.
const SchemaVersion = 1

// Catalogue returns the zero value of every event type, in the order of the documentation. Codecs, goldens and tests walk
// it, so that an event that one of them has forgotten is found.
func Catalogue() []Event {
	return []Event{
		BookingRequested{},
		BookingWalkInCreated{},
		BookingConfirmed{},
		BookingRejected{},
		BookingCancelled{},
		BookingRescheduled{},
		BookingStaffAssigned{},
		BookingStaffUnassigned{},
		BookingServiceAdded{},
		BookingServiceRemoved{},
		BookingDurationChanged{},
		BookingNoteAdded{},
		BookingNoteRedacted{},
		BookingCheckedIn{},
		BookingSegmentStarted{},
		BookingSegmentFinished{},
		BookingCompleted{},
		BookingNoShow{},
		BookingOutcomeCorrected{},
		BookingClaimFenced{},
		BookingAbandoned{},
		StaffDayClaimed{},
		StaffDayReleased{},
		StaffDayBlocked{},
		StaffDayUnblocked{},
		StaffJoined{},
		StaffLeft{},
		StaffSkillsSet{},
		StaffShiftsSet{},
		LeaveRequested{},
		LeaveWithdrawn{},
		LeaveApproved{},
		LeaveRejected{},
		LeaveRevoked{},
		BranchOpened{},
		BranchHoursSet{},
		BranchPolicySet{},
		BranchServiceOffered{},
		BranchServiceWithdrawn{},
		BranchClosureDeclared{},
		BranchClosureLifted{},
		CustomerNoShowCounted{},
		CustomerLateCancellationCounted{},
		CustomerApprovalRequired{},
		CustomerApprovalCleared{},
		CustomerErased{},
	}
}
