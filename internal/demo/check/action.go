package check

// Action is a verb of the domain. Those that change a booking are spelled as the HTTP API spells them.
type Action string

// The verbs that people use.
const (
	Request Action = "request"
	WalkIn  Action = "walk_in"
	Approve Action = "approve"
	Reject  Action = "reject"
	Cancel  Action = "cancel"

	Reschedule     Action = "reschedule"
	Assign         Action = "assign"
	Unassign       Action = "unassign"
	AddService     Action = "add_service"
	RemoveService  Action = "remove_service"
	ChangeDuration Action = "change_duration"

	CheckIn  Action = "check_in"
	Start    Action = "start"
	Finish   Action = "finish"
	Complete Action = "complete"

	NoShow        Action = "no_show"
	Correct       Action = "correct"
	ClearStanding Action = "clear_standing"
	EraseCustomer Action = "erase_customer"

	AddNote    Action = "add_note"
	RedactNote Action = "redact_note"

	RequestLeave  Action = "request_leave"
	WithdrawLeave Action = "withdraw_leave"
	ApproveLeave  Action = "approve_leave"
	RejectLeave   Action = "reject_leave"
	RevokeLeave   Action = "revoke_leave"
	MarkOff       Action = "mark_off"

	OpenBranch     Action = "open_branch"
	SetPolicy      Action = "set_policy"
	SetHours       Action = "set_hours"
	DeclareClosure Action = "declare_closure"
	LiftClosure    Action = "lift_closure"

	OfferService    Action = "offer_service"
	WithdrawService Action = "withdraw_service"
	JoinStaff       Action = "join_staff"
	LeaveStaff      Action = "leave_staff"
	SetSkills       Action = "set_skills"
	SetShifts       Action = "set_shifts"
)

// Group is verbs that belong together, for those who look at all of them.
type Group struct {
	Name  string
	Verbs []Verb
}

// Verb is an action and what it is called where its group is known.
type Verb struct {
	Action
	Label string
}

// Groups lists the verbs in the order of a booking's life, and then those of the salon.
func Groups() []Group {
	return []Group{
		{"bookings", []Verb{{Request, "request"}, {WalkIn, "walk-in"}, {Approve, "approve"}, {Reject, "reject"}, {Cancel, "cancel"}}},
		{"changes", []Verb{
			{Reschedule, "reschedule"},
			{Assign, "assign"},
			{Unassign, "unassign"},
			{AddService, "add"},
			{RemoveService, "remove"},
			{ChangeDuration, "resize"},
		}},
		{"visits", []Verb{{CheckIn, "check in"}, {Start, "start"}, {Finish, "finish"}, {Complete, "complete"}}},
		{"outcomes", []Verb{{NoShow, "no-show"}, {Correct, "correct"}, {ClearStanding, "clear"}, {EraseCustomer, "erase"}}},
		{"notes", []Verb{{AddNote, "add"}, {RedactNote, "redact"}}},
		{"leave", []Verb{
			{RequestLeave, "request"},
			{WithdrawLeave, "withdraw"},
			{ApproveLeave, "approve"},
			{RejectLeave, "reject"},
			{RevokeLeave, "revoke"},
			{MarkOff, "off"},
		}},
		{"branches", []Verb{
			{OpenBranch, "open"}, {SetPolicy, "policy"}, {SetHours, "hours"}, {DeclareClosure, "close"}, {LiftClosure, "reopen"},
		}},
		{"catalogue", []Verb{
			{OfferService, "offer"},
			{WithdrawService, "withdraw"},
			{JoinStaff, "join"},
			{LeaveStaff, "leave"},
			{SetSkills, "skills"},
			{SetShifts, "shifts"},
		}},
	}
}

// Actions lists the verbs, in the order of Groups. None of them may be missing from a run.
func Actions() (all []Action) {
	for _, g := range Groups() {
		for _, v := range g.Verbs {
			all = append(all, v.Action)
		}
	}
	return all
}
