package nodelog

import (
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// The size of the chain.
const (
	branches = 48
	members  = 14 // of staff, in each branch
	slots    = 8  // of 90 minutes, in each member's day
	days     = 120
)

// The services of each branch. Each fits into a slot, and so does a haircut before a facial.
const (
	haircut = "svc_haircut"
	facial  = "svc_facial1"
	colour  = "svc_colour1"
	massage = "svc_massage"
)

// chain is the salons, with the state of everything that lives in them.
type chain struct {
	rng       *rand.Rand
	began     time.Time
	salons    []salon
	customers []string
	// taken has a bit for each slot of a member's day.
	taken [branches * members * days]uint8
}

// salon is a branch as its bookings see it.
type salon struct {
	domain.Roster
	staff []string
}

// place is who is held, and when: one slot, or the same slot of two members.
type place struct {
	branch, day, slot int
	staff             []int // places in the branch's list
}

// newChain opens a chain of salons that has so many customers.
func newChain(customers int) *chain {
	c := &chain{
		// What is drawn decides nothing but what the log looks like, which is to be the same each time.
		rng:   rand.New(rand.NewPCG(2026, 1)), //nolint:gosec // see above
		began: time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC),
	}
	for range customers {
		c.customers = append(c.customers, c.id(domain.UserPrefix))
	}
	return c
}

// open yields the appends that make the chain what it is.
func (c *chain) open(yield func(eventstore.Append) bool) bool {
	zones := []string{"Asia/Kolkata", "Asia/Kolkata", "Asia/Dubai"}
	for n := range branches {
		zone := zones[n%len(zones)]
		loc, err := time.LoadLocation(zone)
		if err != nil {
			panic(err) // the machine has no time zones
		}
		s := salon{Roster: domain.Roster{Location: loc, Members: map[string]domain.Staff{}}}
		branchID := c.id(domain.BranchPrefix)
		facts, err := s.Branch.Establish(domain.OpenBranch{
			BranchID: branchID, Name: fmt.Sprintf("Salon %c%c", 'A'+n%26, 'A'+n/26), TimeZone: zone, Currency: "INR",
			Policy: domain.DefaultPolicy(),
		})
		revision := eventstore.NoStream
		for _, service := range append([]domain.Service{{}}, services()...) {
			if service.ServiceID != "" {
				facts, err = s.Branch.Offer(service)
			}
			must(err)
			if !yield(c.append(domain.BranchStream(branchID), revision, c.began, owner(), events(facts))) {
				return false
			}
			s.Branch = s.Branch.Evolve(facts[0])
			revision++
		}
		for range members {
			id := c.id(domain.StaffPrefix)
			joined := s.Members[id].Join(id, branchID, nil)
			if !yield(c.append(domain.StaffStream(id), eventstore.NoStream, c.began, owner(), events(joined))) {
				return false
			}
			s.Members[id] = s.Members[id].Evolve(joined[0])
			s.staff = append(s.staff, id)
		}
		c.salons = append(c.salons, s)
	}
	return true
}

func services() []domain.Service {
	return []domain.Service{
		{ServiceID: haircut, Name: "Haircut & finish", Type: domain.ServiceSalon, DurationMinutes: 45, PriceMinor: 80_000},
		{ServiceID: facial, Name: "Facial", Type: domain.ServiceSalon, DurationMinutes: 45, PriceMinor: 150_000},
		{
			ServiceID: colour, Name: "Colour", Type: domain.ServiceSalon, PriceMinor: 300_000,
			Phases: []domain.Phase{
				{Kind: domain.PhaseActive, Minutes: 30},
				{Kind: domain.PhaseProcessing, Minutes: 25},
				{Kind: domain.PhaseActive, Minutes: 20},
			},
			PreBufferMinutes: 5, PostBufferMinutes: 10,
		},
		{ServiceID: massage, Name: "Deep tissue massage", Type: domain.ServiceSpa, DurationMinutes: 60, PriceMinor: 250_000},
	}
}

// find takes a free place for so many members on a day, anywhere, or reports that it has not found one.
func (c *chain) find(branch, day, staff int) (place, bool) {
	if day >= days {
		return place{}, false
	}
	for range 40 {
		p := place{branch: branch, day: day, slot: c.rng.IntN(slots), staff: []int{c.rng.IntN(members)}}
		if staff > 1 {
			p.staff = append(p.staff, (p.staff[0]+1+c.rng.IntN(members-1))%members)
		}
		if c.take(p) {
			return p, true
		}
	}
	return place{}, false
}

// take takes a place when all of it is free.
func (c *chain) take(p place) bool {
	for _, s := range p.staff {
		if *c.dayOf(p, s)&(1<<p.slot) != 0 {
			return false
		}
	}
	for _, s := range p.staff {
		*c.dayOf(p, s) |= 1 << p.slot
	}
	return true
}

func (c *chain) free(p place) {
	for _, s := range p.staff {
		*c.dayOf(p, s) &^= 1 << p.slot
	}
}

func (c *chain) dayOf(p place, member int) *uint8 {
	return &c.taken[(p.branch*members+member)*days+p.day]
}

// startOf is when a place begins: the salons open at nine. Five minutes are for who prepares.
func (c *chain) startOf(p place) time.Time {
	_, offset := c.began.In(c.salons[p.branch].Location).Zone()
	return c.began.AddDate(0, 0, p.day).Add(9*time.Hour + 5*time.Minute + time.Duration(p.slot)*90*time.Minute).
		Add(-time.Duration(offset) * time.Second)
}

// id mints an id as commands do.
func (c *chain) id(prefix domain.IDPrefix) string { return string(prefix) + "_" + c.hex(16) }

// hex draws n bytes in hexadecimal digits.
func (c *chain) hex(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(c.rng.Uint32())
	}
	return hex.EncodeToString(b)
}

// text draws what rand.Text of crypto/rand returns.
func (c *chain) text() string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	b := make([]byte, 26)
	for i := range b {
		b[i] = alphabet[c.rng.IntN(len(alphabet))]
	}
	return string(b)
}

func (c *chain) claimID() string { return "clm_" + c.text() }

// append is one command's append.
func (c *chain) append(stream string, expected eventstore.Revision, at time.Time, by domain.Actor, facts []domain.Event) eventstore.Append {
	id := c.hex(32)
	return eventstore.Append{
		Stream: stream, Expected: expected, Events: facts,
		Metadata: eventstore.Metadata{
			SchemaVersion: domain.SchemaVersion, CorrelationID: id, CausationID: id, CommandID: id, CommandHash: c.hex(32),
			Actor: by, OccurredAt: at,
		},
	}
}

func events[E domain.Event](facts []E) []domain.Event {
	all := make([]domain.Event, len(facts))
	for i, f := range facts {
		all[i] = f
	}
	return all
}

func owner() domain.Actor { return domain.Actor{UserID: "usr_owner1", Role: domain.RoleOwner} }

// must is for what the domain cannot refuse unless this package is wrong.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
