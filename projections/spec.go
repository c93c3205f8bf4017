package projections

import (
	"strconv"

	"github.com/uptrace/bun"
)

// The names and versions of the read models. A version rises when its tables change shape or its fold changes meaning;
// the new version then has tables and a checkpoint of its own.
const (
	BookingsName     = "bookings"
	BookingsVersion  = 1
	ScheduleName     = "schedule"
	ScheduleVersion  = 1
	LeaveName        = "leave"
	LeaveVersion     = 1
	BranchesName     = "branches"
	BranchesVersion  = 1
	CustomersName    = "customers"
	CustomersVersion = 1
)

// spec identifies one read model. All names in the database come from its methods.
type spec struct {
	name    string
	version int
}

func bookingsSpec() spec  { return spec{BookingsName, BookingsVersion} }
func scheduleSpec() spec  { return spec{ScheduleName, ScheduleVersion} }
func leaveSpec() spec     { return spec{LeaveName, LeaveVersion} }
func branchesSpec() spec  { return spec{BranchesName, BranchesVersion} }
func customersSpec() spec { return spec{CustomersName, CustomersVersion} }

// table returns the physical table that holds a part of the read model.
func (s spec) table(part string) bun.Ident { return bun.Ident(s.versioned(part)) }

// checkpoint returns the name under which the read model's place in the log is kept.
func (s spec) checkpoint() string { return s.versioned(s.name) }

func (s spec) versioned(part string) string { return part + "_v" + strconv.Itoa(s.version) }
