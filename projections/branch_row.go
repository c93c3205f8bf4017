package projections

import (
	"github.com/uptrace/bun"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// branchRow is a salon as the table holds it.
type branchRow struct {
	bun.BaseModel `bun:"alias:br"`

	BranchID string              `bun:"branch_id,pk"`
	Name     string              `bun:"name"`
	TimeZone string              `bun:"time_zone"`
	Currency string              `bun:"currency"`
	Policy   domain.Policy       `bun:"policy,type:json"`
	OpenedAt micros              `bun:"opened_at"`
	Revision eventstore.Revision `bun:"revision"`
	Position eventstore.Position `bun:"position"`

	changed bool
}

// serviceRow is what a branch offers.
type serviceRow struct {
	bun.BaseModel `bun:"alias:sv"`

	BranchID        string              `bun:"branch_id,pk"`
	ServiceID       string              `bun:"service_id,pk"`
	Name            string              `bun:"name"`
	DurationMinutes int                 `bun:"duration_minutes"`
	PriceMinor      int64               `bun:"price_minor"`
	Revision        eventstore.Revision `bun:"revision"`
}

// memberRow is who works at a branch. No skills means every service.
type memberRow struct {
	bun.BaseModel `bun:"alias:st"`

	BranchID string              `bun:"branch_id,pk"`
	StaffID  string              `bun:"staff_id,pk"`
	Skills   []string            `bun:"skills,type:json"`
	Revision eventstore.Revision `bun:"revision"`
}
