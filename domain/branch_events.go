package domain

import "time"

// BranchEvent is a fact on the stream of a branch.
//
//sumtype:decl
type BranchEvent interface {
	Event
	isBranch()
}

type branchFact struct{}

func (branchFact) isEvent()  {}
func (branchFact) isBranch() {}

// BranchOpened says that a branch takes bookings from now on.
type BranchOpened struct {
	branchFact
	BranchID string `json:"branchId"`
	Name     string `json:"name"`
	TimeZone string `json:"timeZone"` // IANA
	Currency string `json:"currency"` // ISO 4217
	Policy   Policy `json:"policy"`
}

// EventType returns "branch.opened".
func (BranchOpened) EventType() string { return "branch.opened" }

// BranchHoursSet says when the branch is open: one change of its timetable.
type BranchHoursSet struct {
	branchFact
	BranchID string `json:"branchId"`
	TimetableChange
}

// EventType returns "branch.hours_set".
func (BranchHoursSet) EventType() string { return "branch.hours_set" }

// BranchPolicySet says that other rules hold for bookings that are requested from now on.
type BranchPolicySet struct {
	branchFact
	BranchID string `json:"branchId"`
	Policy   Policy `json:"policy"`
}

// EventType returns "branch.policy_set".
func (BranchPolicySet) EventType() string { return "branch.policy_set" }

// BranchServiceOffered says that the branch offers a service on these terms. A later event for the same service replaces them.
type BranchServiceOffered struct {
	branchFact
	BranchID string `json:"branchId"`
	Service
}

// EventType returns "branch.service_offered".
func (BranchServiceOffered) EventType() string { return "branch.service_offered" }

// BranchServiceWithdrawn says that the branch offers a service no more. Bookings of it stay.
type BranchServiceWithdrawn struct {
	branchFact
	BranchID  string `json:"branchId"`
	ServiceID string `json:"serviceId"`
}

// EventType returns "branch.service_withdrawn".
func (BranchServiceWithdrawn) EventType() string { return "branch.service_withdrawn" }

// Closure is a time at which a branch is closed although its hours say otherwise.
type Closure struct {
	ClosureID string `json:"closureId"`
	// FromDate and ToDate are branch-local, both inclusive.
	FromDate string `json:"fromDate"`
	ToDate   string `json:"toDate"`
	Reason   string `json:"reason,omitempty"` // for everybody
	// StartAt and EndAt are the instants, half-open.
	StartAt time.Time `json:"startAt"`
	EndAt   time.Time `json:"endAt"`
}

// BranchClosureDeclared says that the branch will be closed.
type BranchClosureDeclared struct {
	branchFact
	BranchID string `json:"branchId"`
	Closure
	LocalDates []string `json:"localDates"`
	// Conflicts are the bookings in the way and StaffIDs the members on shift, as far as they were known then.
	Conflicts []ClosureConflict `json:"conflicts"`
	StaffIDs  []string          `json:"staffIds"`
}

// EventType returns "branch.closure_declared".
func (BranchClosureDeclared) EventType() string { return "branch.closure_declared" }

// ClosureConflict is a booking that a closure overlaps.
type ClosureConflict struct {
	BookingID string `json:"bookingId"`
}

// BranchClosureLifted says that a closure no longer holds.
type BranchClosureLifted struct {
	branchFact
	BranchID string `json:"branchId"`
	Closure
	LocalDates []string `json:"localDates"`
	StaffIDs   []string `json:"staffIds"`
}

// EventType returns "branch.closure_lifted".
func (BranchClosureLifted) EventType() string { return "branch.closure_lifted" }

// BranchOf returns the id of the branch that a fact is about.
func BranchOf(e BranchEvent) string {
	switch e := e.(type) {
	case BranchOpened:
		return e.BranchID
	case BranchHoursSet:
		return e.BranchID
	case BranchPolicySet:
		return e.BranchID
	case BranchServiceOffered:
		return e.BranchID
	case BranchServiceWithdrawn:
		return e.BranchID
	case BranchClosureDeclared:
		return e.BranchID
	case BranchClosureLifted:
		return e.BranchID
	}
	return ""
}
