package commands

import (
	"context"

	"github.com/royalglow/booking/domain"
)

// RequestBooking asks for services at a branch from a time on, one after the other. Customers issue it for themselves,
// the desk of the branch for a customer; the policy's limits bind customers only.
type RequestBooking struct {
	CustomerID string `json:"customerId,omitempty" validate:"omitempty,id=usr" doc:"Whom it is for: required of the desk. Customers may leave it out."`
	BranchID   string `json:"branchId" validate:"required,id=br" doc:"The branch at which it takes place."`
	Start
	Services  []RequestedService `json:"services" validate:"min=1,max=10,dive" doc:"What is wanted, one after the other, in this order."`
	Overrides []domain.Override  `json:"overrides,omitempty" validate:"max=2,unique,dive,oneof=hours buffer" doc:"The limits that the desk passes over."`
}

// RequestedService is a service and who shall do it; without StaffID anyone who is free.
type RequestedService struct {
	ServiceID string `json:"serviceId" validate:"required,id=svc" doc:"A service that the branch offers."`
	StaffID   string `json:"staffId,omitempty" validate:"omitempty,id=stf" doc:"Who shall do it; anyone who is free unless given."`
}

// RequestBooking runs the command. The receipt's ID is the new booking's. It fails with BOOKING_SLOT_UNAVAILABLE and other
// times where nobody is free, and warns the desk where the customer has another booking at this time.
func (s *Service) RequestBooking(ctx context.Context, by Caller, o Options, c RequestBooking) (Receipt, error) {
	c.Start = c.canonical()
	key, err := o.key()
	if err != nil {
		return Receipt{}, err
	}
	o.IdempotencyKey = key
	cmd, err := s.accept("request_booking", by, c.mayIssue, o, "", c)
	if err != nil {
		return Receipt{}, err
	}
	request := &request{
		service: s, by: by, wish: c, staffing: staffing{service: s, wishes: c.Services, overrides: c.Overrides},
		id: s.mint(domain.BookingPrefix, cmd.actor, key),
	}
	return s.inTurn(ctx, by, cmd, func() (Receipt, error) {
		return run(ctx, s, edit[domain.Booking, domain.BookingEvent]{
			command: cmd, id: request.id, stream: domain.BookingStream(request.id), loader: s.bookings, creates: true,
			decide: request.decide, claims: claimsOf, instead: request.instead, nearest: request.nearest, warn: request.warnings,
			behalf: func(domain.Booking) string { return behalf(by, c.CustomerID) }, named: request.named(),
		})
	})
}

// faultsOf asks the desk whom the booking is for.
func (c RequestBooking) faultsOf(by Caller) []FieldError {
	if by.Role.Desk() && c.CustomerID == "" {
		return []FieldError{{Pointer: "/customerId", Message: "is required of the desk"}}
	}
	return nil
}

// mayIssue keeps customers to themselves and desks to their branches.
func (c RequestBooking) mayIssue(by Caller) error {
	switch {
	case by.Role == domain.RoleCustomer && len(c.Overrides) > 0:
		return errForbidden()
	case by.runs(c.BranchID), by.Role == domain.RoleCustomer && (c.CustomerID == "" || by.owns(c.CustomerID)):
		return nil
	}
	return errForbidden()
}

// behalf names the customer when the desk acts for one.
func behalf(by Caller, customerID string) string {
	if by.Role.Desk() {
		return customerID
	}
	return ""
}

// request is a RequestBooking while it is decided.
type request struct {
	staffing
	service *Service
	by      Caller
	wish    RequestBooking
	id      string
	overlap bool // the customer has another booking at this time
}

func (r *request) customer() string {
	if r.by.Role.Desk() {
		return r.wish.CustomerID
	}
	return r.by.UserID
}

func (r *request) decide(ctx context.Context, b domain.Booking) ([]domain.BookingEvent, error) {
	roster, err := r.service.roster(ctx, r.wish.BranchID, "")
	if err != nil {
		return nil, err
	}
	start, err := r.wish.in(roster.Location)
	if err != nil {
		return nil, err
	}
	if !roster.Branch.Open() {
		return nil, domain.ErrBranchInactive()
	}
	choices, segments, err := r.choose(ctx, roster, start)
	if err != nil {
		return nil, err
	}
	flagged, err := r.service.reads.NeedsApproval(ctx, r.customer())
	if err != nil {
		return nil, err
	}
	active, err := r.ask(ctx, segments)
	if err != nil {
		return nil, err
	}
	return b.Request(domain.Request{
		BookingID: r.id, CustomerID: r.customer(), Roster: roster, StartAt: start, Services: choices,
		Actor: r.by.actor(behalf(r.by, r.wish.CustomerID)), RequiresManager: flagged,
		ActiveBookings: active, Overlapping: r.overlap, Overrides: r.wish.Overrides,
		Now: r.service.now(), NewClaimID: r.service.claimID,
	})
}

// ask makes the soft checks: how many bookings the customer has ahead, and whether one of them is at this time.
func (r *request) ask(ctx context.Context, segments []domain.Segment) (active int, err error) {
	during := domain.Interval{StartAt: segments[0].StartAt, EndAt: segments[len(segments)-1].EndAt}
	if r.overlap, err = r.service.reads.Overlapping(ctx, r.customer(), during, r.id); err != nil || r.by.Role.Desk() {
		return 0, err
	}
	return r.service.reads.ActiveBookings(ctx, r.customer())
}

func (r *request) warnings() []Warning {
	if r.overlap && r.by.Role.Desk() {
		return []Warning{WarnCustomerOverlap}
	}
	return nil
}

// nearest looks for other times for what was wished, with those who were named.
func (r *request) nearest(ctx context.Context, after domain.Booking) []Alternative {
	after.BranchID, after.BookingID = r.wish.BranchID, r.id
	after.Segments = r.wanted
	after.Policy = r.policy
	return r.service.alternatives(ctx, r.by, after, r.anyone)
}
