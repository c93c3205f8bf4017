package projections

import (
	"time"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/subscription"
)

// Config says where the read models live.
type Config struct {
	// DB holds the tables of migrations.Engine. Required.
	DB *database.DB
	// StoreID is the identity of the event store whose log is folded: the database belongs to it alone. Required.
	StoreID string
	// Wait bounds how long a read waits for a minimum position. Defaults to DefaultWait.
	Wait time.Duration
	// Now tells the time for queries that part what is to come from what was. Defaults to time.Now.
	Now func() time.Time
}

// Models is the set of read models over one database.
type Models struct {
	Bookings  *Projection
	Timeline  *Projection
	Schedule  *Projection
	Leave     *Projection
	Branches  *Projection
	Customers *Projection
	now       func() time.Time
}

// New returns the read models. It starts nothing: run the Handlers.
func New(c Config) *Models {
	if c.Wait == 0 {
		c.Wait = DefaultWait
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	project := func(s spec, at func(spec) model) *Projection {
		return &Projection{spec: s, make: at, db: c.DB, storeID: c.StoreID, wait: c.Wait, now: c.Now}
	}
	return &Models{
		Bookings:  project(bookingsSpec(), func(s spec) model { return bookings{s} }),
		Timeline:  project(timelineSpec(), func(s spec) model { return timeline{s} }),
		Schedule:  project(scheduleSpec(), func(s spec) model { return schedule{s} }),
		Leave:     project(leaveSpec(), func(s spec) model { return leaves{s} }),
		Branches:  project(branchesSpec(), func(s spec) model { return branches{s} }),
		Customers: project(customersSpec(), func(s spec) model { return customers{s} }),
		now:       c.Now,
	}
}

// Handlers lists the read models as consumers of the log, for programs that fold events by themselves. An engine runs them by
// Run.
func (m *Models) Handlers() []subscription.Handler {
	var handlers []subscription.Handler
	for _, p := range m.all() {
		handlers = append(handlers, p)
	}
	return handlers
}

// All lists the read models.
func (m *Models) All() []*Projection { return m.all() }

func (m *Models) all() []*Projection {
	return []*Projection{m.Bookings, m.Timeline, m.Schedule, m.Leave, m.Branches, m.Customers}
}

// leave lists the read models that a leave is read from: whether a conflict is still open is the booking's to say.
func (m *Models) leave() []*Projection { return []*Projection{m.Bookings, m.Leave} }

// Queries returns what may be asked of the read models.
func (m *Models) Queries() *Queries { return &Queries{models: m} }
