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

// StaffJoined says that a member works at a branch from now on. A later event for the same branch replaces the skills.
type StaffJoined struct {
	staffFact
	StaffID  string `json:"staffId"`
	BranchID string `json:"branchId"`
	// Skills are the services that the member performs there; empty means all that the branch offers.
	Skills []string `json:"skills"`
}

// EventType returns "staff.joined".
func (StaffJoined) EventType() string { return "staff.joined" }

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

// Service is what a branch offers: terms that a booking copies when it is requested.
type Service struct {
	ServiceID       string `json:"serviceId"`
	Name            string `json:"name"`
	DurationMinutes int    `json:"durationMinutes"`
	PriceMinor      int64  `json:"priceMinor"` // minor units of the branch's currency
}
