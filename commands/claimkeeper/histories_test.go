package claimkeeper_test

import (
	"context"
	"iter"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/royalglow/booking/commands"
	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// mostDeeds is how many commands a history has at most.
const mostDeeds = 60

// TestNoSalonBreaksAPromise plays random histories of a whole salon: every command, several people with engines of their own, and
// crashes, freezes, doubts and outages at any step of the claim protocol and of both keepers. In the end no two bookings have ever
// held one member at one time, no claim was placed over a block that stood before it, every booking names exactly the claims of the time that it shows, every approved leave blocks its
// days, and nothing else stands. What is published tells of no claim that was abandoned, and a schedule page that folds its
// messages from an empty board shows the schedule.
func TestNoSalonBreaksAPromise(t *testing.T) {
	t.Parallel()
	rounds := 10 // of 100 histories each
	if testing.Short() {
		rounds = 2
	}
	if os.Getenv("BOOKING_SOAK") == "1" {
		rounds = 200
	}
	var sum sums
	out := newPublished(t)
	for range rounds {
		rapid.Check(t, func(rt *rapid.T) {
			// A seed and not the choices themselves: rapid prefers small numbers, and a salon of those is a dull one.
			c := randomChoices(rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 7)), 20_000) //nolint:gosec // a test
			s := newSalon(t, c, sum.histories, 5+c.below(mostDeeds-4))
			sum.histories++
			if err := s.play(); err != nil {
				rt.Fatal(err)
			}
			sum.add(s)
			if err := out.take(s.stage.store.All()); err != nil {
				rt.Fatal(err)
			}
		})
	}
	if err := out.check(); err != nil {
		t.Error(err)
	}
	out.prove(t)
	t.Logf("%d histories, %d commands accepted, claims %d released and %d fenced, fates %v",
		sum.histories, sum.accepted, sum.released, sum.fenced, sum.fates)
	sum.check(t)
}

// forgetful swallows the events of one kind, as if their author had not been written.
type forgetful[E domain.Event] struct{ *steppedStore }

// Append swallows.
func (f forgetful[E]) Append(ctx context.Context, a eventstore.Append) (eventstore.Appended, error) {
	if _, ok := a.Events[0].(E); ok {
		return eventstore.Appended{Revision: a.Expected + eventstore.Revision(len(a.Events)), Position: 1}, nil
	}
	return f.steppedStore.Append(ctx, a)
}

// careless appends to staff-days whatever their revision is: what it has kept of them is good enough for it.
type careless struct{ *steppedStore }

// Append appends where the stream ends.
func (c careless) Append(ctx context.Context, a eventstore.Append) (eventstore.Appended, error) {
	if strings.HasPrefix(a.Stream, "staffday-") {
		for r, err := range c.a.stage.store.Read(ctx, a.Stream, 0) {
			if err == nil {
				a.Expected = max(a.Expected, r.Revision)
			}
		}
	}
	return c.steppedStore.Append(ctx, a)
}

// blind does not see that a member is off: people book over it. Keepers do see it.
type blind struct{ *steppedStore }

// Read shows a lifted block for each that was placed, so that revisions stay what they are.
func (b blind) Read(ctx context.Context, stream string, from eventstore.Revision) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		for r, err := range b.steppedStore.Read(ctx, stream, from) {
			if e, ok := r.Event.(domain.StaffDayBlocked); ok && b.a.name != "keepers" {
				r.Event = domain.StaffDayUnblocked{LeaveID: e.LeaveID, StaffID: e.StaffID, Day: e.Day}
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

// The checker finds what is wrong with a salon in which something is.
func TestSownFaultsOfASalonAreFound(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]struct {
		bend func(*steppedStore) commands.Store
		want string // part of the objection
	}{
		"nobody lifts blocks":        {func(s *steppedStore) commands.Store { return forgetful[domain.StaffDayUnblocked]{s} }, "and blocks"},
		"nobody places blocks":       {func(s *steppedStore) commands.Store { return forgetful[domain.StaffDayBlocked]{s} }, "does not block"},
		"nobody releases claims":     {func(s *steppedStore) commands.Store { return forgetful[domain.StaffDayReleased]{s} }, "for ever"},
		"nobody minds the revisions": {func(s *steppedStore) commands.Store { return careless{s} }, ""}, // whatever comes first
		"nobody minds the blocks":    {func(s *steppedStore) commands.Store { return blind{s} }, "stood before"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for seed := range 200 {
				c := randomChoices(rand.New(rand.NewPCG(uint64(seed), 7)), 20_000) //nolint:gosec // a test wants the same histories each time
				s := newSalon(t, c, seed, 30)
				s.bend = fault.bend
				if err := s.play(); err != nil && strings.Contains(err.Error(), fault.want) {
					t.Logf("found in history %d: %v", seed+1, err)
					return
				}
			}
			t.Error("nobody has noticed")
		})
	}
}

// sums add up what happened in many salons, to prove that it did.
type sums struct {
	histories, accepted, released, fenced int
	done                                  map[string]int
	refused                               map[domain.Code]int
	seen                                  map[string]int // events by type
	roles                                 map[domain.Role]int
	fates                                 [fates]int
}

func (t *sums) add(s *salon) {
	if t.done == nil {
		t.done, t.refused, t.seen = map[string]int{}, map[domain.Code]int{}, map[string]int{}
		t.roles = map[domain.Role]int{}
	}
	t.accepted += len(s.accepted)
	t.released += s.keeper.Released
	t.fenced += s.keeper.Fenced
	for name, n := range s.done {
		t.done[name] += n
	}
	for code, n := range s.refused {
		t.refused[code] += n
	}
	for f, n := range s.stage.count {
		t.fates[f] += n
	}
	for _, r := range s.stage.store.All() {
		t.seen[r.Event.EventType()]++
		if _, ok := r.Event.(domain.BookingEvent); ok {
			t.roles[r.Metadata.Actor.Role]++
		}
	}
}

// check fails for what never came up: it was not tested.
func (t *sums) check(tb testing.TB) {
	tb.Helper()
	for f, n := range t.fates {
		if n == 0 {
			tb.Errorf("nobody ever met fate %d", f)
		}
	}
	for _, e := range domain.Catalogue() {
		switch e.(type) { //nolint:gochecksumtype // the catalogue and the customers are not played
		case domain.BookingEvent, domain.StaffDayEvent, domain.LeaveEvent:
			if t.seen[e.EventType()] == 0 {
				tb.Errorf("no history has %s", e.EventType())
			}
		}
	}
	for _, role := range []domain.Role{
		domain.RoleCustomer, domain.RoleStaff, domain.RoleReceptionist, domain.RoleManager, domain.RoleOwner, domain.RoleDeveloper,
		domain.RoleSystem,
	} {
		if t.roles[role] == 0 {
			tb.Errorf("no %s ever changed a booking", role)
		}
	}
	for _, code := range []domain.Code{domain.CodeForbidden, domain.CodeNotFound, domain.CodeStaffOffShift, domain.CodeLeadTime} {
		if t.refused[code] == 0 {
			tb.Errorf("nobody was refused with %s", code)
		}
	}
	if t.done["walk in, a guest"] == 0 {
		tb.Error("no guest ever walked in")
	}
	if t.refused[domain.CodeSlotUnavailable] == 0 || t.refused[domain.CodeUnavailable] == 0 || t.released == t.fenced {
		tb.Errorf("too little was refused or released: %v, %d, %d", t.refused, t.released, t.fenced)
	}
	tb.Logf("accepted: %v, by %v", t.done, t.roles)
}
