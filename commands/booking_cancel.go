package commands

import (
	"context"

	"github.com/royalglow/booking/domain"
)

// CancelBooking ends a booking before it takes place. Customers may cancel their own; the desk of its branch may cancel for
// the salon, or for a customer who asked it to, and needs If-Match.
type CancelBooking struct {
	BookingID   string       `json:"bookingId" validate:"required,id=bkg" doc:"The booking."`
	CancelledBy domain.Party `json:"cancelledBy,omitempty" validate:"omitempty,oneof=customer salon" doc:"Whose wish it is. A customer's own cancellation is his; the desk's is the salon's unless it says customer."`
	ReasonCode  string       `json:"reasonCode,omitempty" validate:"omitempty,oneof=staff_unavailable branch_closed equipment duplicate customer_request customer_left other" doc:"Why, for the salon, which must give one when it cancels."`
	Reason      string       `json:"reason,omitempty" validate:"omitempty,max=500,prose" doc:"Why, in words for the customer."`
}

// CancelBooking runs the command.
func (s *Service) CancelBooking(ctx context.Context, by Caller, o Options, c CancelBooking) (Receipt, error) {
	return s.changeBooking(ctx, by, o, change{
		name: "cancel_booking", bookingID: c.BookingID, body: c, may: c.mayIssue, admit: ofCustomerOrDesk(by),
		decide: func(_ context.Context, b domain.Booking) ([]domain.BookingEvent, error) {
			return b.Cancel(domain.Cancel{By: c.party(by), ReasonCode: c.ReasonCode, Reason: c.Reason, Now: s.now()})
		},
		behalf: func(b domain.Booking) string {
			if by.Role.Desk() && c.party(by) == domain.PartyCustomer {
				return b.CustomerID
			}
			return ""
		},
	})
}

// party is whose wish the cancellation is.
func (c CancelBooking) party(by Caller) domain.Party {
	if c.CancelledBy != "" {
		return c.CancelledBy
	}
	return partyOf(by)
}

// partyOf is whom a caller acts for by himself.
func partyOf(by Caller) domain.Party {
	if by.Role == domain.RoleCustomer {
		return domain.PartyCustomer
	}
	return domain.PartySalon
}

// faultsOf asks the desk why the salon cancels.
func (c CancelBooking) faultsOf(by Caller) []FieldError {
	if by.Role.Desk() && c.party(by) == domain.PartySalon && c.ReasonCode == "" {
		return []FieldError{{Pointer: "/reasonCode", Message: "is required when the salon cancels"}}
	}
	return nil
}

func (c CancelBooking) mayIssue(by Caller) error {
	switch {
	case by.Role == domain.RoleCustomer && c.party(by) == domain.PartyCustomer:
		return nil
	case !by.Role.Desk():
		return errForbidden()
	}
	return nil
}
