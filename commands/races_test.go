package commands_test

import (
	"sync"
	"testing"
	"time"

	"github.com/royalglow/booking/commands"
	"github.com/royalglow/booking/domain"
)

// atOnce runs n calls together and returns their errors in order.
func atOnce(n int, call func(i int) error) []error {
	errs := make([]error, n)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			errs[i] = call(i)
		})
	}
	close(start)
	wg.Wait()
	return errs
}

func TestScenario09OneOfAHundredRequestsForOneSlotWins(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	errs := atOnce(100, func(int) error {
		_, err := s.request(carla, anna, opening)
		return err
	})
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
			continue
		}
		wantRefusal(t, err, domain.Conflict, domain.CodeSlotUnavailable)
	}
	if claims := s.claims(anna, "2026-06-16"); won != 1 || len(claims) != 1 {
		t.Fatalf("%d won and %d claims stand, want 1 and 1", won, len(claims))
	}
	s.mustStand()
}

func TestScenario10OfTwoPendingsOneIsConfirmedOnTheSharedMember(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	receipts := []commands.Receipt{s.mustRequest(carla, anna, opening), s.mustRequest(dora, boris, opening)}
	errs := atOnce(100, func(i int) error {
		r := receipts[i%2]
		_, err := s.ApproveBooking(t.Context(), desk, s.seen(r), commands.ApproveBooking{
			BookingID: r.ID, Assignments: []commands.Assignment{{SegmentID: "seg_1", StaffID: zoe}},
		})
		return err
	})
	won := 0
	for _, err := range errs {
		switch {
		case err == nil:
			won++
		case !isRefusal(err, domain.CodeSlotUnavailable, domain.CodeStale, domain.CodeUnavailable):
			t.Fatalf("an approval ended in %v", err)
		}
	}
	if won != 1 {
		t.Fatalf("%d approvals won, want 1", won)
	}
	confirmed, pending := 0, 0
	for i, r := range receipts {
		b := s.booking(r.ID)
		if b.Status == domain.StatusConfirmed {
			confirmed++
			continue
		}
		pending++
		own := []string{anna, boris}[i]
		if got := s.claims(own, "2026-06-16"); len(got) != 1 || b.Segments[0].StaffID != own {
			t.Errorf("the pending booking is held by %s with %d claims", b.Segments[0].StaffID, len(got))
		}
	}
	if confirmed != 1 || pending != 1 || len(s.claims(zoe, "2026-06-16")) != 1 {
		t.Fatalf("%d confirmed, %d pending, %d claims on Zoe", confirmed, pending, len(s.claims(zoe, "2026-06-16")))
	}
	s.mustStand()
}

func TestScenario11ApprovalAndCancellationAtOnceLeaveOneOutcome(t *testing.T) {
	t.Parallel()
	for range 50 {
		s := newSalon(t)
		r := s.mustRequest(carla, anna, opening)
		errs := atOnce(2, func(i int) error {
			if i == 0 {
				_, err := s.ApproveBooking(t.Context(), desk, s.seen(r), commands.ApproveBooking{
					BookingID: r.ID, Assignments: []commands.Assignment{{SegmentID: "seg_1", StaffID: zoe}},
				})
				return err
			}
			_, err := s.CancelBooking(t.Context(), carla, s.key(), commands.CancelBooking{BookingID: r.ID})
			return err
		})
		// The customer needs no If-Match: the cancellation always comes through, before or after the approval.
		if errs[1] != nil {
			t.Fatal(errs[1])
		}
		if errs[0] != nil && !isRefusal(errs[0], domain.CodeStale) {
			t.Fatal(errs[0])
		}
		if b := s.booking(r.ID); b.Status != domain.StatusCancelled {
			t.Fatalf("the booking is %s", b.Status)
		}
		s.mustStand()
	}
}

func TestScenario12OneCommandSentTwiceAtOnceRunsOnce(t *testing.T) {
	t.Parallel()
	for range 20 {
		s := newSalon(t)
		var receipts [8]commands.Receipt
		key := s.key()
		s.now = s.now.Add(time.Second)
		errs := atOnce(len(receipts), func(i int) (err error) {
			receipts[i], err = s.RequestBooking(t.Context(), carla, key, wish("", opening, cut, colour))
			return err
		})
		for i, err := range errs {
			if err != nil {
				t.Fatal(err)
			}
			if !same(receipts[i], receipts[0]) {
				t.Fatalf("receipts differ: %v and %v", receipts[i], receipts[0])
			}
		}
		s.mustStand()
	}
}
