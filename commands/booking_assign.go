package commands

import (
	"context"

	"github.com/royalglow/booking/domain"
)

// AssignStaff gives one segment of an open booking to a member of staff. The desk of the booking's branch may issue it;
// If-Match is required.
type AssignStaff struct {
	BookingID string            `json:"bookingId" validate:"required,id=bkg" doc:"The booking."`
	SegmentID string            `json:"segmentId" validate:"required,segment" doc:"A service of the booking."`
	StaffID   string            `json:"staffId" validate:"required,id=stf" doc:"Who shall do it."`
	Overrides []domain.Override `json:"overrides,omitempty" validate:"max=2,unique,dive,oneof=hours buffer" doc:"The limits that the desk passes over."`
}

// AssignStaff runs the command. It fails with BOOKING_SLOT_UNAVAILABLE where the member is not free; the booking then keeps
// what it holds. To assign who is assigned already changes nothing.
func (s *Service) AssignStaff(ctx context.Context, by Caller, o Options, c AssignStaff) (Receipt, error) {
	return s.changeBooking(ctx, by, o, change{
		name: "assign_staff", bookingID: c.BookingID, body: c, may: deskOnly, admit: ofDesk(by),
		decide: func(ctx context.Context, b domain.Booking) ([]domain.BookingEvent, error) {
			roster, err := s.rosterFor(ctx, b, map[string]string{c.SegmentID: c.StaffID})
			if err != nil {
				return nil, err
			}
			return b.Assign(domain.Assign{
				Roster: roster, SegmentID: c.SegmentID, StaffID: c.StaffID, Overrides: c.Overrides, NewClaimID: s.claimID,
			})
		},
	})
}
