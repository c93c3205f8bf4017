package commands_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/royalglow/booking/commands"
	"github.com/royalglow/booking/domain"
)

func TestEveryWrongFieldIsNamed(t *testing.T) {
	t.Parallel()
	few, many := 0, 400
	for name, c := range map[string]struct {
		want []string
		try  func(s *salon) error
	}{
		"a request full of nonsense": {
			[]string{"/customerId", "/branchId", "/startAt", "/services/0/serviceId", "/services/1/staffId"},
			func(s *salon) error {
				_, err := s.RequestBooking(s.tb.Context(), carla, s.key(), commands.RequestBooking{
					CustomerID: "usr_a", BranchID: "branch", Start: commands.Start{StartAt: opening.Add(time.Second)},
					Services: []commands.RequestedService{{ServiceID: "svc_:*"}, {ServiceID: cut, StaffID: "anna"}},
				})
				return err
			},
		},
		"an empty request": {
			[]string{"/branchId", "/startAt", "/services"},
			func(s *salon) error {
				_, err := s.RequestBooking(s.tb.Context(), carla, s.key(), commands.RequestBooking{})
				return err
			},
		},
		"eleven services in another century": {
			[]string{"/startAt", "/services"},
			func(s *salon) error {
				w := wish(anna, opening.AddDate(100, 0, 0), slices.Repeat([]string{cut}, 11)...)
				_, err := s.RequestBooking(s.tb.Context(), carla, s.key(), w)
				return err
			},
		},
		"a desk that names no customer": {
			[]string{"/customerId"},
			func(s *salon) error {
				_, err := s.request(desk, anna, opening)
				return err
			},
		},
		"a branch nowhere": {
			[]string{"/name", "/timeZone", "/currency", "/policy/horizonDays", "/policy/activeCap"},
			func(s *salon) error {
				_, err := s.OpenBranch(s.tb.Context(), owner, s.key(), commands.OpenBranch{
					BranchID: branch, TimeZone: "Local", Currency: "XXY",
					Policy: commands.PolicyTerms{HorizonDays: &many, ActiveCap: &few},
				})
				return err
			},
		},
		"a service for less than nothing": {
			[]string{"/durationMinutes", "/priceMinor"},
			func(s *salon) error {
				_, err := s.OfferService(s.tb.Context(), owner, s.key(), commands.OfferService{
					BranchID: branch, ServiceID: cut, Name: "Cut", DurationMinutes: 1441, PriceMinor: -1,
				})
				return err
			},
		},
		"skills that are none": {
			[]string{"/staffId", "/skills/1"},
			func(s *salon) error {
				_, err := s.JoinStaff(s.tb.Context(), owner, s.key(), commands.JoinStaff{
					BranchID: branch, StaffID: "usr_anna01", Skills: []string{cut, "cut"},
				})
				return err
			},
		},
		"an approval of segments that cannot be": {
			[]string{"/bookingId", "/assignments/0/segmentId", "/assignments/1/staffId"},
			func(s *salon) error {
				_, err := s.ApproveBooking(s.tb.Context(), desk, s.key(), commands.ApproveBooking{
					BookingID: "bkg_1", Assignments: []commands.Assignment{
						{SegmentID: "seg_01", StaffID: anna}, {SegmentID: "seg_2", StaffID: "stf_"},
					},
				})
				return err
			},
		},
		"a segment assigned twice": {
			[]string{"/assignments"},
			func(s *salon) error {
				_, err := s.ApproveBooking(s.tb.Context(), desk, s.key(), commands.ApproveBooking{
					BookingID: "bkg_unknown1", Assignments: []commands.Assignment{
						{SegmentID: "seg_1", StaffID: anna}, {SegmentID: "seg_1", StaffID: zoe},
					},
				})
				return err
			},
		},
		"a rejection without a reason": {
			[]string{"/reasonCode", "/reason"},
			func(s *salon) error {
				_, err := s.RejectBooking(s.tb.Context(), desk, s.key(), commands.RejectBooking{BookingID: "bkg_unknown1", ReasonCode: "No!"})
				return err
			},
		},
		"a rejection that is too long": {
			[]string{"/reason"},
			func(s *salon) error {
				_, err := s.RejectBooking(s.tb.Context(), desk, s.key(), commands.RejectBooking{
					BookingID: "bkg_unknown1", Reason: strings.Repeat("x", 501),
				})
				return err
			},
		},
		"a cancellation by nobody for nothing": {
			[]string{"/cancelledBy", "/reasonCode"},
			func(s *salon) error {
				_, err := s.CancelBooking(s.tb.Context(), desk, s.key(), commands.CancelBooking{
					BookingID: "bkg_unknown1", CancelledBy: "system", ReasonCode: "mood",
				})
				return err
			},
		},
		"a salon that cancels without a code": {
			[]string{"/reasonCode"},
			func(s *salon) error {
				_, err := s.CancelBooking(s.tb.Context(), desk, s.key(), commands.CancelBooking{BookingID: "bkg_unknown1"})
				return err
			},
		},
		"a key that is a path": {
			[]string{"Idempotency-Key"},
			func(s *salon) error {
				_, err := s.RequestBooking(s.tb.Context(), carla, commands.Options{IdempotencyKey: "../x"}, wish(anna, opening))
				return err
			},
		},
		"a key of 65 characters": {
			[]string{"Idempotency-Key"},
			func(s *salon) error {
				o := commands.Options{IdempotencyKey: strings.Repeat("k", 65)}
				_, err := s.CancelBooking(s.tb.Context(), carla, o, commands.CancelBooking{BookingID: "bkg_unknown1"})
				return err
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSalon(t)
			before := len(s.store.All())
			r := refusal(t, c.try(s), domain.Invalid, domain.CodeValidation)
			var named []string
			for _, f := range r.Details["fields"].([]commands.FieldError) {
				named = append(named, f.Pointer+f.Header)
				if f.Message == "" || f.Message == "is not valid" {
					t.Errorf("%s: nothing says what it must be", f.Pointer)
				}
			}
			if !reflect.DeepEqual(named, c.want) {
				t.Errorf("named %q, want %q", named, c.want)
			}
			if after := len(s.store.All()); after != before {
				t.Errorf("bad input wrote %d events", after-before)
			}
		})
	}
}

func TestAServiceWithoutItsPartsIsRefused(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	for name, c := range map[string]commands.Config{
		"nothing":        {},
		"a short secret": {Store: s.store, Reads: &s.reads, Vault: s.vault, Secret: []byte("short")},
		"no vault":       {Store: s.store, Reads: &s.reads, Secret: []byte("a secret of the tests")},
	} {
		if _, err := commands.New(c); err == nil {
			t.Errorf("a service was made of %s", name)
		}
	}
}
