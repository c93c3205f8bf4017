package claimkeeper_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/royalglow/booking/commands"
	"github.com/royalglow/booking/commands/claimkeeper"
	"github.com/royalglow/booking/commands/internal/claimtest"
	"github.com/royalglow/booking/commands/leavekeeper"
	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore/memstore"
)

// salon is a branch with all that the domain knows, in which several people at once issue commands of every kind, each through an
// engine of his own that remembers what it has seen, while keepers come and go and faults befall everybody.
type salon struct {
	tb       testing.TB
	stage    *stage
	c        *choices
	branch   string
	staff    []string
	people   people
	deeds    int // still to be done
	keys     int
	claims   int
	bookings []string // that were accepted
	leaves   []string
	notes    map[string]string // the latest of each booking
	accepted []commands.Receipt
	done     map[string]int // accepted commands by name
	refused  map[domain.Code]int
	keeper   claimkeeper.Report
	// bend is a fault that is sown on purpose into how everybody reaches the store; nil: none.
	bend func(*steppedStore) commands.Store
}

// reach is the store as an actor of the salon reaches it.
func (s *salon) reach(store *steppedStore) commands.Store {
	if s.bend != nil {
		return s.bend(store)
	}
	return store
}

const (
	// atOnce is how many act at once.
	atOnce = 4
	colour = "svc_colour1"
)

// people are those in whose names commands are issued.
type people struct {
	customer, stranger commands.Caller   // the stranger has no bookings
	desks              []commands.Caller // whoever runs the desk, from the reception up
	managers           []commands.Caller
	stylists           []commands.Caller // in the order of the staff
}

func peopleOf(branch string, number int, staff []string) people {
	at := func(role domain.Role, name string) commands.Caller {
		c := commands.Caller{UserID: fmt.Sprintf("usr_%s%05d", name, number), Role: role}
		if !role.AllBranches() && role != domain.RoleCustomer {
			c.BranchIDs = []string{branch}
		}
		return c
	}
	p := people{
		customer: at(domain.RoleCustomer, "guest"), stranger: at(domain.RoleCustomer, "stranger"),
		managers: []commands.Caller{owner, at(domain.RoleManager, "manager"), at(domain.RoleDeveloper, "developer")},
	}
	p.desks = append([]commands.Caller{at(domain.RoleReceptionist, "desk"), at(domain.RoleReceptionist, "front")}, p.managers...)
	for i, id := range staff {
		c := at(domain.RoleStaff, fmt.Sprintf("stylist%d", i))
		c.StaffID = id
		p.stylists = append(p.stylists, c)
	}
	return p
}

// oneOf picks a caller.
func (s *salon) oneOf(from []commands.Caller) commands.Caller { return from[s.c.below(len(from))] }

// her is the customer, and now and then another one, to whom her bookings are not there.
func (s *salon) her() commands.Caller {
	if s.c.below(8) == 7 {
		return s.people.stranger
	}
	return s.people.customer
}

// either picks one of two.
func (s *salon) either(a, b commands.Caller) commands.Caller {
	if s.c.below(2) == 1 {
		return a
	}
	return b
}

// newSalon opens a branch whose ids no other salon has, so that the logs of many can be put behind one another.
func newSalon(tb testing.TB, c *choices, number, deeds int) *salon {
	tb.Helper()
	s := &salon{
		tb: tb, stage: newStage(memstore.New()), c: c, branch: fmt.Sprintf("br_salon%05d", number), deeds: deeds,
		notes: map[string]string{}, done: map[string]int{}, refused: map[domain.Code]int{},
	}
	e := s.engine(s.stage.store, nil)
	must := func(_ commands.Receipt, err error) {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
	}
	ctx := tb.Context()
	must(e.OpenBranch(ctx, owner, s.key(), commands.OpenBranch{BranchID: s.branch, Name: "Salon", TimeZone: "Europe/Berlin", Currency: "EUR"}))
	must(e.OfferService(ctx, owner, s.key(), commands.OfferService{BranchID: s.branch, ServiceID: cut, Name: "Cut", DurationMinutes: 30}))
	must(e.OfferService(ctx, owner, s.key(), commands.OfferService{
		BranchID: s.branch, ServiceID: colour, Name: "Colour", PreBufferMinutes: 5, PostBufferMinutes: 10,
		Phases: []commands.PhaseTerms{
			{Kind: domain.PhaseActive, Minutes: 30}, {Kind: domain.PhaseProcessing, Minutes: 30}, {Kind: domain.PhaseActive, Minutes: 20},
		},
	}))
	for i := range 3 {
		s.staff = append(s.staff, fmt.Sprintf("stf_m%dof%05d", i, number))
		must(e.JoinStaff(ctx, owner, s.key(), commands.JoinStaff{BranchID: s.branch, StaffID: s.staff[i]}))
	}
	s.people = peopleOf(s.branch, number, s.staff)
	// The last of them goes home at midnight in Berlin, unless the desk passes over it.
	must(e.SetShifts(ctx, owner, s.key(), commands.SetShifts{
		BranchID: s.branch, StaffID: s.staff[2], TimetableChange: domain.TimetableChange{Override: &domain.DateOverride{Date: "2026-06-17"}},
	}))
	yes := true
	must(e.SetPolicy(ctx, owner, s.key(), commands.SetPolicy{BranchID: s.branch, PolicyTerms: commands.PolicyTerms{StaffMayAddServices: &yes}}))
	return s
}

func (s *salon) key() commands.Options {
	s.keys++
	return commands.Options{IdempotencyKey: fmt.Sprintf("%s-%d", s.branch, s.keys)}
}

// engine returns commands over a store; at tells their time.
func (s *salon) engine(store commands.Store, at *time.Time) *commands.Service {
	s.tb.Helper()
	e, err := commands.New(commands.Config{
		Store: store, Reads: proposing{nobody{}, s.staff}, Vault: nobody{}, Secret: []byte("a secret of the tests"),
		Now: func() time.Time {
			if at == nil {
				return now
			}
			return *at
		},
		Jitter: func(time.Duration) time.Duration { return 0 },
		NewClaimID: func() string {
			s.claims++
			return fmt.Sprintf("clm_%s_%d", s.branch, s.claims)
		},
	})
	if err != nil {
		s.tb.Fatal(err)
	}
	return e
}

// proposing proposes everybody for everything.
type proposing struct {
	nobody
	staff []string
}

func (p proposing) StaffFor(context.Context, string, string, []domain.Interval) ([]string, error) {
	return p.staff, nil
}

// enter lets one person act until all deeds are done. Whoever crashes is replaced, with an engine that remembers nothing.
func (s *salon) enter(name string) {
	s.stage.enter(name, func(store *steppedStore) {
		at := now
		e := s.engine(s.reach(store), &at)
		finished := false
		defer func() {
			if !finished && s.deeds > 0 {
				s.enter(name + "'")
			}
		}()
		for s.deeds > 0 {
			s.deeds--
			at = s.time()
			s.act(e, store)
		}
		finished = true
	})
}

// first is when most bookings begin; it is late in the evening, so that some cross midnight in UTC and some in Berlin.
var first = time.Date(2026, 6, 16, 21, 0, 0, 0, time.UTC)

// time is when a deed is done: mostly before the bookings, sometimes while they go on or after. It also steps back.
func (s *salon) time() time.Time {
	return []time.Time{
		now, now, now.Add(time.Hour), first.Add(-30 * time.Minute), first, first.Add(20 * time.Minute), first.Add(time.Hour),
		first.Add(3 * time.Hour), first.Add(26 * time.Hour),
	}[s.c.below(9)]
}

// start is when a booking is to begin.
func (s *salon) start() commands.Start {
	return commands.Start{StartAt: first.Add(time.Duration(s.c.below(10)) * 15 * time.Minute)}
}

func (s *salon) member() string { return s.staff[s.c.below(len(s.staff))] }

func pick(s *salon, from []string) string {
	if len(from) == 0 {
		return ""
	}
	return from[s.c.below(len(from))]
}

// act issues one command, and takes note of what became of it.
func (s *salon) act(e *commands.Service, store *steppedStore) {
	deeds := s.repertoire()
	d := deeds[s.c.below(len(deeds))]
	o := s.key()
	receipt, err := d.issue(e, store, o)
	if err == nil && s.c.below(10) == 9 {
		// The answer got lost, and the command is sent again.
		again, err := d.issue(e, store, o)
		if err != nil || again.ID != receipt.ID || again.Revision < receipt.Revision {
			s.refuse(err)
		}
	}
	if err != nil {
		s.refuse(err)
		return
	}
	if d.notes != "" {
		// The receipt names the note, which is no event of its own.
		s.notes[d.notes], receipt.ID = receipt.ID, d.notes
	}
	s.done[d.name]++
	s.accepted = append(s.accepted, receipt)
	switch d.makes {
	case "booking":
		s.bookings = append(s.bookings, receipt.ID)
	case "leave":
		s.leaves = append(s.leaves, receipt.ID)
	}
}

func (s *salon) refuse(err error) {
	refusal, ok := errors.AsType[*domain.Refusal](err)
	if !ok {
		s.tb.Errorf("not a refusal: %v", err)
		return
	}
	s.refused[refusal.Code]++
}

// keep lets both keepers come by, some steps from now, each as far as it has got to the log.
func (s *salon) keep(after, lag int) {
	s.stage.enter("keepers", func(store *steppedStore) {
		for range after {
			store.a.park()
		}
		log := s.stage.store.All()
		log = log[:len(log)-min(lag, len(log))]
		var k claimkeeper.Instant
		k.Fold(log)
		report, _ := k.Settle(context.Background(), s.reach(store), s.c.below(4) == 3) // it will be called again
		s.keeper.Released += report.Released
		s.keeper.Fenced += report.Fenced
		leaves := leavekeeper.NewSettler(s.reach(store), func() time.Time { return now }, slog.New(slog.DiscardHandler),
			func(time.Duration) time.Duration { return 0 })
		seen := map[string]bool{}
		for _, r := range log {
			if l, ok := r.Event.(domain.LeaveEvent); ok && !seen[domain.LeaveOf(l).LeaveID] {
				seen[domain.LeaveOf(l).LeaveID] = true
				_ = leaves.Settle(context.Background(), domain.LeaveOf(l).LeaveID) // it will be called again
			}
		}
	})
}

// play lets the people act, with faults as the choices have it, and then the keepers finish in peace.
func (s *salon) play() error {
	s.stage.pick = s.c.below
	s.stage.meet = func(*actor, int) fate {
		if s.c.below(40) != 39 {
			return goesOn
		}
		return fate(s.c.below(int(fates)))
	}
	for i := range atOnce {
		s.enter(fmt.Sprintf("person %d", i))
	}
	for range 3 {
		s.keep(20*s.c.below(8), max(0, s.c.below(6)-3))
	}
	s.stage.play()
	s.stage.meet = func(*actor, int) fate { return goesOn }
	for range 2 {
		s.keep(0, 0)
		s.stage.play()
	}
	return claimtest.Check(s.stage.store.All(), true)
}
