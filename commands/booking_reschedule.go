package commands

import (
	"context"
	"slices"
	"time"

	"github.com/royalglow/booking/domain"
)

// RescheduleBooking moves a pending or confirmed booking to another time, perhaps to other staff. Customers may move their own
// within the policy that it was booked under; the desk of its branch may at will, and needs If-Match.
type RescheduleBooking struct {
	BookingID string `json:"bookingId" validate:"required,id=bkg" doc:"The booking."`
	Start
	Assignments []Assignment      `json:"assignments,omitempty" validate:"max=20,unique=SegmentID,dive" doc:"The services that other staff shall do; all others keep theirs. For the desk."`
	Reason      string            `json:"reason,omitempty" validate:"omitempty,max=500,prose" doc:"Why, in words for the customer."`
	Overrides   []domain.Override `json:"overrides,omitempty" validate:"max=2,unique,dive,oneof=hours buffer" doc:"The limits that the desk passes over."`
}

// RescheduleBooking runs the command. It fails with BOOKING_SLOT_UNAVAILABLE and other times where the staff is not free; to
// move a booking to where it is changes nothing.
func (s *Service) RescheduleBooking(ctx context.Context, by Caller, o Options, c RescheduleBooking) (Receipt, error) {
	c.Start = c.canonical()
	overlap := false
	var moved []domain.Segment // as they were wanted
	return s.changeBooking(ctx, by, o, change{
		name: "reschedule_booking", bookingID: c.BookingID, body: c, may: c.mayIssue, admit: ofCustomerOrDesk(by),
		decide: func(ctx context.Context, b domain.Booking) ([]domain.BookingEvent, error) {
			r := domain.Reschedule{
				Staff: assigned(c.Assignments), By: partyOf(by), Reason: c.Reason, Overrides: c.Overrides, Now: s.now(),
				NewClaimID: s.claimID,
			}
			var others []string
			for _, a := range c.Assignments {
				others = append(others, a.StaffID)
			}
			var err error
			if r.Roster, err = s.rosterOf(ctx, b, others...); err != nil {
				return nil, err
			}
			if r.StartAt, err = c.in(r.Location); err != nil {
				return nil, err
			}
			moved = shifted(b.Segments, r.StartAt.Sub(b.StartAt))
			during := domain.Interval{StartAt: r.StartAt, EndAt: r.StartAt.Add(b.EndAt.Sub(b.StartAt))}
			if b.CustomerID != "" {
				if overlap, err = s.reads.Overlapping(ctx, b.CustomerID, during, b.BookingID); err != nil {
					return nil, err
				}
			}
			r.Overlapping = overlap
			return b.Reschedule(r)
		},
		wanted: func(b domain.Booking) domain.Booking {
			if len(moved) > 0 && b.Segments[0].StartAt.Equal(moved[0].StartAt) {
				return b // it got as far as its claims, with the staff that was wanted
			}
			b.Segments = moved
			return b
		},
		warn: func() []Warning {
			if overlap && by.Role.Desk() {
				return []Warning{WarnCustomerOverlap}
			}
			return nil
		},
	})
}

// shifted returns segments that begin and end later.
func shifted(segments []domain.Segment, by time.Duration) []domain.Segment {
	out := slices.Clone(segments)
	for i := range out {
		out[i].StartAt, out[i].EndAt = out[i].StartAt.Add(by), out[i].EndAt.Add(by)
	}
	return out
}

func (c RescheduleBooking) mayIssue(by Caller) error {
	if by.Role == domain.RoleCustomer && (len(c.Assignments) > 0 || len(c.Overrides) > 0) {
		return errForbidden()
	}
	return customerOrDesk(by)
}
