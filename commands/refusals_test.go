package commands_test

import (
	"testing"
	"time"

	"github.com/royalglow/booking/commands"
	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// Each code that a command can be refused with, once. Nothing is written by a refused command, claims apart that are given
// back.
func TestRefusals(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		kind domain.Kind
		code domain.Code
		try  func(s *salon) error
	}{
		"a caller without a valid id is nobody": {domain.Unauthenticated, domain.CodeUnauthenticated, func(s *salon) error {
			_, err := s.request(commands.Caller{UserID: "usr_*", Role: domain.RoleCustomer}, anna, opening)
			return err
		}},
		"a customer does not book for another": {domain.Forbidden, domain.CodeForbidden, func(s *salon) error {
			w := wish(anna, opening)
			w.CustomerID = dora.UserID
			_, err := s.RequestBooking(s.tb.Context(), carla, s.key(), w)
			return err
		}},
		"a taken slot": {domain.Conflict, domain.CodeSlotUnavailable, func(s *salon) error {
			s.mustRequest(dora, anna, opening)
			_, err := s.request(carla, anna, opening.Add(29*time.Minute))
			return err
		}},
		"nobody to propose": {domain.Conflict, domain.CodeSlotUnavailable, func(s *salon) error {
			s.reads.staff = nil
			_, err := s.request(carla, "", opening)
			return err
		}},
		"an unknown branch": {domain.Unprocessable, domain.CodeBranchInactive, func(s *salon) error {
			w := wish(anna, opening)
			w.BranchID = otherBranch
			_, err := s.RequestBooking(s.tb.Context(), carla, s.key(), w)
			return err
		}},
		"a service that is not offered": {domain.Unprocessable, domain.CodeBusinessRule, func(s *salon) error {
			_, err := s.RequestBooking(s.tb.Context(), carla, s.key(), wish(anna, opening, "svc_massage"))
			return err
		}},
		"a member who cannot do it": {domain.Unprocessable, domain.CodeStaffNotQualified, func(s *salon) error {
			_, err := s.RequestBooking(s.tb.Context(), carla, s.key(), wish(zoe, opening, colour))
			return err
		}},
		"too soon": {domain.Unprocessable, domain.CodeLeadTime, func(s *salon) error {
			_, err := s.request(carla, anna, now.Add(59*time.Minute))
			return err
		}},
		"too far ahead": {domain.Unprocessable, domain.CodeHorizon, func(s *salon) error {
			_, err := s.request(carla, anna, now.AddDate(0, 0, 30).Add(time.Minute))
			return err
		}},
		"too many open bookings": {domain.Conflict, domain.CodeActiveCap, func(s *salon) error {
			s.reads.active = 3
			_, err := s.request(carla, anna, opening)
			return err
		}},
		"an unknown booking": {domain.NotFound, domain.CodeNotFound, func(s *salon) error {
			_, err := s.CancelBooking(s.tb.Context(), carla, s.key(), commands.CancelBooking{BookingID: "bkg_unknown1"})
			return err
		}},
		"a branch that is not there": {domain.NotFound, domain.CodeNotFound, func(s *salon) error {
			_, err := s.JoinStaff(s.tb.Context(), owner, s.key(), commands.JoinStaff{BranchID: otherBranch, StaffID: anna})
			return err
		}},
		"another name for an open branch": {domain.Conflict, domain.CodeConflict, func(s *salon) error {
			_, err := s.OpenBranch(s.tb.Context(), owner, s.key(), commands.OpenBranch{
				BranchID: branch, Name: "Nord", TimeZone: "Europe/Berlin", Currency: "EUR",
			})
			return err
		}},
		"approved twice": {domain.Conflict, domain.CodeTransition, func(s *salon) error {
			r, err := s.ApproveBooking(s.tb.Context(), desk, s.seen(s.mustRequest(carla, anna, opening)), approve(s, carla))
			s.must(err)
			_, err = s.ApproveBooking(s.tb.Context(), desk, s.seen(r), commands.ApproveBooking{BookingID: r.ID})
			return err
		}},
		"cancelled twice": {domain.Conflict, domain.CodeAlreadyCancelled, func(s *salon) error {
			c := commands.CancelBooking{BookingID: s.mustRequest(carla, anna, opening).ID}
			_, err := s.CancelBooking(s.tb.Context(), carla, s.key(), c)
			s.must(err)
			_, err = s.CancelBooking(s.tb.Context(), carla, s.key(), c)
			return err
		}},
		"cancelled after the start": {domain.Conflict, domain.CodeCancelWindowPassed, func(s *salon) error {
			r := s.mustRequest(carla, anna, opening)
			_, err := s.ApproveBooking(s.tb.Context(), desk, s.seen(r), commands.ApproveBooking{BookingID: r.ID})
			s.must(err)
			s.now = opening
			_, err = s.CancelBooking(s.tb.Context(), carla, s.key(), commands.CancelBooking{BookingID: r.ID})
			return err
		}},
		"an edit without If-Match": {domain.PreconditionRequired, domain.CodeIfMatchRequired, func(s *salon) error {
			r := s.mustRequest(carla, anna, opening)
			_, err := s.ApproveBooking(s.tb.Context(), desk, s.key(), commands.ApproveBooking{BookingID: r.ID})
			return err
		}},
		"an edit of an older revision": {domain.Stale, domain.CodeStale, func(s *salon) error {
			r := s.mustRequest(carla, anna, opening)
			_, err := s.AssignStaff(s.tb.Context(), desk, s.seen(r), commands.AssignStaff{BookingID: r.ID, SegmentID: "seg_1", StaffID: zoe})
			s.must(err)
			_, err = s.ApproveBooking(s.tb.Context(), desk, s.seen(r), commands.ApproveBooking{BookingID: r.ID})
			return err
		}},
		"a key used for another body": {domain.Unprocessable, domain.CodeKeyReused, func(s *salon) error {
			o := s.key()
			_, err := s.RequestBooking(s.tb.Context(), carla, o, wish(anna, opening))
			s.must(err)
			_, err = s.RequestBooking(s.tb.Context(), carla, o, wish(anna, opening.Add(time.Hour)))
			return err
		}},
		"a store that is away": {domain.Unavailable, domain.CodeUnavailable, func(s *salon) error {
			s.store.Hook = func(op, _ string) error {
				if op == "before append" {
					return eventstore.ErrUnavailable
				}
				return nil
			}
			defer func() { s.store.Hook = nil }()
			_, err := s.request(carla, anna, opening)
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSalon(t)
			wantRefusal(t, c.try(s), c.kind, c.code)
			s.mustStand()
		})
	}
}

// approve is the approval of the only booking that the customer has.
func approve(s *salon, by commands.Caller) commands.ApproveBooking {
	s.tb.Helper()
	for _, r := range s.store.All() {
		if e, ok := r.Event.(domain.BookingRequested); ok && e.CustomerID == by.UserID {
			return commands.ApproveBooking{BookingID: e.BookingID}
		}
	}
	s.tb.Fatal("there is no such booking")
	return commands.ApproveBooking{}
}
