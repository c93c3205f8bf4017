package commands

import (
	"context"

	"github.com/royalglow/booking/domain"
)

// CheckIn notes that the customer has arrived. The booking's staff and the desk of its branch (If-Match) may issue it.
type CheckIn struct {
	BookingID string `json:"bookingId" validate:"required,id=bkg" doc:"The booking."`
}

// CheckIn runs the command, from an hour before the start until the end.
func (s *Service) CheckIn(ctx context.Context, by Caller, o Options, c CheckIn) (Receipt, error) {
	return s.changeBooking(ctx, by, o, change{
		name: "check_in", bookingID: c.BookingID, body: c, may: notCustomers, admit: ofStaffOrDesk(by),
		decide: func(_ context.Context, b domain.Booking) ([]domain.BookingEvent, error) { return b.CheckIn(s.now()) },
	})
}

// StartService notes that a service has begun. The booking's staff and the desk of its branch (If-Match) may issue it.
type StartService struct {
	BookingID string `json:"bookingId" validate:"required,id=bkg" doc:"The booking."`
	SegmentID string `json:"segmentId" validate:"required,segment" doc:"The service that has begun."`
}

// StartService runs the command.
func (s *Service) StartService(ctx context.Context, by Caller, o Options, c StartService) (Receipt, error) {
	return s.changeBooking(ctx, by, o, change{
		name: "start_service", bookingID: c.BookingID, body: c, may: notCustomers, admit: ofStaffOrDesk(by),
		decide: func(_ context.Context, b domain.Booking) ([]domain.BookingEvent, error) {
			if err := ownSegment(by, b, c.SegmentID); err != nil {
				return nil, err
			}
			return b.StartService(c.SegmentID, s.now())
		},
	})
}

// FinishService notes that a service is done. The booking's staff and the desk of its branch (If-Match) may issue it.
type FinishService struct {
	BookingID string `json:"bookingId" validate:"required,id=bkg" doc:"The booking."`
	SegmentID string `json:"segmentId" validate:"required,segment" doc:"The service that is done."`
}

// FinishService runs the command. Time that is left is free for others.
func (s *Service) FinishService(ctx context.Context, by Caller, o Options, c FinishService) (Receipt, error) {
	return s.changeBooking(ctx, by, o, change{
		name: "finish_service", bookingID: c.BookingID, body: c, may: notCustomers, admit: ofStaffOrDesk(by),
		decide: func(_ context.Context, b domain.Booking) ([]domain.BookingEvent, error) {
			if err := ownSegment(by, b, c.SegmentID); err != nil {
				return nil, err
			}
			loc, err := s.locationOf(b)
			if err != nil {
				return nil, err
			}
			return b.FinishService(domain.FinishService{
				SegmentID: c.SegmentID, Location: loc, Now: s.now(), NewClaimID: s.claimID,
			})
		},
	})
}

// ownSegment keeps staff to the segments that they do themselves.
func ownSegment(by Caller, b domain.Booking, segmentID string) error {
	if segment, ok := b.Segment(segmentID); by.Role == domain.RoleStaff && ok && segment.StaffID != by.StaffID {
		return errForbidden()
	}
	return nil
}

// CompleteBooking notes that the customer has paid and left. The desk of the booking's branch may issue it; If-Match is required.
type CompleteBooking struct {
	BookingID     string               `json:"bookingId" validate:"required,id=bkg" doc:"The booking."`
	PaymentMethod domain.PaymentMethod `json:"paymentMethod" validate:"required,oneof=cash upi card" doc:"How it was paid."`
	PaidMinor     *int64               `json:"paidMinor,omitempty" validate:"omitempty,min=0,max=100000000000" doc:"What was paid, in minor units of the booking's currency; what was booked unless given."`
}

// CompleteBooking runs the command. A confirmed booking that nobody has started is started with it.
func (s *Service) CompleteBooking(ctx context.Context, by Caller, o Options, c CompleteBooking) (Receipt, error) {
	return s.changeBooking(ctx, by, o, change{
		name: "complete_booking", bookingID: c.BookingID, body: c, may: deskOnly, admit: ofDesk(by),
		decide: func(_ context.Context, b domain.Booking) ([]domain.BookingEvent, error) {
			loc, err := s.locationOf(b)
			if err != nil {
				return nil, err
			}
			paid := payment(b, c.PaymentMethod, c.PaidMinor)
			return b.Complete(domain.Complete{
				Method: paid.Method, PaidMinor: paid.PaidMinor, Location: loc, Now: s.now(), NewClaimID: s.claimID,
			})
		},
	})
}
