package commands_test

import (
	"sync"
	"testing"
	"time"

	"github.com/royalglow/booking/commands"
	"github.com/royalglow/booking/domain"
)

// A pending booking is what holds time here. The scenarios of holds are told of it.

// At the instant at which a request expires, somebody else asks for its time. Whoever is first, one of them has it.
func TestScenario15AHoldThatExpiresAtTheInstantOfAnotherRequest(t *testing.T) {
	t.Parallel()
	taken, late := 0, 0
	for range 300 {
		s := newSalon(t)
		old := s.mustRequest(carla, anna, opening)
		expires, err := s.SettleOverdue(t.Context(), old.ID)
		s.must(err)
		s.now = expires
		var both sync.WaitGroup
		var wanted commands.Receipt
		var settled, asked error
		both.Go(func() { _, settled = s.SettleOverdue(t.Context(), old.ID) })
		both.Go(func() { wanted, asked = s.request(dora, anna, opening) })
		both.Wait()
		s.must(settled)
		if got := s.booking(old.ID).Status; got != domain.StatusRejected {
			t.Fatalf("the first is %s", got)
		}
		if isRefusal(asked, domain.CodeSlotUnavailable) {
			late++
			wanted, asked = s.request(dora, anna, opening) // now it is free
		} else {
			taken++
		}
		s.must(asked)
		if held := s.claims(anna, "2026-06-16"); len(held) != 1 || held[0].BookingID != wanted.ID {
			t.Fatalf("anna is held by %v", held)
		}
		s.mustStand()
	}
	t.Logf("the request was faster than the clock %d times of %d", late, late+taken)
}

// Who holds time may move within it: his own claim is not in his way, and somebody else's is.
func TestScenario16AHolderMovesWithinHisOwnSlot(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	held := s.mustRequest(carla, anna, opening)
	next := s.mustRequest(dora, anna, opening.Add(45*time.Minute))
	move := func(by commands.Caller, id string, to time.Time) error {
		_, err := s.RescheduleBooking(t.Context(), by, s.key(), commands.RescheduleBooking{
			BookingID: id, Start: commands.Start{StartAt: to},
		})
		return err
	}
	s.must(move(carla, held.ID, opening.Add(15*time.Minute)))
	if b := s.booking(held.ID); !b.StartAt.Equal(opening.Add(15 * time.Minute)) {
		t.Errorf("it begins at %v", b.StartAt)
	}
	if err := move(carla, held.ID, opening.Add(30*time.Minute)); !isRefusal(err, domain.CodeSlotUnavailable) {
		t.Errorf("into the next booking: %v", err)
	}
	if err := move(dora, next.ID, opening.Add(30*time.Minute)); !isRefusal(err, domain.CodeSlotUnavailable) {
		t.Errorf("into the one before: %v", err)
	}
	s.mustStand()
}
