package commands_test

import (
	"testing"
	"time"

	"github.com/royalglow/booking/commands"
	"github.com/royalglow/booking/domain"
)

// mixed asks for three cuts in a row by Anna, Boris and Zoe.
func mixed(at time.Time) commands.RequestBooking {
	w := wish("", at, cut, cut, cut)
	for i, id := range []string{anna, boris, zoe} {
		w.Services[i].StaffID = id
	}
	return w
}

func TestScenario19AThirdClaimThatConflictsLeavesNothing(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	s.mustRequest(dora, zoe, opening.Add(time.Hour))
	_, err := s.RequestBooking(t.Context(), carla, s.key(), mixed(opening))
	wantRefusal(t, err, domain.Conflict, domain.CodeSlotUnavailable)
	if n := len(s.claims(anna, "2026-06-16")) + len(s.claims(boris, "2026-06-16")); n != 0 {
		t.Errorf("%d claims are left", n)
	}
	if n := len(s.claims(zoe, "2026-06-16")); n != 1 {
		t.Errorf("Zoe has %d claims, want the other booking's", n)
	}
	s.mustStand()
}

func TestServicesFollowOneAnother(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	r, err := s.RequestBooking(t.Context(), carla, s.key(), mixed(opening))
	s.must(err)
	b := s.booking(r.ID)
	if len(b.Segments) != 3 || !b.Segments[2].StartAt.Equal(opening.Add(time.Hour)) || b.TotalMinor != 4500 {
		t.Errorf("the booking is %+v", b)
	}
	s.mustStand()
}

func TestScenario17AdjacentBookingsDoNotMeet(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	for _, at := range []time.Duration{30 * time.Minute, 0, time.Hour} {
		s.mustRequest(carla, anna, opening.Add(at))
	}
	s.mustStand()
}

func TestScenario06AClaimAcrossMidnightStandsOnBothDays(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	midnight := time.Date(2026, 6, 17, 0, 0, 0, 0, time.UTC)
	r := s.mustRequest(carla, anna, midnight.Add(-15*time.Minute))
	first, second := s.claims(anna, "2026-06-16"), s.claims(anna, "2026-06-17")
	if len(first) != 1 || len(second) != 1 || first[0] != second[0] {
		t.Fatalf("the days hold %v and %v", first, second)
	}
	for _, at := range []time.Duration{-30 * time.Minute, 0} {
		_, err := s.request(dora, anna, midnight.Add(at))
		wantRefusal(t, err, domain.Conflict, domain.CodeSlotUnavailable)
	}
	s.mustRequest(dora, anna, midnight.Add(15*time.Minute))
	_, err := s.CancelBooking(t.Context(), carla, s.key(), commands.CancelBooking{BookingID: r.ID})
	s.must(err)
	if n := len(s.claims(anna, "2026-06-16")); n != 0 {
		t.Errorf("%d claims are left on the first day", n)
	}
	s.mustStand()
}

func TestAnyoneIsTheFirstProposalThatIsFree(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	s.reads.staff = []string{"stf_ghost01", anna, boris}
	for _, want := range []string{anna, boris} {
		b := s.booking(s.mustRequest(carla, "", opening).ID)
		if b.Segments[0].StaffID != want {
			t.Errorf("%s was held, want %s", b.Segments[0].StaffID, want)
		}
	}
	_, err := s.request(carla, "", opening)
	wantRefusal(t, err, domain.Conflict, domain.CodeSlotUnavailable)
	s.mustStand()
}

func TestOneMemberDoesAllServicesWhereThatIsPossible(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	s.mustRequest(dora, anna, opening)
	r, err := s.RequestBooking(t.Context(), carla, s.key(), wish("", opening, cut, colour))
	s.must(err)
	for _, segment := range s.booking(r.ID).Segments {
		if segment.StaffID != boris {
			t.Errorf("%s is held for %s, want Boris for both", segment.StaffID, segment.ServiceID)
		}
	}
	s.mustStand()
}

func TestAnEditMovesTheClaim(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	r := s.mustRequest(carla, anna, opening)
	r, err := s.AssignStaff(t.Context(), desk, s.seen(r), commands.AssignStaff{BookingID: r.ID, SegmentID: "seg_1", StaffID: boris})
	s.must(err)
	r, err = s.ApproveBooking(t.Context(), desk, s.seen(r), commands.ApproveBooking{
		BookingID: r.ID, Assignments: []commands.Assignment{{SegmentID: "seg_1", StaffID: zoe}},
	})
	s.must(err)
	if n := len(s.claims(anna, "2026-06-16")) + len(s.claims(boris, "2026-06-16")); n != 0 {
		t.Errorf("%d claims are left behind", n)
	}
	s.mustStand()
	_, err = s.AssignStaff(t.Context(), desk, s.seen(r), commands.AssignStaff{BookingID: r.ID, SegmentID: "seg_2", StaffID: zoe})
	wantRefusal(t, err, domain.Unprocessable, domain.CodeValidation)
}

func TestTheDeskActsForACustomer(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	w := wish(anna, now.Add(-10*time.Minute)) // the customer stands there already
	w.CustomerID = carla.UserID
	s.reads.active = 99
	r, err := s.RequestBooking(t.Context(), desk, s.key(), w)
	s.must(err)
	_, err = s.CancelBooking(t.Context(), desk, s.seen(r), commands.CancelBooking{
		BookingID: r.ID, CancelledBy: domain.PartyCustomer,
	})
	s.must(err)
	want := domain.Actor{UserID: desk.UserID, Role: desk.Role, OnBehalfOf: carla.UserID}
	n := 0
	for e, err := range s.store.Read(t.Context(), domain.BookingStream(r.ID), 0) {
		s.must(err)
		n++
		if e.Metadata.Actor != want {
			t.Errorf("%s was done by %+v", e.Event.EventType(), e.Metadata.Actor)
		}
	}
	if b := s.booking(r.ID); n != 2 || b.CustomerID != carla.UserID {
		t.Errorf("%d events, the booking is %s's", n, b.CustomerID)
	}
}

func TestTheSalonRejectsAPendingBookingAndCancelsAConfirmedOne(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	r := s.mustRequest(carla, anna, opening)
	c := commands.CancelBooking{BookingID: r.ID, ReasonCode: "equipment"}
	_, err := s.CancelBooking(t.Context(), desk, s.seen(r), c)
	wantRefusal(t, err, domain.Conflict, domain.CodeTransition)
	r, err = s.ApproveBooking(t.Context(), desk, s.seen(r), commands.ApproveBooking{BookingID: r.ID})
	s.must(err)
	_, err = s.CancelBooking(t.Context(), desk, s.seen(r), c)
	s.must(err)
	s.mustStand()
}
