package projections

import (
	"strconv"

	"github.com/uptrace/bun"
)

// The names and versions of the read models. A version rises when its tables change shape or its fold changes meaning;
// the new version then has generations and checkpoints of its own.
const (
	BookingsName     = "bookings"
	BookingsVersion  = 2
	TimelineName     = "timeline"
	TimelineVersion  = 2
	ScheduleName     = "schedule"
	ScheduleVersion  = 1
	LeaveName        = "leave"
	LeaveVersion     = 2
	BranchesName     = "branches"
	BranchesVersion  = 1
	CustomersName    = "customers"
	CustomersVersion = 1
)

// spec identifies one generation of one read model. All names in the database come from its methods.
type spec struct {
	name       string
	version    int
	generation int64
}

func bookingsSpec() spec  { return spec{name: BookingsName, version: BookingsVersion} }
func timelineSpec() spec  { return spec{name: TimelineName, version: TimelineVersion} }
func scheduleSpec() spec  { return spec{name: ScheduleName, version: ScheduleVersion} }
func leaveSpec() spec     { return spec{name: LeaveName, version: LeaveVersion} }
func branchesSpec() spec  { return spec{name: BranchesName, version: BranchesVersion} }
func customersSpec() spec { return spec{name: CustomersName, version: CustomersVersion} }

// at returns the same read model at a generation.
func (s spec) at(generation int64) spec {
	s.generation = generation
	return s
}

// lease returns the name under which instances compete to run the read model, all generations of it: "bookings_v1".
func (s spec) lease() string { return s.name + "_v" + strconv.Itoa(s.version) }

// table returns the physical table that holds a part of the generation: "booking_staff_v1_g3".
func (s spec) table(part string) bun.Ident { return bun.Ident(s.named(part)) }

// checkpoint returns the name under which the generation's place in the log is kept: "bookings_v1_g3".
func (s spec) checkpoint() string { return s.named(s.name) }

// checkpoints is what the checkpoints of all generations begin with.
func (s spec) checkpoints() string { return s.lease() + "_g" }

func (s spec) named(part string) string {
	return part + "_v" + strconv.Itoa(s.version) + "_g" + strconv.FormatInt(s.generation, 10)
}
