package commands

import (
	"context"
	"log/slog"
	"slices"

	"github.com/royalglow/booking/commands/internal/staffdays"
	"github.com/royalglow/booking/domain"
)

// change is a command on a booking that exists: what is particular about it.
type change struct {
	name      string // "approve_booking"
	bookingID string
	body      any
	// may refuses callers before the booking is looked up, admit those to whom it is not there.
	may   func(Caller) error
	admit func(domain.Booking) error
	// additive: it takes nothing away that somebody else may have changed, so that the desk need not say what it has seen.
	additive bool
	decide   func(context.Context, domain.Booking) ([]domain.BookingEvent, error)
	behalf   func(domain.Booking) string
	instead  func(*staffdays.Taken) bool
	// free names the segments that anyone may do, where other times are looked for; nil: those who were named are kept to.
	free func(domain.Segment) bool
	// wanted is the booking as it would have become, where the refusal comes before that; nil: it stays as it is.
	wanted func(domain.Booking) domain.Booking
	warn   func() []Warning
}

// changeBooking runs the change.
func (s *Service) changeBooking(ctx context.Context, by Caller, o Options, c change) (Receipt, error) {
	accept := s.acceptEdit
	if c.additive {
		accept = s.accept
	}
	cmd, err := accept(c.name, by, c.may, o, c.bookingID, c.body)
	if err != nil {
		return Receipt{}, err
	}
	return run(ctx, s, edit[domain.Booking, domain.BookingEvent]{
		command: cmd, id: c.bookingID, stream: domain.BookingStream(c.bookingID), loader: s.bookings,
		admit: c.admit, decide: c.decide, claims: claimsOf, behalf: c.behalf, instead: c.instead, warn: c.warn,
		nearest: func(ctx context.Context, after domain.Booking) []Alternative {
			if c.wanted != nil {
				after = c.wanted(after)
			}
			return s.alternatives(ctx, by, after, c.free)
		},
	})
}

func claimsOf(b domain.Booking) (domain.BookingRef, []domain.Claim) { return b.BookingRef, b.Claims }

// alternatives looks for times at which the booking, as it would have become, could take place. It only helps: where it fails
// there are none.
func (s *Service) alternatives(
	ctx context.Context, by Caller, after domain.Booking, free func(domain.Segment) bool,
) []Alternative {
	w := Wanted{
		BranchID: after.BranchID, ExceptBookingID: after.BookingID, Limit: maxAlternatives, Segments: slices.Clone(after.Segments),
	}
	if len(w.Segments) == 0 {
		return nil
	}
	for i, segment := range w.Segments {
		if free != nil && free(segment) {
			w.Segments[i].StaffID = ""
		}
	}
	if by.Role == domain.RoleCustomer {
		w.Policy, w.Limit = &after.Policy, lookedAt
	}
	found, err := s.reads.Nearest(ctx, w)
	if err == nil && by.Role == domain.RoleCustomer {
		found, err = s.suiting(ctx, by, w, found)
	}
	if err != nil {
		s.log.WarnContext(ctx, "no alternatives found", slog.Any("error", err))
		return nil
	}
	return found
}

// suiting returns the first of some times at which a customer has no other booking, without telling who would serve him.
func (s *Service) suiting(ctx context.Context, by Caller, w Wanted, found []Alternative) ([]Alternative, error) {
	own, err := s.reads.OwnTime(ctx, by.UserID, w.ExceptBookingID)
	if err != nil {
		return nil, err
	}
	var out []Alternative
	for _, a := range found {
		if slices.ContainsFunc(own, domain.Interval{StartAt: a.StartAt, EndAt: a.EndAt}.Overlaps) {
			continue
		}
		a.StaffIDs = nil
		if out = append(out, a); len(out) == maxAlternatives {
			break
		}
	}
	return out, nil
}
