package domain

import "time"

// LeaveType is the kind of a leave. It is the member's and the desk's business only.
type LeaveType string

// The types of leave.
const (
	LeaveSick     LeaveType = "sick"
	LeaveCasual   LeaveType = "casual"
	LeavePersonal LeaveType = "personal"
	LeaveOther    LeaveType = "other"
)

// LeaveEvent is a fact on a leave stream.
//
//sumtype:decl
type LeaveEvent interface {
	Event
	isLeave()
}

type leaveFact struct{}

func (leaveFact) isEvent() {}
func (leaveFact) isLeave() {}

// LeaveRef says whose leave a fact is about, when, and which branches it concerns.
type LeaveRef struct {
	LeaveID string    `json:"leaveId"`
	StaffID string    `json:"staffId"`
	Type    LeaveType `json:"leaveType"`
	// FromDate and ToDate (YYYY-MM-DD, both inclusive) and, for parts of days, FromTime and ToTime (HH:MM) are on the clocks of
	// TimeZone, as they were asked for.
	FromDate string  `json:"fromDate"`
	ToDate   string  `json:"toDate"`
	FromTime *Minute `json:"fromTime,omitempty"`
	ToTime   *Minute `json:"toTime,omitempty"`
	TimeZone string  `json:"timeZone"`
	// StartAt and EndAt are the instants, half-open.
	StartAt time.Time `json:"startAt"`
	EndAt   time.Time `json:"endAt"`
	// MarkOff: the desk marked the member off; nobody asked.
	MarkOff bool         `json:"markOff,omitempty"`
	Places  []LeavePlace `json:"places"`
}

// LeavePlace is a branch at which the member works, and the dates there that the leave touches.
type LeavePlace struct {
	BranchID   string   `json:"branchId"`
	LocalDates []string `json:"localDates"`
}

// LeaveRequested says that a member asks for leave. Its reason is sealed.
type LeaveRequested struct {
	leaveFact
	LeaveRef
	Reason *Sealed `json:"reason,omitempty"`
	// Conflicts are the bookings that would be in the way, as far as they were known then.
	Conflicts []LeaveConflict `json:"conflicts"`
}

// EventType returns "leave.requested".
func (LeaveRequested) EventType() string { return "leave.requested" }

// LeaveWithdrawn says that the member asks no more.
type LeaveWithdrawn struct {
	leaveFact
	LeaveRef
}

// EventType returns "leave.withdrawn".
func (LeaveWithdrawn) EventType() string { return "leave.withdrawn" }

// LeaveApproved says that the member is off. A mark-off begins with it.
type LeaveApproved struct {
	leaveFact
	LeaveRef
	// Reason is why the desk marked the member off, sealed; nil of a leave that was asked for.
	Reason *Sealed `json:"reason,omitempty"`
	// Today lists the branch-local dates of the approval, by branch.
	Today map[string]string `json:"today"`
	// Conflicts are the bookings in the way as far as they were known then; those of the staff-days are complete.
	Conflicts []LeaveConflict `json:"conflicts"`
}

// EventType returns "leave.approved".
func (LeaveApproved) EventType() string { return "leave.approved" }

// LeaveRejected says that the member is not off.
type LeaveRejected struct {
	leaveFact
	LeaveRef
	Reason string `json:"reason"` // written for the member
}

// EventType returns "leave.rejected".
func (LeaveRejected) EventType() string { return "leave.rejected" }

// LeaveRevoked says that an approved leave, or a mark-off, no longer holds.
type LeaveRevoked struct {
	leaveFact
	LeaveRef
	Reason string `json:"reason,omitempty"`
}

// EventType returns "leave.revoked".
func (LeaveRevoked) EventType() string { return "leave.revoked" }
