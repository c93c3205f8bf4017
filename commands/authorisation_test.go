package commands_test

import (
	"context"
	"fmt"
	"reflect"
	"testing"

	"github.com/royalglow/booking/commands"
	"github.com/royalglow/booking/domain"
)

// deeds issues each command with input that would be accepted from the right caller.
func deeds(s *salon, booking commands.Receipt) map[string]func(context.Context, commands.Caller) error {
	edit := func(by commands.Caller) commands.Options {
		if by.Role.Desk() {
			return s.seen(booking)
		}
		return s.key()
	}
	return map[string]func(context.Context, commands.Caller) error{
		"open branch": func(ctx context.Context, by commands.Caller) error {
			_, err := s.OpenBranch(ctx, by, s.key(), commands.OpenBranch{
				BranchID: branch, Name: "Mitte", TimeZone: "Europe/Berlin", Currency: "EUR",
			})
			return err
		},
		"offer service": func(ctx context.Context, by commands.Caller) error {
			_, err := s.OfferService(ctx, by, s.key(), commands.OfferService{
				BranchID: branch, ServiceID: "svc_massage", Name: "Massage", DurationMinutes: 45,
			})
			return err
		},
		"join staff": func(ctx context.Context, by commands.Caller) error {
			_, err := s.JoinStaff(ctx, by, s.key(), commands.JoinStaff{BranchID: branch, StaffID: "stf_newbie1"})
			return err
		},
		"request for oneself": func(ctx context.Context, by commands.Caller) error {
			w := wish(boris, opening)
			w.CustomerID = by.UserID
			_, err := s.RequestBooking(ctx, by, s.key(), w)
			return err
		},
		"request for another": func(ctx context.Context, by commands.Caller) error {
			w := wish(boris, opening)
			w.CustomerID = "usr_another1"
			_, err := s.RequestBooking(ctx, by, s.key(), w)
			return err
		},
		"approve": func(ctx context.Context, by commands.Caller) error {
			_, err := s.ApproveBooking(ctx, by, edit(by), commands.ApproveBooking{BookingID: booking.ID})
			return err
		},
		"reject": func(ctx context.Context, by commands.Caller) error {
			_, err := s.RejectBooking(ctx, by, edit(by), commands.RejectBooking{BookingID: booking.ID, Reason: "full"})
			return err
		},
		"assign": func(ctx context.Context, by commands.Caller) error {
			_, err := s.AssignStaff(ctx, by, edit(by), commands.AssignStaff{
				BookingID: booking.ID, SegmentID: "seg_1", StaffID: zoe,
			})
			return err
		},
		"cancel": func(ctx context.Context, by commands.Caller) error {
			_, err := s.CancelBooking(ctx, by, edit(by), commands.CancelBooking{
				BookingID: booking.ID, CancelledBy: domain.PartyCustomer,
			})
			return err
		},
	}
}

func TestWhoMayDoWhat(t *testing.T) {
	t.Parallel()
	manager := commands.Caller{UserID: "usr_manager", Role: domain.RoleManager, BranchIDs: []string{branch}}
	developer := commands.Caller{UserID: "usr_develop", Role: domain.RoleDeveloper}
	const ok, no, hidden = domain.Code(""), domain.CodeForbidden, domain.CodeNotFound
	columns := []commands.Caller{carla, dora, stylist, desk, manager, strangerDesk, owner, developer}
	for deed, row := range map[string][]domain.Code{
		"open branch":         {no, no, no, no, ok, no, ok, ok},
		"offer service":       {no, no, no, no, ok, no, ok, ok},
		"join staff":          {no, no, no, no, ok, no, ok, ok},
		"request for oneself": {ok, ok, no, ok, ok, no, ok, ok},
		"request for another": {no, no, no, ok, ok, no, ok, ok},
		"approve":             {no, no, no, ok, ok, hidden, ok, ok},
		"reject":              {no, no, no, ok, ok, hidden, ok, ok},
		"assign":              {no, no, no, ok, ok, hidden, ok, ok},
		"cancel":              {ok, hidden, no, ok, ok, hidden, ok, ok},
	} {
		for i, by := range columns {
			t.Run(fmt.Sprintf("%s by %s %s", deed, by.Role, by.UserID), func(t *testing.T) {
				t.Parallel()
				s := newSalon(t)
				do := deeds(s, s.mustRequest(carla, anna, opening))[deed]
				before := len(s.store.All())
				err := do(t.Context(), by)
				if row[i] == ok {
					s.must(err)
					return
				}
				if !isRefusal(err, row[i]) {
					t.Fatalf("got %v, want %s", err, row[i])
				}
				if after := len(s.store.All()); after != before {
					t.Errorf("a refused command wrote %d events", after-before)
				}
			})
		}
	}
}

func TestNotYoursAndNotThereAreOneAnswer(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	r := s.mustRequest(carla, anna, opening)
	there, notThere := deeds(s, r), deeds(s, commands.Receipt{ID: "bkg_unknown1", Revision: 0})
	for _, by := range []commands.Caller{dora, strangerDesk} {
		for _, deed := range []string{"approve", "reject", "assign", "cancel"} {
			got, want := there[deed](t.Context(), by), notThere[deed](t.Context(), by)
			if got == nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%s of another's booking by %s answers %v, of no booking %v", deed, by.UserID, got, want)
			}
		}
	}
}

func TestARoleThatNoTokenCarriesMayNothing(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	for name, do := range deeds(s, s.mustRequest(carla, anna, opening)) {
		for _, role := range []domain.Role{domain.RoleSystem, "", "admin"} {
			err := do(t.Context(), commands.Caller{UserID: "usr_system1", Role: role, BranchIDs: []string{branch}})
			if !isRefusal(err, domain.CodeUnauthenticated) {
				t.Errorf("%s as %q: %v", name, role, err)
			}
		}
	}
}
