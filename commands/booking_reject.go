package commands

import (
	"context"

	"github.com/royalglow/booking/domain"
)

// RejectBooking declines a pending booking. The desk of the booking's branch may issue it; If-Match is required.
type RejectBooking struct {
	BookingID  string `json:"bookingId" validate:"required,id=bkg" doc:"The booking."`
	ReasonCode string `json:"reasonCode,omitempty" validate:"omitempty,code" doc:"Why, for programs of the salon, such as fully_booked."`
	Reason     string `json:"reason" validate:"required,min=1,max=500,prose" doc:"Why, in words for the customer."`
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
