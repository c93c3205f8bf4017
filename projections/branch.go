package projections

import (
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// Branch is a salon and its terms.
type Branch struct {
	ID       string        `json:"id"`
	Name     string        `json:"name"`
	TimeZone string        `json:"timeZone"` // IANA
	Currency string        `json:"currency"` // ISO 4217
	Policy   domain.Policy `json:"policy"`
	// Hours are on the branch's clocks. One that has set none never closes but for closures.
	Hours    domain.Timetable `json:"hours"`
	OpenedAt time.Time        `json:"openedAt"`
	// Revision is that of the last event of the branch, services and closures included: its ETag.
	Revision eventstore.Revision `json:"revision"`
}

// Member is somebody who works at a branch, and what he does there.
type Member struct {
	StaffID string `json:"staffId"`
	// Skills are the services done there; an empty list means all of them.
	Skills []string `json:"skills"`
	// Shifts are on the branch's clocks. One who has none works whenever the branch is open.
	Shifts domain.Timetable `json:"shifts"`
	// Revision is that of the member's last event for this branch, on his own stream.
	Revision eventstore.Revision `json:"revision"`
}

// BranchDetail is a branch with what it offers, who works there and when it is closed beside its hours, all ordered by id.
type BranchDetail struct {
	Branch
	Services []domain.Service    `json:"services"`
	Staff    []Member            `json:"staff"`
	Closures []domain.Closure    `json:"closures"`
	Position eventstore.Position `json:"position"` // of the read
}

// BranchList is all branches that a scope reaches, ordered by id.
type BranchList struct {
	Branches []Branch            `json:"branches"`
	Position eventstore.Position `json:"position"` // of the read
}

// StaffDetail is a member of staff with all branches at which he works, ordered by id.
type StaffDetail struct {
	StaffID  string      `json:"staffId"`
	Branches []Workplace `json:"branches"`
	// Revision is that of the last event of the member's stream: his ETag.
	Revision eventstore.Revision `json:"revision"`
	Position eventstore.Position `json:"position"` // of the read
}

// Workplace is what a member of staff does at one branch.
type Workplace struct {
	BranchID string `json:"branchId"`
	// TimeZone is that of the shifts, the branch's; empty while there are none.
	TimeZone string           `json:"timeZone,omitempty"`
	Skills   []string         `json:"skills"`
	Shifts   domain.Timetable `json:"shifts"`
}

func (r *branchRow) branch() Branch {
	return Branch{
		ID: r.BranchID, Name: r.Name, TimeZone: r.TimeZone, Currency: r.Currency, Policy: r.Policy, Hours: r.Hours,
		OpenedAt: r.OpenedAt.time(), Revision: r.Revision,
	}
}

func (r *memberRow) member() Member {
	return Member{StaffID: r.StaffID, Skills: r.Skills, Shifts: r.Shifts, Revision: r.Revision}
}
