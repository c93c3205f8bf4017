package leavekeeper_test

import (
	"context"
	"errors"
	"iter"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/royalglow/booking/commands"
	"github.com/royalglow/booking/commands/internal/claimtest"
	"github.com/royalglow/booking/commands/internal/keepertest"
	"github.com/royalglow/booking/commands/leavekeeper"
	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/database/databasetest"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/migrations"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(databasetest.Main(m)) }

func newKeeper(tb testing.TB, s *keepertest.Salon, store commands.Store, db *database.DB) *leavekeeper.Keeper {
	tb.Helper()
	k, err := leavekeeper.New(leavekeeper.Config{
		Store: store, DB: db, StoreID: s.Store.ID, Now: s.Clock, Jitter: func(time.Duration) time.Duration { return 0 },
	})
	if err != nil {
		tb.Fatal(err)
	}
	return k
}

// keep shows the keeper the log and lets it settle, twice: what it does itself gives reason to look again.
func keep(t *testing.T, s *keepertest.Salon, k *leavekeeper.Keeper) {
	t.Helper()
	for range 2 {
		keepertest.Follow(t, s.Store, k)
		if _, err := k.SettleDue(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.Time = s.Time.Add(time.Minute)
	}
}

// off marks Anna off on three days, the last of which ends at noon.
func off(s *keepertest.Salon) commands.Receipt {
	s.TB.Helper()
	r, err := s.MarkStaffOff(s.TB.Context(), keepertest.Owner(), commands.Options{}, commands.MarkStaffOff{
		StaffID: keepertest.Anna, LeaveTimes: commands.LeaveTimes{
			BranchID: keepertest.Branch, FromDate: "2026-06-15", ToDate: "2026-06-17", ToTime: "12:00",
		},
	})
	s.Must(err)
	return r
}

func check(t *testing.T, s *keepertest.Salon) {
	t.Helper()
	if err := claimtest.Check(s.Store.All(), true); err != nil {
		t.Fatal(err)
	}
}

// conflicts lists the bookings that the blocks of the log have found in their way.
func conflicts(s *keepertest.Salon) (ids []string) {
	for _, r := range s.Store.All() {
		if b, ok := r.Event.(domain.StaffDayBlocked); ok {
			for _, c := range b.Conflicts {
				ids = append(ids, c.BookingID)
			}
		}
	}
	return ids
}

// What is approved blocks every day that it touches, and what stands there is a conflict.
func TestScenario35AnApprovedLeaveBlocksAndListsItsConflicts(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, migrations.Engine, func(t *testing.T, db *database.DB) {
		s := keepertest.New(t)
		b := s.Confirm(s.Request(keepertest.Anna, keepertest.Opening()))
		r := off(s)
		if claimtest.Check(s.Store.All(), true) == nil {
			t.Fatal("the days are blocked before anybody has")
		}
		keep(t, s, newKeeper(t, s, s.Store, db))
		check(t, s)
		if got := conflicts(s); len(got) != 1 || got[0] != b.ID {
			t.Errorf("in the way: %v", got)
		}
		_, err := s.RequestBooking(t.Context(), keepertest.Owner(), commands.Options{}, commands.RequestBooking{
			CustomerID: "usr_dora01", BranchID: keepertest.Branch, Start: commands.Start{StartAt: keepertest.Opening().Add(time.Hour)},
			Services: []commands.RequestedService{{ServiceID: keepertest.Cut, StaffID: keepertest.Anna}},
		})
		if refusal, ok := errors.AsType[*domain.Refusal](err); !ok || refusal.Code != domain.CodeSlotUnavailable {
			t.Errorf("booked over the leave: %v", err)
		}
		_ = r
	})
}

// A conflict is closed by giving its booking to somebody else, or by cancelling it.
func TestScenario36ReassigningAndCancellingCloseConflicts(t *testing.T) {
	t.Parallel()
	s := keepertest.New(t)
	one := s.Confirm(s.Request(keepertest.Anna, keepertest.Opening()))
	two := s.Confirm(s.Request(keepertest.Anna, keepertest.Opening().Add(time.Hour)))
	off(s)
	keep(t, s, newKeeper(t, s, s.Store, databasetest.Open(t, migrations.Engine)))
	_, err := s.AssignStaff(t.Context(), keepertest.Owner(), keepertest.Seen(one), commands.AssignStaff{
		BookingID: one.ID, SegmentID: "seg_1", StaffID: keepertest.Boris,
	})
	s.Must(err)
	_, err = s.CancelBooking(t.Context(), keepertest.Owner(), keepertest.Seen(two), commands.CancelBooking{
		BookingID: two.ID, ReasonCode: "staff_unavailable",
	})
	s.Must(err)
	check(t, s)
	var day domain.StaffDay
	for r, err := range s.Store.Read(t.Context(), domain.StaffDayStream(keepertest.Anna, "2026-06-16"), 0) {
		s.Must(err)
		day = day.Evolve(r.Event.(domain.StaffDayEvent))
	}
	if len(day.Claims) != 0 || len(day.Blocks) != 1 {
		t.Errorf("%d claims and %d blocks stand", len(day.Claims), len(day.Blocks))
	}
}

// What is in the way of a leave may end sooner, and be paid for, as if there were none.
func TestAConflictMayStillTakePlace(t *testing.T) {
	t.Parallel()
	s := keepertest.New(t)
	b := s.Confirm(s.Request(keepertest.Anna, keepertest.Opening()))
	off(s)
	keep(t, s, newKeeper(t, s, s.Store, databasetest.Open(t, migrations.Engine)))
	s.Time = keepertest.Opening().Add(10 * time.Minute)
	_, err := s.CompleteBooking(t.Context(), keepertest.Owner(), keepertest.Seen(b), commands.CompleteBooking{
		BookingID: b.ID, PaymentMethod: domain.PaidCash,
	})
	s.Must(err)
	check(t, s)
}

func TestARevokedLeaveFreesItsDays(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, migrations.Engine, func(t *testing.T, db *database.DB) {
		s := keepertest.New(t)
		r := off(s)
		keep(t, s, newKeeper(t, s, s.Store, db))
		_, err := s.RevokeLeave(t.Context(), keepertest.Owner(), commands.Options{}, commands.RevokeLeave{LeaveID: r.ID})
		s.Must(err)
		keep(t, s, newKeeper(t, s, s.Store, db)) // a new one, as after a restart
		check(t, s)
		s.Request(keepertest.Anna, keepertest.Opening())
	})
}

// failing is a store that is away after some appends.
type failing struct {
	commands.Store
	left int
}

func (f *failing) Append(ctx context.Context, a eventstore.Append) (eventstore.Appended, error) {
	if f.left--; f.left < 0 {
		return eventstore.Appended{}, eventstore.ErrUnavailable
	}
	return f.Store.Append(ctx, a)
}

func (f *failing) Read(ctx context.Context, s string, from eventstore.Revision) iter.Seq2[eventstore.Recorded, error] {
	return f.Store.Read(ctx, s, from)
}

// Whenever the keeper dies, the next one finishes: blocks and no more than one for each day.
func TestTheKeeperMayDieAtAnyAppend(t *testing.T) {
	t.Parallel()
	for after := range 5 {
		s := keepertest.New(t)
		db := databasetest.Open(t, migrations.Engine)
		off(s)
		k := newKeeper(t, s, &failing{s.Store, after}, db)
		keepertest.Follow(t, s.Store, k)
		_, err := k.SettleDue(t.Context())
		if days := 4; (err != nil) != (after < days) {
			t.Errorf("after %d appends: %v", after, err)
		}
		s.Time = s.Time.Add(time.Minute)
		keep(t, s, newKeeper(t, s, s.Store, db))
		check(t, s)
		blocks := map[string]int{}
		for _, r := range s.Store.All() {
			if b, ok := r.Event.(domain.StaffDayBlocked); ok {
				blocks[b.Day]++
			}
		}
		for day, n := range blocks {
			if n != 1 {
				t.Errorf("%d blocks on %s", n, day)
			}
		}
	}
}

// between lets something happen before the first append.
type between struct {
	commands.Store
	happen func()
}

func (b *between) Append(ctx context.Context, a eventstore.Append) (eventstore.Appended, error) {
	if happen := b.happen; happen != nil {
		b.happen = nil
		happen()
	}
	return b.Store.Append(ctx, a)
}

// A keeper that was held up while the leave was revoked, and while another had tidied up, leaves no block for ever.
func TestAKeeperThatComesLateIsTidiedUpAfter(t *testing.T) {
	t.Parallel()
	s := keepertest.New(t)
	db, other := databasetest.Open(t, migrations.Engine), databasetest.Open(t, migrations.Engine)
	r := off(s)
	healthy := newKeeper(t, s, s.Store, other)
	late := newKeeper(t, s, &between{Store: s.Store, happen: func() {
		_, err := s.RevokeLeave(t.Context(), keepertest.Owner(), commands.Options{}, commands.RevokeLeave{LeaveID: r.ID})
		s.Must(err)
		keep(t, s, healthy)
	}}, db)
	keepertest.Follow(t, s.Store, late)
	_, err := late.SettleDue(t.Context())
	s.Must(err)
	keep(t, s, healthy)
	check(t, s)
}
