package commands

import (
	"context"

	"github.com/royalglow/booking/domain"
)

// UnassignStaff takes a segment of an open booking from its member of staff. A confirmed booking stays confirmed, and needs
// staff. The desk of the booking's branch may issue it; If-Match is required.
type UnassignStaff struct {
	BookingID string `json:"bookingId" validate:"required,id=bkg" doc:"The booking."`
	SegmentID string `json:"segmentId" validate:"required,segment" doc:"A service of the booking."`
	Reason    string `json:"reason" validate:"required,max=500,prose" doc:"Why, for the salon."`
}

// UnassignStaff runs the command. To take what nobody has changes nothing.
func (s *Service) UnassignStaff(ctx context.Context, by Caller, o Options, c UnassignStaff) (Receipt, error) {
	return s.changeBooking(ctx, by, o, change{
		name: "unassign_staff", bookingID: c.BookingID, body: c, may: deskOnly, admit: ofDesk(by),
		decide: func(_ context.Context, b domain.Booking) ([]domain.BookingEvent, error) {
			loc, err := s.locationOf(b)
			if err != nil {
				return nil, err
			}
			return b.Unassign(domain.Unassign{
				SegmentID: c.SegmentID, Reason: c.Reason, Roster: domain.Roster{Location: loc}, NewClaimID: s.claimID,
			})
		},
	})
}
