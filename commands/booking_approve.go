package commands

import (
	"context"

	"github.com/royalglow/booking/domain"
)

// ApproveBooking makes a pending booking firm, with the staff that is held or with other staff. The desk of the booking's
// branch may issue it; If-Match is required.
type ApproveBooking struct {
	BookingID string `json:"bookingId" validate:"required,id=bkg"`
	// Assignments name segments that other staff shall do; all others keep theirs.
	Assignments []Assignment `json:"assignments,omitempty" validate:"max=10,unique=SegmentID,dive"`
}

// Assignment gives one segment of a booking to a member of staff.
type Assignment struct {
	SegmentID string `json:"segmentId" validate:"required,segment"`
	StaffID   string `json:"staffId" validate:"required,id=stf"`
}

// ApproveBooking runs the command. It fails with BOOKING_SLOT_UNAVAILABLE where assigned staff is not free; the booking then
// stays pending with what it holds.
func (s *Service) ApproveBooking(ctx context.Context, by Caller, o Options, c ApproveBooking) (Receipt, error) {
	cmd, err := s.acceptEdit("approve_booking", by, deskOnly, o, c.BookingID, c)
	if err != nil {
		return Receipt{}, err
	}
	return run(ctx, s, edit[domain.Booking, domain.BookingEvent]{
		command: cmd, id: c.BookingID, stream: domain.BookingStream(c.BookingID),
		admit: deskOfBooking(by), claims: claimsOf,
		decide: func(ctx context.Context, b domain.Booking) ([]domain.BookingEvent, error) {
			staff := map[string]string{}
			for _, a := range c.Assignments {
				staff[a.SegmentID] = a.StaffID
			}
			facts, err := b.Confirm(domain.Confirm{Staff: staff, Now: s.now(), NewClaimID: s.claimID})
			if err != nil {
				return nil, err
			}
			return facts, s.qualifiedFor(ctx, b, c.Assignments)
		},
	})
}

// qualifiedFor refuses assignments of staff who do not do what they are to do.
func (s *Service) qualifiedFor(ctx context.Context, b domain.Booking, assignments []Assignment) error {
	for _, a := range assignments {
		segment, ok := b.Segment(a.SegmentID)
		if !ok || segment.StaffID == a.StaffID {
			continue // nothing changes: whoever was held stays
		}
		if err := s.qualified(ctx, a.StaffID, b.BranchID, segment.ServiceID); err != nil {
			return err
		}
	}
	return nil
}
