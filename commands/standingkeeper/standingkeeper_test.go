package standingkeeper_test

import (
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/royalglow/booking/commands"
	"github.com/royalglow/booking/commands/internal/keepertest"
	"github.com/royalglow/booking/commands/standingkeeper"
	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/database/databasetest"
	"github.com/royalglow/booking/migrations"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(databasetest.Main(m)) }

// keep shows a new keeper the log and lets it settle.
func keep(t *testing.T, s *keepertest.Salon, db *database.DB) {
	t.Helper()
	k, err := standingkeeper.New(standingkeeper.Config{Commands: s, DB: db, StoreID: s.Store.ID, Now: s.Clock})
	s.Must(err)
	keepertest.Follow(t, s.Store, k)
	_, err = k.SettleDue(t.Context())
	s.Must(err)
}

func standing(s *keepertest.Salon) domain.Customer {
	s.TB.Helper()
	var c domain.Customer
	for r, err := range s.Store.Read(s.TB.Context(), domain.CustomerStream(keepertest.Carla().UserID), 0) {
		s.Must(err)
		c = c.Evolve(r.Event.(domain.CustomerEvent))
	}
	return c
}

// miss books a cut on the n-th day and does not come; complete books one and does.
func miss(s *keepertest.Salon, day int) commands.Receipt {
	s.TB.Helper()
	start := keepertest.Opening().AddDate(0, 0, day)
	r := s.Confirm(s.Request(keepertest.Anna, start))
	s.Time = start.Add(20 * time.Minute)
	r, err := s.MarkNoShow(s.TB.Context(), keepertest.Owner(), keepertest.Seen(r), commands.MarkNoShow{BookingID: r.ID})
	s.Must(err)
	return r
}

func complete(s *keepertest.Salon, day int) {
	s.TB.Helper()
	start := keepertest.Opening().AddDate(0, 0, day)
	r := s.Confirm(s.Request(keepertest.Anna, start))
	s.Time = start.Add(30 * time.Minute)
	_, err := s.CompleteBooking(s.TB.Context(), keepertest.Owner(), keepertest.Seen(r), commands.CompleteBooking{
		BookingID: r.ID, PaymentMethod: domain.PaidCash,
	})
	s.Must(err)
}

func TestFourNoShowsNeedAManagerAndThreeVisitsClear(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, migrations.Engine, func(t *testing.T, db *database.DB) {
		s := keepertest.New(t)
		for day := range 4 {
			if standing(s).NeedsApproval {
				t.Fatalf("after %d no-shows she needs a manager", day)
			}
			miss(s, day)
			keep(t, s, db)
		}
		if c := standing(s); !c.NeedsApproval || len(c.NoShows) != 4 {
			t.Fatalf("after four: %+v", c)
		}
		for day := 4; day < 7; day++ {
			complete(s, day)
			keep(t, s, db)
		}
		if c := standing(s); c.NeedsApproval {
			t.Errorf("after three visits: %+v", c)
		}
	})
}

func TestACorrectedNoShowDoesNotCount(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, migrations.Engine, func(t *testing.T, db *database.DB) {
		s := keepertest.New(t)
		r := miss(s, 0)
		keep(t, s, db)
		_, err := s.CorrectOutcome(t.Context(), keepertest.Owner(), keepertest.Seen(r), commands.CorrectOutcome{
			BookingID: r.ID, ToStatus: domain.StatusCompleted, Reason: "she was there",
		})
		s.Must(err)
		keep(t, s, db)
		if c := standing(s); len(c.NoShows) != 0 {
			t.Errorf("got %+v", c)
		}
	})
}

func TestLateCancellationsAreCountedAndWalkInsAreNot(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, migrations.Engine, func(t *testing.T, db *database.DB) {
		s := keepertest.New(t)
		r := s.Confirm(s.Request(keepertest.Anna, keepertest.Opening()))
		s.Time = keepertest.Opening().Add(-time.Hour)
		_, err := s.CancelBooking(t.Context(), keepertest.Carla(), commands.Options{}, commands.CancelBooking{BookingID: r.ID})
		s.Must(err)
		w, err := s.CreateWalkIn(t.Context(), keepertest.Owner(), commands.Options{}, commands.CreateWalkIn{
			BranchID: keepertest.Branch, CustomerID: keepertest.Carla().UserID,
			Services: []commands.RequestedService{{ServiceID: keepertest.Cut, StaffID: keepertest.Anna}},
		})
		s.Must(err)
		s.Time = s.Time.Add(20 * time.Minute)
		_, err = s.MarkNoShow(t.Context(), keepertest.Owner(), keepertest.Seen(w), commands.MarkNoShow{BookingID: w.ID})
		s.Must(err)
		keep(t, s, db)
		if c := standing(s); len(c.NoShows) != 0 || len(c.LateCancellations) != 1 {
			t.Errorf("got %+v", c)
		}
	})
}
