package domain

// StaffEvent is a fact on the stream of a member of staff.
//
//sumtype:decl
type StaffEvent interface {
	Event
	isStaff()
}

type staffFact struct{}

func (staffFact) isEvent() {}
func (staffFact) isStaff() {}

// StaffJoined says that a member works at a branch from now on.
type StaffJoined struct {
	staffFact
	StaffID  string `json:"staffId"`
	BranchID string `json:"branchId"`
	// Skills are the services that the member performs there; empty means all that the branch offers.
	Skills []string `json:"skills"`
}

// EventType returns "staff.joined".
func (StaffJoined) EventType() string { return "staff.joined" }

// StaffLeft says that a member works at a branch no more.
type StaffLeft struct {
	staffFact
	StaffID  string `json:"staffId"`
	BranchID string `json:"branchId"`
}

// EventType returns "staff.left".
func (StaffLeft) EventType() string { return "staff.left" }

// StaffSkillsSet says what a member does at a branch from now on.
type StaffSkillsSet struct {
	staffFact
	StaffID  string   `json:"staffId"`
	BranchID string   `json:"branchId"`
	Skills   []string `json:"skills"`
}

// EventType returns "staff.skills_set".
func (StaffSkillsSet) EventType() string { return "staff.skills_set" }

// StaffShiftsSet says when a member works at a branch: one change of his timetable there.
type StaffShiftsSet struct {
	staffFact
	StaffID  string `json:"staffId"`
	BranchID string `json:"branchId"`
	// TimeZone is the branch's; the times are on its clocks.
	TimeZone string `json:"timeZone"`
	TimetableChange
}

// EventType returns "staff.shifts_set".
func (StaffShiftsSet) EventType() string { return "staff.shifts_set" }

// StaffOf returns the id of the member that a fact is about.
func StaffOf(e StaffEvent) string {
	switch e := e.(type) {
	case StaffJoined:
		return e.StaffID
	case StaffLeft:
		return e.StaffID
	case StaffSkillsSet:
		return e.StaffID
	case StaffShiftsSet:
		return e.StaffID
	}
	return ""
}
