package commands_test

import (
	"sync"
	"testing"
	"time"

	"github.com/royalglow/booking/commands"
	"github.com/royalglow/booking/domain"
)

// second is another engine over the same store, with a memory of its own.
func (s *salon) second() *commands.Service {
	s.tb.Helper()
	other, err := commands.New(commands.Config{
		Store: s.store, Reads: &s.reads, Vault: s.vault, Secret: []byte("a secret of the tests"),
		Now: func() time.Time { return s.now }, Jitter: func(time.Duration) time.Duration { return 0 },
	})
	s.must(err)
	return other
}

// What one engine keeps of a booking is behind as soon as another has changed it. Nothing may be answered from it.
func TestWhatAnEngineKeepsIsNeverTheLastWord(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	other := s.second()
	r := s.mustRequest(carla, anna, opening)

	// The other engine approves and cancels; this one still believes the booking to be pending.
	approved, err := other.ApproveBooking(t.Context(), desk, s.seen(r), commands.ApproveBooking{BookingID: r.ID})
	s.must(err)
	_, err = s.ApproveBooking(t.Context(), desk, s.seen(r), commands.ApproveBooking{BookingID: r.ID})
	stale := refusal(t, err, domain.Stale, domain.CodeStale)
	if stale.Details["revision"] != approved.Revision {
		t.Errorf("it is told to have revision %v, has %v", stale.Details["revision"], approved.Revision)
	}
	if _, err := other.CancelBooking(t.Context(), carla, s.key(), commands.CancelBooking{BookingID: r.ID}); err != nil {
		t.Fatal(err)
	}
	_, err = s.CancelBooking(t.Context(), carla, s.key(), commands.CancelBooking{BookingID: r.ID})
	wantRefusal(t, err, domain.Conflict, domain.CodeAlreadyCancelled)

	// The time is free again, which this engine does not know of Anna's day.
	if _, err := s.request(dora, anna, opening); err != nil {
		t.Errorf("time that another engine has freed: %v", err)
	}
	// And taken again, which the other does not know.
	_, err = other.RequestBooking(t.Context(), carla, s.key(), wish(anna, opening))
	wantRefusal(t, err, domain.Conflict, domain.CodeSlotUnavailable)
	s.mustStand()
}

// A repeat that reaches another engine is recognised there, and one that changes nothing answers what is, not what was.
func TestRepeatsAndNoOpsAreRightOnEveryEngine(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	other := s.second()
	o := s.key()
	first, err := s.RequestBooking(t.Context(), carla, o, wish(anna, opening))
	s.must(err)
	again, err := other.RequestBooking(t.Context(), carla, o, wish(anna, opening))
	if err != nil || !same(again, first) {
		t.Errorf("repeated on another engine: %v, %v; want %v", again, err, first)
	}
	moved, err := other.AssignStaff(t.Context(), desk, s.seen(first), commands.AssignStaff{BookingID: first.ID, SegmentID: "seg_1", StaffID: zoe})
	s.must(err)
	// For this engine Anna is still assigned: to assign her would be no change.
	back, err := s.AssignStaff(t.Context(), owner, s.seen(moved), commands.AssignStaff{BookingID: first.ID, SegmentID: "seg_1", StaffID: anna})
	if err != nil || back.Revision != moved.Revision+1 {
		t.Errorf("back to Anna: %v, %v", back, err)
	}
	s.mustStand()
}

// The catalogue that one engine keeps is asked for anew by every command.
func TestChangesOfTheCatalogueReachEveryEngineAtOnce(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	other := s.second()
	s.mustRequest(carla, anna, opening) // this engine has seen the branch and Anna
	_, err := other.LeaveStaff(t.Context(), owner, s.key(), commands.LeaveStaff{BranchID: branch, StaffID: anna})
	s.must(err)
	_, err = s.request(carla, anna, opening.Add(time.Hour))
	wantRefusal(t, err, domain.Unprocessable, domain.CodeStaffNotQualified)
	_, err = other.WithdrawService(t.Context(), owner, s.key(), commands.WithdrawService{BranchID: branch, ServiceID: cut})
	s.must(err)
	_, err = s.request(carla, boris, opening)
	wantRefusal(t, err, domain.Unprocessable, domain.CodeBusinessRule)
}

func TestTwoEnginesNeverBookTwice(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	engines := []*commands.Service{s.Service, s.second()}
	var mu sync.Mutex
	won := map[time.Time]int{}
	for _, err := range atOnce(200, func(i int) error {
		at := opening.Add(time.Duration(i%5) * 30 * time.Minute)
		_, err := engines[i%2].RequestBooking(t.Context(), carla, s.key(), wish(anna, at))
		if err == nil {
			mu.Lock()
			won[at]++
			mu.Unlock()
		}
		return err
	}) {
		if err != nil && !isRefusal(err, domain.CodeSlotUnavailable, domain.CodeUnavailable) {
			t.Fatal(err)
		}
	}
	for at, n := range won {
		if n != 1 {
			t.Errorf("%d bookings at %v", n, at)
		}
	}
	s.mustStand()
}
