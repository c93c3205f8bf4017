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
	customer commands.Caller
	deeds    int // still to be done
	keys     int
	claims   int
	bookings []string // that were accepted
	leaves   []string
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
	// people is how many act at once.
	people = 4
	colour = "svc_colour1"
)

// newSalon opens a branch whose ids no other salon has, so that the logs of many can be put behind one another.
func newSalon(tb testing.TB, c *choices, number, deeds int) *salon {
	tb.Helper()
	s := &salon{
		tb: tb, stage: newStage(memstore.New()), c: c, branch: fmt.Sprintf("br_salon%05d", number), deeds: deeds,
		customer: commands.Caller{UserID: fmt.Sprintf("usr_guest%05d", number), Role: domain.RoleCustomer},
		done:     map[string]int{}, refused: map[domain.Code]int{},
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
	for i := range people {
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
