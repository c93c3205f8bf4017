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
	Hours    domain.Timetable    `bun:"hours,type:json"`
	OpenedAt instant             `bun:"opened_at"`
	Revision eventstore.Revision `bun:"revision"`
	Position eventstore.Position `bun:"position"`

	changed bool
}

// serviceRow is what a branch offers.
type serviceRow struct {
	bun.BaseModel `bun:"alias:sv"`

	BranchID  string              `bun:"branch_id,pk"`
	ServiceID string              `bun:"service_id,pk"`
	Terms     domain.Service      `bun:"terms,type:json"`
	Revision  eventstore.Revision `bun:"revision"`
}

// closureRow is when a branch is closed although its hours say otherwise.
type closureRow struct {
	bun.BaseModel `bun:"alias:cl"`

	BranchID  string              `bun:"branch_id,pk"`
	ClosureID string              `bun:"closure_id,pk"`
	ToDate    string              `bun:"to_date"`
	StartAt   instant             `bun:"start_at"`
	EndAt     instant             `bun:"end_at"`
	Closure   domain.Closure      `bun:"closure,type:json"`
	Revision  eventstore.Revision `bun:"revision"`
}

// staffRow is a member of staff, wherever he works.
type staffRow struct {
	bun.BaseModel `bun:"alias:sf"`

	StaffID  string              `bun:"staff_id,pk"`
	Revision eventstore.Revision `bun:"revision"`
	Position eventstore.Position `bun:"position"`

	changed bool
	state   domain.Staff
}

// memberRow is who works at a branch. No skills means every service.
type memberRow struct {
	bun.BaseModel `bun:"alias:st"`

	BranchID string              `bun:"branch_id,pk"`
	StaffID  string              `bun:"staff_id,pk"`
	Skills   []string            `bun:"skills,type:json"`
	Shifts   domain.Timetable    `bun:"shifts,type:json"`
	TimeZone string              `bun:"time_zone"`
	Revision eventstore.Revision `bun:"revision"`
}

// state returns what the domain folds of the row: the services and closures, which have tables of their own, are not in it.
func (r *branchRow) state() domain.Branch {
	return domain.Branch{
		BranchID: r.BranchID, Name: r.Name, TimeZone: r.TimeZone, Currency: r.Currency, Policy: r.Policy, Hours: r.Hours,
	}
}

func (r *memberRow) workplace() domain.Workplace {
	return domain.Workplace{Skills: r.Skills, Shifts: r.Shifts, TimeZone: r.TimeZone}
}
