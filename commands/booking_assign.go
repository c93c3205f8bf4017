package commands

import (
	"context"

	"github.com/royalglow/booking/domain"
)

// AssignStaff gives one segment of a pending or confirmed booking to another member of staff. The desk of the booking's
// branch may issue it; If-Match is required.
type AssignStaff struct {
	BookingID string `json:"bookingId" validate:"required,id=bkg"`
	SegmentID string `json:"segmentId" validate:"required,segment"`
	StaffID   string `json:"staffId" validate:"required,id=stf"`
}

// AssignStaff runs the command. It fails with BOOKING_SLOT_UNAVAILABLE where the member is not free; the booking then keeps
// what it holds. To assign who is assigned already changes nothing.
func (s *Service) AssignStaff(ctx context.Context, by Caller, o Options, c AssignStaff) (Receipt, error) {
	cmd, err := s.acceptEdit("assign_staff", by, deskOnly, o, c.BookingID, c)
	if err != nil {
		return Receipt{}, err
	}
	return run(ctx, s, edit[domain.Booking, domain.BookingEvent]{
		command: cmd, id: c.BookingID, stream: domain.BookingStream(c.BookingID),
		admit: deskOfBooking(by), claims: claimsOf,
		decide: func(ctx context.Context, b domain.Booking) ([]domain.BookingEvent, error) {
			facts, err := b.Assign(domain.Assign{SegmentID: c.SegmentID, StaffID: c.StaffID, NewClaimID: s.claimID})
			if err != nil {
				return nil, err
			}
			return facts, s.qualifiedFor(ctx, b, []Assignment{{SegmentID: c.SegmentID, StaffID: c.StaffID}})
		},
	})
}
