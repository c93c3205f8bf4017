package commands

import (
	"context"

	"github.com/royalglow/booking/domain"
)

// RejectBooking declines a pending booking. The desk of the booking's branch may issue it; If-Match is required.
type RejectBooking struct {
	BookingID string `json:"bookingId" validate:"required,id=bkg"`
	// ReasonCode is for programs, such as "fully_booked"; it may be empty. Reason is shown to the customer.
	ReasonCode string `json:"reasonCode,omitempty" validate:"omitempty,code"`
	Reason     string `json:"reason" validate:"required,min=1,max=500,prose"`
}

// RejectBooking runs the command.
func (s *Service) RejectBooking(ctx context.Context, by Caller, o Options, c RejectBooking) (Receipt, error) {
	return s.changeBooking(ctx, by, o, change{
		name: "reject_booking", bookingID: c.BookingID, body: c, may: deskOnly, admit: ofDesk(by),
		decide: func(_ context.Context, b domain.Booking) ([]domain.BookingEvent, error) {
			return b.Reject(domain.Reject{ReasonCode: c.ReasonCode, Reason: c.Reason})
		},
	})
}
