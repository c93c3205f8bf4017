package commands_test

import (
	"testing"
	"time"

	"github.com/royalglow/booking/commands"
	"github.com/royalglow/booking/domain"
)

func TestScenario13TheSameKeyWithAnotherBodyIsRefused(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	o := s.key()
	r, err := s.RequestBooking(t.Context(), carla, o, wish(anna, opening))
	s.must(err)
	before := len(s.store.All())
	_, err = s.RequestBooking(t.Context(), carla, o, wish(anna, opening.Add(time.Hour)))
	wantRefusal(t, err, domain.Unprocessable, domain.CodeKeyReused)
	if after := len(s.store.All()); after != before || !s.booking(r.ID).StartAt.Equal(opening) {
		t.Errorf("%d events were written", after-before)
	}
}

func TestScenario21WhatHasBegunOrIsOverIsNotCancelled(t *testing.T) {
	t.Parallel()
	for name, make := range map[string]func(*visit){"in progress": (*visit).start, "completed": (*visit).complete} {
		v := &visit{salon: newSalon(t)}
		make(v)
		_, err := v.CancelBooking(t.Context(), desk, v.seen(v.booking), commands.CancelBooking{BookingID: v.booking.ID, ReasonCode: "other"})
		if !isRefusal(err, domain.CodeTransition) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestScenario22CancelTwice(t *testing.T) {
	t.Parallel()
	v := &visit{salon: newSalon(t)}
	v.cancel()
	_, err := v.CancelBooking(t.Context(), carla, v.key(), commands.CancelBooking{BookingID: v.booking.ID})
	r := refusal(t, err, domain.Conflict, domain.CodeAlreadyCancelled)
	if r.Details["status"] != domain.StatusCancelled {
		t.Errorf("it is told to be %v", r.Details["status"])
	}
}

func TestScenario23TheSalonRejectsAPendingBookingItDoesNotCancelIt(t *testing.T) {
	t.Parallel()
	v := &visit{salon: newSalon(t)}
	v.request()
	_, err := v.CancelBooking(t.Context(), desk, v.seen(v.booking), commands.CancelBooking{BookingID: v.booking.ID, ReasonCode: "equipment"})
	wantRefusal(t, err, domain.Conflict, domain.CodeTransition)
}

func TestScenario24ARejectionHasAReason(t *testing.T) {
	t.Parallel()
	v := &visit{salon: newSalon(t)}
	v.request()
	_, err := v.RejectBooking(t.Context(), desk, v.seen(v.booking), commands.RejectBooking{BookingID: v.booking.ID})
	wantRefusal(t, err, domain.Invalid, domain.CodeValidation)
}

func TestScenario30AnAddedServiceDoesNotReachIntoTheNextBooking(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	s.reads.nearest = []commands.Alternative{{StartAt: opening.Add(2 * time.Hour), StaffIDs: []string{anna}}}
	first := s.mustRequest(carla, anna, opening)
	s.mustRequest(dora, anna, opening.Add(30*time.Minute))
	_, err := s.AddService(t.Context(), desk, s.seen(first), commands.AddService{BookingID: first.ID, ServiceID: cut, StaffID: anna})
	r := refusal(t, err, domain.Conflict, domain.CodeSlotUnavailable)
	if alternatives := r.Details["alternatives"].([]commands.Alternative); len(alternatives) != 1 || len(alternatives[0].StaffIDs) != 1 {
		t.Errorf("alternatives %+v", alternatives)
	}
	// Whoever is free may do it instead.
	_, err = s.AddService(t.Context(), desk, s.seen(first), commands.AddService{BookingID: first.ID, ServiceID: cut})
	s.must(err)
	if b := s.booking(first.ID); b.Segments[1].StaffID != boris {
		t.Errorf("it is done by %s", b.Segments[1].StaffID)
	}
	s.mustStand()
}

// Who does not do a service, or has left the branch, is neither given a booking nor approved with one that he was held for.
func TestScenario39UnqualifiedOrInactiveStaff(t *testing.T) {
	t.Parallel()
	for name, goes := range map[string]func(*salon) error{
		"has left": func(s *salon) error {
			return err1(s.LeaveStaff(s.tb.Context(), owner, s.key(), commands.LeaveStaff{BranchID: branch, StaffID: anna}))
		},
		"does it no more": func(s *salon) error {
			return err1(s.JoinStaff(s.tb.Context(), owner, s.key(), commands.JoinStaff{BranchID: branch, StaffID: anna, Skills: []string{colour}}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSalon(t)
			hers, his := s.mustRequest(carla, anna, opening), s.mustRequest(dora, boris, opening.Add(time.Hour))
			s.must(goes(s))
			assign := func(r commands.Receipt, staffID string) (commands.Receipt, error) {
				return s.AssignStaff(t.Context(), desk, s.seen(r), commands.AssignStaff{BookingID: r.ID, SegmentID: "seg_1", StaffID: staffID})
			}
			_, err := assign(his, anna)
			wantRefusal(t, err, domain.Unprocessable, domain.CodeStaffNotQualified)
			_, err = s.ApproveBooking(t.Context(), desk, s.seen(hers), commands.ApproveBooking{BookingID: hers.ID})
			wantRefusal(t, err, domain.Unprocessable, domain.CodeStaffNotQualified)
			if b := s.booking(hers.ID); b.Status != domain.StatusPending || len(s.claims(anna, "2026-06-16")) != 1 {
				t.Errorf("it is %s, and holds %v", b.Status, s.claims(anna, "2026-06-16"))
			}
			hers, err = assign(hers, boris)
			s.must(err)
			_, err = s.ApproveBooking(t.Context(), desk, s.seen(hers), commands.ApproveBooking{BookingID: hers.ID})
			s.must(err)
			s.mustStand()
		})
	}
}

// Every refusal for want of time names other times, the way in which they were looked for being right: without the booking's own
// time, for those who were named, and for customers within their limits and without names.
func TestARefusalForWantOfTimeNamesOtherTimes(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	s.reads.nearest = []commands.Alternative{{StartAt: opening.Add(2 * time.Hour), StaffIDs: []string{anna}}}
	taken := s.mustRequest(dora, anna, opening)
	_, err := s.request(carla, anna, opening)
	r := refusal(t, err, domain.Conflict, domain.CodeSlotUnavailable)
	if a := r.Details["alternatives"].([]commands.Alternative); len(a) != 1 || a[0].StaffIDs != nil {
		t.Errorf("a customer is told %+v", a)
	}
	w := s.reads.wanted[0]
	if w.BranchID != branch || w.Policy == nil || w.Segments[0].StaffID != anna || !w.Segments[0].StartAt.Equal(opening) || w.Limit < 5 {
		t.Errorf("it was looked for %+v", w)
	}
	s.reads.staff = nil // nobody to propose: anyone would do
	_, err = s.request(carla, "", opening)
	wantRefusal(t, err, domain.Conflict, domain.CodeSlotUnavailable)
	if w := s.reads.wanted[1]; w.Segments[0].StaffID != "" {
		t.Errorf("it was looked for %+v", w)
	}
	mine := s.mustRequest(carla, boris, opening)
	_, err = s.AssignStaff(t.Context(), desk, s.seen(mine), commands.AssignStaff{BookingID: mine.ID, SegmentID: "seg_1", StaffID: anna})
	wantRefusal(t, err, domain.Conflict, domain.CodeSlotUnavailable)
	if w := s.reads.wanted[2]; w.ExceptBookingID != mine.ID || w.Policy != nil || w.Segments[0].StaffID != anna {
		t.Errorf("it was looked for %+v", w)
	}
	_ = taken
}

// A customer who has another booking at a time is told of other times: of those at which he has none.
func TestACustomerWithAnotherBookingIsToldOfTimesThatSuit(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	mine := s.mustRequest(carla, anna, opening.Add(5*time.Hour))
	s.reads.own = domain.Interval{StartAt: opening, EndAt: opening.Add(2 * time.Hour)}
	for i := -8; i < 16; i++ {
		at := opening.Add(time.Duration(i) * 15 * time.Minute)
		s.reads.nearest = append(s.reads.nearest, commands.Alternative{StartAt: at, EndAt: at.Add(30 * time.Minute), StaffIDs: []string{anna}})
	}
	_, err := s.request(carla, boris, opening.Add(time.Hour))
	s.mustSuit(err, opening.Add(time.Hour))
	_, err = s.RescheduleBooking(t.Context(), carla, s.key(), commands.RescheduleBooking{
		BookingID: mine.ID, Start: commands.Start{StartAt: opening.Add(30 * time.Minute)},
	})
	s.mustSuit(err, opening.Add(30*time.Minute))
	if w := s.reads.wanted[1]; w.ExceptBookingID != mine.ID || w.Segments[0].StaffID != anna {
		t.Errorf("it was looked for %+v", w)
	}
}

// mustSuit fails unless a refusal because of the customer's other booking names five times at which he has none, found from the
// wanted one on.
func (s *salon) mustSuit(err error, wanted time.Time) {
	s.tb.Helper()
	r := refusal(s.tb, err, domain.Conflict, domain.CodeOverlap)
	told, _ := r.Details["alternatives"].([]commands.Alternative)
	if len(told) != 5 {
		s.tb.Errorf("told of %v", told)
	}
	for _, a := range told {
		if (domain.Interval{StartAt: a.StartAt, EndAt: a.EndAt}).Overlaps(s.reads.own) || a.StaffIDs != nil {
			s.tb.Errorf("told of %v", a)
		}
	}
	if w := s.reads.wanted[len(s.reads.wanted)-1]; !w.Segments[0].StartAt.Equal(wanted) || w.Policy == nil {
		s.tb.Errorf("it was looked for %+v", w)
	}
}

func TestTheDeskIsWarnedWhereACustomerWouldBeRefused(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	s.reads.overlap = true
	_, err := s.request(carla, anna, opening)
	wantRefusal(t, err, domain.Conflict, domain.CodeOverlap)
	w := wish(anna, opening)
	w.CustomerID = carla.UserID
	r, err := s.RequestBooking(t.Context(), desk, s.key(), w)
	s.must(err)
	if len(r.Warnings) != 1 || r.Warnings[0] != commands.WarnCustomerOverlap {
		t.Errorf("warned of %v", r.Warnings)
	}
	_, err = s.RescheduleBooking(t.Context(), carla, s.key(), commands.RescheduleBooking{
		BookingID: r.ID, Start: commands.Start{StartAt: opening.Add(time.Hour)},
	})
	wantRefusal(t, err, domain.Conflict, domain.CodeOverlap)
	moved, err := s.RescheduleBooking(t.Context(), desk, s.seen(r), commands.RescheduleBooking{
		BookingID: r.ID, Start: commands.Start{StartAt: opening.Add(time.Hour)},
	})
	s.must(err)
	if len(moved.Warnings) != 1 {
		t.Errorf("warned of %v", moved.Warnings)
	}
}
