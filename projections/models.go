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
	project := func(s spec, m model) *Projection {
		return &Projection{spec: s, model: m, db: c.DB, storeID: c.StoreID, wait: c.Wait}
	}
	return &Models{
		Bookings:  project(bookingsSpec(), bookings{bookingsSpec()}),
		Schedule:  project(scheduleSpec(), schedule{scheduleSpec()}),
		Leave:     project(leaveSpec(), leaves{leaveSpec()}),
		Branches:  project(branchesSpec(), branches{branchesSpec()}),
		Customers: project(customersSpec(), customers{customersSpec()}),
		now:       c.Now,
	}
}

// Handlers lists the consumers of the log that keep the read models up to date, one for each.
func (m *Models) Handlers() []subscription.Handler {
	var handlers []subscription.Handler
	for _, p := range m.all() {
		handlers = append(handlers, p)
	}
	return handlers
}

func (m *Models) all() []*Projection {
	return []*Projection{m.Bookings, m.Schedule, m.Leave, m.Branches, m.Customers}
}

// leave lists the read models that a leave is read from: whether a conflict is still open is the booking's to say.
func (m *Models) leave() []*Projection { return []*Projection{m.Bookings, m.Leave} }

// Queries returns what may be asked of the read models.
func (m *Models) Queries() *Queries { return &Queries{models: m} }
