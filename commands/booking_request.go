package commands

import (
	"context"
	"time"

	"github.com/royalglow/booking/domain"
)

// RequestBooking asks for services at a branch from an instant on, one after the other. Customers issue it for themselves,
// the desk of the branch for a customer; the policy's limits bind customers only.
type RequestBooking struct {
	// CustomerID is required of the desk; customers may leave it out.
	CustomerID string `json:"customerId,omitempty" validate:"omitempty,id=usr"`
	BranchID   string `json:"branchId" validate:"required,id=br"`
	// StartAt is an instant on a whole minute.
	StartAt  time.Time          `json:"startAt" validate:"required,instant"`
	Services []RequestedService `json:"services" validate:"min=1,max=10,dive"`
}

// RequestedService is a service and who shall do it; without StaffID anyone who is free.
type RequestedService struct {
	ServiceID string `json:"serviceId" validate:"required,id=svc"`
	StaffID   string `json:"staffId,omitempty" validate:"omitempty,id=stf"`
}

// RequestBooking runs the command. The receipt's ID is the new booking's.
func (s *Service) RequestBooking(ctx context.Context, by Caller, o Options, c RequestBooking) (Receipt, error) {
	c.StartAt = c.StartAt.UTC() // the same instant in another zone is the same command
	key, err := o.key()
	if err != nil {
		return Receipt{}, err
	}
	o.IdempotencyKey = key
	cmd, err := s.accept("request_booking", by, c.mayIssue, o, "", c)
	if err != nil {
		return Receipt{}, err
	}
	request := &request{service: s, by: by, wish: c, id: s.mint(domain.BookingPrefix, cmd.actor, key)}
	return run(ctx, s, edit[domain.Booking, domain.BookingEvent]{
		command: cmd, id: request.id, stream: domain.BookingStream(request.id),
		decide: request.decide, claims: claimsOf, instead: request.instead,
		behalf: func(domain.Booking) string { return c.behalf(by) },
	})
}

// mayIssue keeps customers to themselves and desks to their branches.
func (c RequestBooking) mayIssue(by Caller) error {
	switch {
	case by.Role.Desk() && c.CustomerID == "":
		return errInvalid(FieldError{Pointer: "/customerId", Message: "is required of the desk"})
	case by.runs(c.BranchID), by.Role == domain.RoleCustomer && (c.CustomerID == "" || by.owns(c.CustomerID)):
		return nil
	}
	return errForbidden()
}

// behalf names the customer when the desk issues the command.
func (c RequestBooking) behalf(by Caller) string {
	if by.Role.Desk() {
		return c.CustomerID
	}
	return ""
}

func claimsOf(b domain.Booking) []domain.Claim { return b.Claims }

// request is a RequestBooking while it is decided.
type request struct {
	service *Service
	by      Caller
	wish    RequestBooking
	id      string
	taken   []busy // who turned out to be busy; proposals leave them out
}

func (r *request) customer() string {
	if r.by.Role.Desk() {
		return r.wish.CustomerID
	}
	return r.by.UserID
}

func (r *request) decide(ctx context.Context, b domain.Booking) ([]domain.BookingEvent, error) {
	branch, err := r.service.branch(ctx, r.wish.BranchID)
	if err != nil {
		return nil, err
	}
	choices, err := r.choose(ctx, branch)
	if err != nil {
		return nil, err
	}
	active := 0
	if r.by.Role == domain.RoleCustomer {
		if active, err = r.service.active.ActiveBookings(ctx, r.by.UserID); err != nil {
			return nil, err
		}
	}
	loc, err := time.LoadLocation(branch.TimeZone)
	if err != nil {
		return nil, err
	}
	return b.Request(domain.Request{
		BookingID: r.id, CustomerID: r.customer(), Branch: branch, Location: loc,
		StartAt: r.wish.StartAt, Services: choices, Actor: r.by.actor(r.wish.behalf(r.by)),
		ActiveBookings: active, Now: r.service.now(), NewClaimID: r.service.claimID,
	})
}
