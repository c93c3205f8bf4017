package timekeeper_test

import (
	"errors"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/royalglow/booking/commands"
	"github.com/royalglow/booking/commands/internal/keepertest"
	"github.com/royalglow/booking/commands/timekeeper"
	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/database/databasetest"
	"github.com/royalglow/booking/migrations"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(databasetest.Main(m)) }

func newKeeper(tb testing.TB, s *keepertest.Salon, db *database.DB) *timekeeper.Keeper {
	tb.Helper()
	k, err := timekeeper.New(timekeeper.Config{Commands: s, DB: db, StoreID: s.Store.ID, Now: s.Clock})
	if err != nil {
		tb.Fatal(err)
	}
	return k
}

// looks lets time pass to an instant and returns how many bookings were looked at then.
func looks(t *testing.T, s *keepertest.Salon, k *timekeeper.Keeper, at time.Time) int {
	t.Helper()
	s.Time = at
	keepertest.Follow(t, s.Store, k)
	n, err := k.SettleDue(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// What nobody answers is declined while somebody may be looking at it.
func TestScenario34ARequestThatNobodyAnswersIsDeclined(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, migrations.Engine, func(t *testing.T, db *database.DB) {
		s := keepertest.New(t)
		k := newKeeper(t, s, db)
		r := s.Request(keepertest.Anna, keepertest.Opening())
		due := keepertest.Now().Add(24 * time.Hour)
		if n := looks(t, s, k, due.Add(-time.Microsecond)); n != 0 {
			t.Errorf("%d looks before it is due", n)
		}
		if n := looks(t, s, k, due); n != 1 {
			t.Errorf("%d looks when it is due", n)
		}
		if b := s.Booking(r.ID); b.Status != domain.StatusRejected {
			t.Errorf("it is %s", b.Status)
		}
		if n := looks(t, s, k, due.Add(time.Hour)); n != 0 {
			t.Errorf("%d looks after it", n)
		}
		// The receptionist has had the panel open all the time.
		_, err := s.ApproveBooking(t.Context(), keepertest.Owner(), keepertest.Seen(r), commands.ApproveBooking{BookingID: r.ID})
		if refusal, ok := errors.AsType[*domain.Refusal](err); !ok || refusal.Code != domain.CodeStale {
			t.Errorf("approved all the same: %v", err)
		}
	})
}

func TestWhoDoesNotComeIsANoShow(t *testing.T) {
	t.Parallel()
	s := keepertest.New(t)
	k := newKeeper(t, s, databasetest.Open(t, migrations.Engine))
	r := s.Confirm(s.Request(keepertest.Anna, keepertest.Opening()))
	end := keepertest.Opening().Add(30 * time.Minute)
	// At the end it is looked at, and left alone for the grace.
	if n := looks(t, s, k, end); n != 1 || s.Booking(r.ID).Status != domain.StatusConfirmed {
		t.Errorf("%d looks, it is %s", n, s.Booking(r.ID).Status)
	}
	if n := looks(t, s, k, end.Add(15*time.Minute-time.Microsecond)); n != 0 {
		t.Errorf("%d looks within the grace", n)
	}
	if n := looks(t, s, k, end.Add(15*time.Minute)); n != 1 || s.Booking(r.ID).Status != domain.StatusNoShow {
		t.Errorf("%d looks, it is %s", n, s.Booking(r.ID).Status)
	}
}

func TestWhoCheckedInIsNoNoShow(t *testing.T) {
	t.Parallel()
	s := keepertest.New(t)
	k := newKeeper(t, s, databasetest.Open(t, migrations.Engine))
	r := s.Confirm(s.Request(keepertest.Anna, keepertest.Opening()))
	s.Time = keepertest.Opening()
	_, err := s.CheckIn(t.Context(), keepertest.Stylist(), commands.Options{}, commands.CheckIn{BookingID: r.ID})
	s.Must(err)
	if n := looks(t, s, k, keepertest.Opening().Add(24*time.Hour)); n != 0 || s.Booking(r.ID).Status != domain.StatusCheckedIn {
		t.Errorf("%d looks, it is %s", n, s.Booking(r.ID).Status)
	}
}

// A booking that moves is due at another time, sooner or later.
func TestWhatMovesIsDueAtAnotherTime(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, migrations.Engine, func(t *testing.T, db *database.DB) {
		s := keepertest.New(t)
		k := newKeeper(t, s, db)
		r := s.Confirm(s.Request(keepertest.Anna, keepertest.Opening()))
		looks(t, s, k, keepertest.Now())
		later := keepertest.Opening().Add(5 * time.Hour)
		_, err := s.RescheduleBooking(t.Context(), keepertest.Owner(), keepertest.Seen(r), commands.RescheduleBooking{
			BookingID: r.ID, Start: commands.Start{StartAt: later},
		})
		s.Must(err)
		looks(t, s, k, keepertest.Opening().Add(time.Hour))
		if b := s.Booking(r.ID); b.Status != domain.StatusConfirmed {
			t.Errorf("at its old time it became %s", b.Status)
		}
		looks(t, s, k, later.Add(time.Hour))
		if b := s.Booking(r.ID); b.Status != domain.StatusNoShow {
			t.Errorf("at its new time it is %s", b.Status)
		}
	})
}

// F15: two engines, and a clock that strikes again and again.
func TestTheClockMayStrikeTwice(t *testing.T) {
	t.Parallel()
	s := keepertest.New(t)
	one := newKeeper(t, s, databasetest.Open(t, migrations.Engine))
	two := newKeeper(t, s, databasetest.Open(t, migrations.Engine))
	r := s.Confirm(s.Request(keepertest.Anna, keepertest.Opening()))
	at := keepertest.Opening().Add(time.Hour)
	keepertest.Follow(t, s.Store, one)
	keepertest.Follow(t, s.Store, two)
	before := len(s.Store.All())
	for range 3 {
		looks(t, s, one, at)
		looks(t, s, two, at)
		next, err := s.SettleOverdue(t.Context(), r.ID)
		if err != nil || !next.IsZero() {
			t.Errorf("again: %v, %v", next, err)
		}
	}
	marked := 0
	for _, e := range s.Store.All()[before:] {
		if _, ok := e.Event.(domain.BookingNoShow); ok {
			marked++
		}
	}
	if marked != 1 {
		t.Errorf("%d no-shows", marked)
	}
}

// What was due while nobody ran is done after the start.
func TestWhatWasDueMeanwhileIsDone(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, migrations.Engine, func(t *testing.T, db *database.DB) {
		s := keepertest.New(t)
		r := s.Request(keepertest.Anna, keepertest.Opening())
		looks(t, s, newKeeper(t, s, db), keepertest.Now())
		looks(t, s, newKeeper(t, s, db), keepertest.Opening().AddDate(0, 1, 0))
		if b := s.Booking(r.ID); b.Status != domain.StatusRejected {
			t.Errorf("it is %s", b.Status)
		}
	})
}
