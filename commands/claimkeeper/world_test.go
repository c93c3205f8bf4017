package claimkeeper_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/royalglow/booking/commands"
	"github.com/royalglow/booking/commands/claimkeeper"
	"github.com/royalglow/booking/commands/internal/claimtest"
	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/eventstore/memstore"
)

const (
	branch = "br_mitte1"
	cut    = "svc_haircut"
)

// members are few, so that commands meet.
var members = []string{"stf_anna01", "stf_boris1", "stf_zoe001"}

var (
	now   = time.Date(2026, 6, 15, 8, 0, 0, 0, time.UTC)
	owner = commands.Caller{UserID: "usr_owner1", Role: domain.RoleOwner}
)

// bugs are faults that are sown on purpose, to see whether the checker finds them.
type bugs struct {
	reusedIDs bool // a claim's id follows from its booking, member and time
	noFences  bool // the keeper releases without a fence
}

// world is a salon in memory with two pending bookings for one time, on two members.
type world struct {
	tb       testing.TB
	stage    *stage
	bugs     bugs
	claims   int
	bookings []commands.Receipt
	accepted []commands.Receipt
	refused  map[domain.Code]int
	keeper   claimkeeper.Report
}

func newWorld(tb testing.TB, b bugs) *world {
	tb.Helper()
	w := &world{tb: tb, stage: newStage(memstore.New()), bugs: b, refused: map[domain.Code]int{}}
	s := w.service(w.stage.store, "setup")
	_, err := s.OpenBranch(tb.Context(), owner, commands.Options{}, commands.OpenBranch{
		BranchID: branch, Name: "Mitte", TimeZone: "Europe/Berlin", Currency: "EUR",
	})
	w.must(err)
	_, err = s.OfferService(tb.Context(), owner, commands.Options{}, commands.OfferService{
		BranchID: branch, ServiceID: cut, Name: "Cut", DurationMinutes: 60,
	})
	w.must(err)
	for _, m := range members {
		_, err := s.JoinStaff(tb.Context(), owner, commands.Options{}, commands.JoinStaff{BranchID: branch, StaffID: m})
		w.must(err)
	}
	for i := range 2 {
		r, err := w.service(w.stage.store, w.claimName(i, members[i])).
			RequestBooking(tb.Context(), owner, key(fmt.Sprintf("seed-%d", i)), wish(members[i], 0))
		w.must(err)
		w.bookings = append(w.bookings, r)
	}
	return w
}

func (w *world) must(err error) {
	w.tb.Helper()
	if err != nil {
		w.tb.Fatal(err)
	}
}

func key(k string) commands.Options { return commands.Options{IdempotencyKey: k} }

// wish asks for the member at one of several overlapping times, the last of which crosses midnight in UTC.
func wish(member string, slot int) commands.RequestBooking {
	at := time.Date(2026, 6, 16, 22, 30, 0, 0, time.UTC).Add(time.Duration(slot) * 30 * time.Minute)
	return commands.RequestBooking{
		CustomerID: "usr_carla1", BranchID: branch, Start: commands.Start{StartAt: at},
		Services: []commands.RequestedService{{ServiceID: cut, StaffID: member}},
	}
}

// claimName is what a claim's id follows from in the fault that reuses ids.
func (w *world) claimName(booking int, member string) string {
	return fmt.Sprintf("b%d_%s", booking, member)
}

// service returns the commands as one actor issues them; its deeds concern one claim at most, which name describes.
func (w *world) service(store commands.Store, name string) *commands.Service {
	w.tb.Helper()
	s, err := commands.New(commands.Config{
		Store: store, Reads: nobody{}, Vault: nobody{}, Secret: []byte("a secret of the tests"),
		Now: func() time.Time { return now }, Jitter: func(time.Duration) time.Duration { return 0 },
		NewClaimID: func() string {
			if w.bugs.reusedIDs {
				return "clm_" + name
			}
			w.claims++
			return fmt.Sprintf("clm_%d", w.claims)
		},
	})
	w.must(err)
	return s
}

// nobody proposes nobody: all histories name their staff. Nothing in them is sealed.
type nobody struct{}

func (nobody) StaffFor(context.Context, string, string, []domain.Interval) ([]string, error) {
	return nil, nil
}

func (nobody) Doubted(context.Context, string, []domain.Segment) ([]string, error) { return nil, nil }
func (nobody) SeenBookings(context.Context, eventstore.Position) error             { return nil }
func (nobody) ActiveBookings(context.Context, string) (int, error)                 { return 0, nil }
func (nobody) NeedsApproval(context.Context, string) (bool, error)                 { return false, nil }

func (nobody) Overlapping(context.Context, string, domain.Interval, string) (bool, error) {
	return false, nil
}

func (nobody) OwnTime(context.Context, string, string) ([]domain.Interval, error) { return nil, nil }

func (nobody) ClosureConflicts(context.Context, string, domain.Interval) ([]string, error) {
	return nil, nil
}

func (nobody) OnShift(context.Context, string, domain.Interval) ([]string, error) { return nil, nil }

func (nobody) Nearest(context.Context, commands.Wanted) ([]commands.Alternative, error) {
	return nil, nil
}

func (nobody) Seal(context.Context, string, domain.SecretKind, string) (domain.Sealed, error) {
	return domain.Sealed{}, nil
}
func (nobody) Discard(context.Context, ...string) error { return nil }

// fenceless swallows the fences of a keeper that has the fault of not setting any.
type fenceless struct{ *steppedStore }

// Append swallows fences.
func (f fenceless) Append(ctx context.Context, a eventstore.Append) (eventstore.Appended, error) {
	if domain.IsFence(a.Events[0]) {
		return eventstore.Appended{}, nil
	}
	return f.steppedStore.Append(ctx, a)
}

// keep lets a keeper look at the log once, some steps from now and as far as it has got to it, and settle what it sees.
func (w *world) keep(after, lag int, sweep bool) {
	w.stage.enter("keeper", func(store *steppedStore) {
		for range after {
			store.a.park()
		}
		log := w.stage.store.All()
		var k claimkeeper.Instant
		k.Fold(log[:len(log)-min(lag, len(log))])
		var report claimkeeper.Report
		if w.bugs.noFences {
			report, _ = k.Settle(w.tb.Context(), fenceless{store}, sweep) // it will be called again
		} else {
			report, _ = k.Settle(w.tb.Context(), store, sweep) // it will be called again
		}
		w.keeper.Released += report.Released
		w.keeper.Fenced += report.Fenced
	})
}

// verdict lets the keeper finish in peace and returns the first promise that the history has broken.
func (w *world) verdict() error {
	w.stage.meet = func(*actor, int) fate { return goesOn }
	for range 2 {
		w.keep(0, 0, false)
		w.stage.play()
	}
	if err := claimtest.Check(w.stage.store.All(), true); err != nil {
		return err
	}
	return w.acknowledged()
}

// acknowledged objects to a receipt for facts that are not there.
func (w *world) acknowledged() error {
	for _, r := range w.accepted {
		found := false
		for e, err := range w.stage.store.Read(w.tb.Context(), domain.BookingStream(r.ID), r.Revision) {
			if err != nil {
				return err
			}
			found = found || (e.Revision == r.Revision && e.Position == r.Position)
		}
		if !found {
			return fmt.Errorf("the receipt %v is for nothing", r)
		}
	}
	return nil
}
