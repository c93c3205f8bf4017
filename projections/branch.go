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
	OpenedAt time.Time     `json:"openedAt"`
	// Revision is that of the last event of the branch, services included: its ETag.
	Revision eventstore.Revision `json:"revision"`
}

// Member is somebody who works at a branch. Skills are the services done there; an empty list means all of them.
type Member struct {
	StaffID string   `json:"staffId"`
	Skills  []string `json:"skills"`
	// Revision is that of the member's last event for this branch, on his own stream.
	Revision eventstore.Revision `json:"revision"`
}

// BranchDetail is a branch with what it offers and who works there, both ordered by id.
type BranchDetail struct {
	Branch
	Services []domain.Service    `json:"services"`
	Staff    []Member            `json:"staff"`
	Position eventstore.Position `json:"position"` // of the read
}

// BranchList is all branches that a scope reaches, ordered by id.
type BranchList struct {
	Branches []Branch            `json:"branches"`
	Position eventstore.Position `json:"position"` // of the read
}

func (r *branchRow) branch() Branch {
	return Branch{
		ID: r.BranchID, Name: r.Name, TimeZone: r.TimeZone, Currency: r.Currency, Policy: r.Policy,
		OpenedAt: r.OpenedAt.time(), Revision: r.Revision,
	}
}
