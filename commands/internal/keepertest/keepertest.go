// Package keepertest is what the tests of the keepers have in common: a salon in memory, and a way to show a keeper the log.
package keepertest

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/royalglow/booking/commands"
	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/eventstore/memstore"
	"github.com/royalglow/booking/internal/subscription"
)

// The salon.
const (
	Branch = "br_mitte1"
	Cut    = "svc_haircut"
	Anna   = "stf_anna01"
	Boris  = "stf_boris1"
)

// Now is the salon's clock at first.
func Now() time.Time { return time.Date(2026, 6, 15, 8, 0, 0, 0, time.UTC) }

// Opening is a time well ahead of Now.
func Opening() time.Time { return time.Date(2026, 6, 16, 10, 0, 0, 0, time.UTC) }

// Owner may do everything.
func Owner() commands.Caller {
	return commands.Caller{UserID: "usr_owner1", Role: domain.RoleOwner}
}

// Carla is a customer.
func Carla() commands.Caller {
	return commands.Caller{UserID: "usr_carla1", Role: domain.RoleCustomer}
}

// Stylist is Anna.
func Stylist() commands.Caller {
	return commands.Caller{UserID: "usr_anna01", Role: domain.RoleStaff, StaffID: Anna, BranchIDs: []string{Branch}}
}

// Salon is an open branch in memory, with a service and two members of staff.
type Salon struct {
	TB    testing.TB
	Store *memstore.Store
	*commands.Service
	Time time.Time // what Clock says
}

// New opens the salon.
func New(tb testing.TB) *Salon {
	tb.Helper()
	s := &Salon{TB: tb, Store: memstore.New(), Time: Now()}
	var err error
	s.Service, err = commands.New(commands.Config{
		Store: s.Store, Reads: Nothing{}, Vault: Nothing{}, Secret: []byte("a secret of the tests"), Now: s.Clock,
		Jitter: func(time.Duration) time.Duration { return 0 },
	})
	s.Must(err)
	ctx := tb.Context()
	_, err = s.OpenBranch(ctx, Owner(), commands.Options{}, commands.OpenBranch{
		BranchID: Branch, Name: "Mitte", TimeZone: "Europe/Berlin", Currency: "EUR",
	})
	s.Must(err)
	_, err = s.OfferService(ctx, Owner(), commands.Options{}, commands.OfferService{
		BranchID: Branch, ServiceID: Cut, Name: "Cut", DurationMinutes: 30, PriceMinor: 1500,
	})
	s.Must(err)
	for _, member := range []string{Anna, Boris} {
		_, err := s.JoinStaff(ctx, Owner(), commands.Options{}, commands.JoinStaff{BranchID: Branch, StaffID: member})
		s.Must(err)
	}
	return s
}

// Clock tells the salon's time.
func (s *Salon) Clock() time.Time { return s.Time }

// Must fails the test for an error.
func (s *Salon) Must(err error) {
	s.TB.Helper()
	if err != nil {
		s.TB.Fatal(err)
	}
}

// Request books a cut by the member for Carla.
func (s *Salon) Request(member string, at time.Time) commands.Receipt {
	s.TB.Helper()
	r, err := s.RequestBooking(s.TB.Context(), Carla(), commands.Options{}, commands.RequestBooking{
		BranchID: Branch, Start: commands.Start{StartAt: at}, Services: []commands.RequestedService{{ServiceID: Cut, StaffID: member}},
	})
	s.Must(err)
	return r
}

// Confirm approves a booking.
func (s *Salon) Confirm(r commands.Receipt) commands.Receipt {
	s.TB.Helper()
	r, err := s.ApproveBooking(s.TB.Context(), Owner(), Seen(r), commands.ApproveBooking{BookingID: r.ID})
	s.Must(err)
	return r
}

// Seen is the options of who has seen the receipt's revision.
func Seen(r commands.Receipt) commands.Options { return commands.Options{IfMatch: &r.Revision} }

// Booking folds one booking from the log.
func (s *Salon) Booking(id string) domain.Booking {
	s.TB.Helper()
	var b domain.Booking
	for r, err := range s.Store.Read(s.TB.Context(), domain.BookingStream(id), 0) {
		s.Must(err)
		b = b.Evolve(r.Event.(domain.BookingEvent)) //nolint:forcetypeassert // nothing else is on that stream
	}
	return b
}

// Follow hands a keeper what it has not seen yet.
func Follow(tb testing.TB, store *memstore.Store, h subscription.Handler) {
	tb.Helper()
	at, err := h.Checkpoint(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	log := slices.DeleteFunc(store.All(), func(r eventstore.Recorded) bool { return r.Position <= at })
	if len(log) == 0 {
		return
	}
	if err := h.Handle(tb.Context(), subscription.Batch{Events: log, Position: log[len(log)-1].Position}); err != nil {
		tb.Fatal(err)
	}
}

// Nothing is read models without anything in them, and a vault that seals nothing.
type Nothing struct{}

// StaffFor proposes nobody.
func (Nothing) StaffFor(context.Context, string, string, []domain.Interval) ([]string, error) {
	return nil, nil
}

// Doubted doubts nobody.
func (Nothing) Doubted(context.Context, string, []domain.Segment) ([]string, error) { return nil, nil }

// SeenBookings waits for nothing.
func (Nothing) SeenBookings(context.Context, eventstore.Position) error { return nil }

// ActiveBookings counts none.
func (Nothing) ActiveBookings(context.Context, string) (int, error) { return 0, nil }

// NeedsApproval is said of nobody.
func (Nothing) NeedsApproval(context.Context, string) (bool, error) { return false, nil }

// Overlapping finds nothing.
func (Nothing) Overlapping(context.Context, string, domain.Interval, string) (bool, error) {
	return false, nil
}

// OwnTime finds nothing.
func (Nothing) OwnTime(context.Context, string, string) ([]domain.Interval, error) { return nil, nil }

// ClosureConflicts finds none.
func (Nothing) ClosureConflicts(context.Context, string, domain.Interval) ([]string, error) {
	return nil, nil
}

// OnShift finds nobody.
func (Nothing) OnShift(context.Context, string, domain.Interval) ([]string, error) { return nil, nil }

// Nearest finds nothing.
func (Nothing) Nearest(context.Context, commands.Wanted) ([]commands.Alternative, error) {
	return nil, nil
}

// Seal seals nothing.
func (Nothing) Seal(context.Context, string, domain.SecretKind, string) (domain.Sealed, error) {
	return domain.Sealed{KeyID: "key_none"}, nil
}

// Discard has nothing to delete.
func (Nothing) Discard(context.Context, ...string) error { return nil }
