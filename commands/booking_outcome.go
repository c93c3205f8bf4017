package commands

import (
	"context"

	"github.com/royalglow/booking/domain"
)

// MarkNoShow notes that the customer of a confirmed booking did not come. The desk of its branch may issue it from some minutes
// after the start on; If-Match is required.
type MarkNoShow struct {
	BookingID string `json:"bookingId" validate:"required,id=bkg" doc:"The booking."`
}

// MarkNoShow runs the command. What is left of the time is free for others.
func (s *Service) MarkNoShow(ctx context.Context, by Caller, o Options, c MarkNoShow) (Receipt, error) {
	return s.changeBooking(ctx, by, o, change{
		name: "mark_no_show", bookingID: c.BookingID, body: c, may: deskOnly, admit: ofDesk(by),
		decide: func(_ context.Context, b domain.Booking) ([]domain.BookingEvent, error) {
			loc, err := s.locationOf(b)
			if err != nil {
				return nil, err
			}
			return b.MarkNoShow(domain.NoShow{Location: loc, Now: s.now(), NewClaimID: s.claimID})
		},
	})
}

// CorrectOutcome puts a wrong outcome right. The desk of the booking's branch may issue it for a day, a manager later too, and
// only a manager for what was paid; If-Match is required.
type CorrectOutcome struct {
	BookingID string        `json:"bookingId" validate:"required,id=bkg" doc:"The booking."`
	ToStatus  domain.Status `json:"toStatus" validate:"required,oneof=pending confirmed in_progress completed cancelled" doc:"What it should be. A no-show becomes confirmed, completed or cancelled; a cancelled one what it was before, confirmed or pending; a completed one in_progress."`
	Reason    string        `json:"reason" validate:"required,max=500,prose" doc:"Why, for the salon."`
	// What was paid may be said of what is corrected to completed, as in CompleteBooking.
	PaymentMethod domain.PaymentMethod `json:"paymentMethod,omitempty" validate:"omitempty,oneof=cash upi card" doc:"How it was paid, of what becomes completed; nothing is noted unless given."`
	PaidMinor     *int64               `json:"paidMinor,omitempty" validate:"omitempty,min=0,max=100000000000" doc:"What was paid, with paymentMethod, in minor units of the booking's currency; what was booked unless given."`
}

// CorrectOutcome runs the command. It fails with BOOKING_SLOT_UNAVAILABLE where the time has been given to somebody else.
func (s *Service) CorrectOutcome(ctx context.Context, by Caller, o Options, c CorrectOutcome) (Receipt, error) {
	return s.changeBooking(ctx, by, o, change{
		name: "correct_outcome", bookingID: c.BookingID, body: c, may: deskOnly, admit: ofDesk(by),
		decide: func(_ context.Context, b domain.Booking) ([]domain.BookingEvent, error) {
			loc, err := s.locationOf(b)
			if err != nil {
				return nil, err
			}
			correct := domain.Correct{
				To: c.ToStatus, Reason: c.Reason, Manager: by.Role.Manager(), Location: loc, Now: s.now(), NewClaimID: s.claimID,
			}
			if c.PaymentMethod != "" {
				return b.CorrectPaid(correct, payment(b, c.PaymentMethod, c.PaidMinor))
			}
			return b.Correct(correct)
		},
	})
}
