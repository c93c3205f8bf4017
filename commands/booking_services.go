package commands

import (
	"context"
	"time"

	"github.com/royalglow/booking/commands/internal/staffdays"
	"github.com/royalglow/booking/domain"
)

// AddService adds a service to an open booking. Customers may while it is pending, the desk of its branch always (If-Match), its
// staff while it is under way if the branch's policy lets them.
type AddService struct {
	BookingID string            `json:"bookingId" validate:"required,id=bkg" doc:"The booking."`
	ServiceID string            `json:"serviceId" validate:"required,id=svc" doc:"A service that the branch offers."`
	StaffID   string            `json:"staffId,omitempty" validate:"omitempty,id=stf" doc:"Who shall do it; without it who does the rest, or anyone who is free. Not for customers."`
	Before    string            `json:"before,omitempty" validate:"omitempty,segment" doc:"The service of the booking before which it is done; at the end unless given."`
	Overrides []domain.Override `json:"overrides,omitempty" validate:"max=2,unique,dive,oneof=hours buffer" doc:"The limits that the desk passes over."`
}

// AddService runs the command. It fails with BOOKING_SLOT_UNAVAILABLE where the booking would reach into another.
func (s *Service) AddService(ctx context.Context, by Caller, o Options, c AddService) (Receipt, error) {
	a := &addition{service: s, wish: c, by: by}
	return s.changeBooking(ctx, by, o, change{
		name: "add_service", bookingID: c.BookingID, body: c, may: c.mayIssue, admit: ofAnyParty(by),
		decide: a.decide, instead: a.instead,
	})
}

func (c AddService) mayIssue(by Caller) error {
	if !by.Role.Desk() && len(c.Overrides) > 0 || by.Role == domain.RoleCustomer && c.StaffID != "" {
		return errForbidden()
	}
	return nil
}

// addition is an AddService while it is decided.
type addition struct {
	service *Service
	wish    AddService
	by      Caller
	added   string // the id of the new segment
	taken   []string
}

func (a *addition) decide(ctx context.Context, b domain.Booking) ([]domain.BookingEvent, error) {
	if err := mayChangeServices(a.by, b, true); err != nil {
		return nil, err
	}
	roster, err := a.service.rosterOf(ctx, b, a.wish.StaffID)
	if err != nil {
		return nil, err
	}
	service, err := roster.Branch.Service(a.wish.ServiceID)
	if err != nil {
		return nil, err
	}
	a.added = domain.SegmentID(b.SegmentsEver)
	add := domain.AddService{
		Roster: roster, Choice: domain.ServiceChoice{Service: service, StaffID: a.wish.StaffID}, Before: a.wish.Before,
		By: partyOf(a.by), Overrides: a.wish.Overrides, Now: a.service.now(), NewClaimID: a.service.claimID,
	}
	if add.By == domain.PartyCustomer {
		more := domain.Interval{StartAt: b.EndAt, EndAt: b.EndAt.Add(time.Duration(service.DurationMinutes) * time.Minute)}
		if add.Overlapping, err = a.service.reads.Overlapping(ctx, b.CustomerID, more, b.BookingID); err != nil {
			return nil, err
		}
	}
	if a.wish.StaffID == "" {
		if add.Choice.StaffID, err = a.propose(ctx, b, add); err != nil {
			return nil, err
		}
	}
	return b.AddService(add)
}

// propose finds who does the added service: first those who do the rest, then whoever is free.
func (a *addition) propose(ctx context.Context, b domain.Booking, add domain.AddService) (string, error) {
	facts, err := b.AddService(add) // laid out for nobody yet
	if err != nil {
		return "", err
	}
	segment := facts[0].(domain.BookingServiceAdded).Segment //nolint:forcetypeassert // adding a service is that fact
	picks := staffing{
		service: a.service, wishes: make([]RequestedService, b.SegmentsEver+1), overrides: a.wish.Overrides,
	}
	for _, id := range a.taken {
		picks.taken = append(picks.taken, busy{segment.SegmentID, id})
	}
	return picks.propose(ctx, add.Roster, segment, b.Segments[len(b.Segments)-1].StaffID)
}

// instead notes that a proposal for the added service was busy.
func (a *addition) instead(t *staffdays.Taken) bool {
	if a.wish.StaffID != "" || t.Claim.SegmentID != a.added {
		return false
	}
	a.taken = append(a.taken, t.Claim.StaffID)
	return true
}

// mayChangeServices holds customers to pending bookings, and staff to what is under way and to the policy.
func mayChangeServices(by Caller, b domain.Booking, adding bool) error {
	switch {
	case by.Role.Desk():
		return nil
	case by.Role == domain.RoleCustomer && b.Status == domain.StatusPending:
		return nil
	case by.Role == domain.RoleCustomer && b.Status.Open():
		return domain.Refuse(domain.Conflict, domain.CodeTransition, "ask the salon to change what it has approved").
			With("status", b.Status)
	case by.Role == domain.RoleCustomer:
		return nil // the booking itself says why not
	case by.Role == domain.RoleStaff && adding && b.Policy.StaffMayAddServices && b.Status == domain.StatusInProgress:
		return nil
	}
	return errForbidden()
}

// RemoveService leaves a service out of an open booking. Customers may while it is pending, the desk of its branch always, with
// If-Match.
type RemoveService struct {
	BookingID string `json:"bookingId" validate:"required,id=bkg" doc:"The booking."`
	SegmentID string `json:"segmentId" validate:"required,segment" doc:"A service of the booking."`
	Reason    string `json:"reason,omitempty" validate:"omitempty,max=500,prose" doc:"Why, for the salon."`
}

// RemoveService runs the command. At least one service stays.
func (s *Service) RemoveService(ctx context.Context, by Caller, o Options, c RemoveService) (Receipt, error) {
	return s.changeBooking(ctx, by, o, change{
		name: "remove_service", bookingID: c.BookingID, body: c, may: customerOrDesk, admit: ofCustomerOrDesk(by),
		decide: func(ctx context.Context, b domain.Booking) ([]domain.BookingEvent, error) {
			if err := mayChangeServices(by, b, false); err != nil {
				return nil, err
			}
			roster, err := s.rosterOf(ctx, b)
			if err != nil {
				return nil, err
			}
			return b.RemoveService(domain.RemoveService{
				Roster: roster, SegmentID: c.SegmentID, Reason: c.Reason, NewClaimID: s.claimID,
			})
		},
	})
}

// ChangeDuration makes a service take more or less time than booked; those after it move. The desk of the booking's branch may
// issue it; If-Match is required.
type ChangeDuration struct {
	BookingID string            `json:"bookingId" validate:"required,id=bkg" doc:"The booking."`
	SegmentID string            `json:"segmentId" validate:"required,segment" doc:"A service of the booking."`
	Minutes   int               `json:"durationMinutes" validate:"required,min=1,max=1440" doc:"How long it shall take."`
	Reason    string            `json:"reason,omitempty" validate:"omitempty,max=500,prose" doc:"Why, for the salon."`
	Overrides []domain.Override `json:"overrides,omitempty" validate:"max=2,unique,dive,oneof=hours buffer" doc:"The limits that the desk passes over."`
}

// ChangeDuration runs the command. It fails with BOOKING_SLOT_UNAVAILABLE where the booking would reach into another.
func (s *Service) ChangeDuration(ctx context.Context, by Caller, o Options, c ChangeDuration) (Receipt, error) {
	return s.changeBooking(ctx, by, o, change{
		name: "change_duration", bookingID: c.BookingID, body: c, may: deskOnly, admit: ofDesk(by),
		decide: func(ctx context.Context, b domain.Booking) ([]domain.BookingEvent, error) {
			roster, err := s.rosterOf(ctx, b)
			if err != nil {
				return nil, err
			}
			return b.ChangeDuration(domain.ChangeDuration{
				Roster: roster, SegmentID: c.SegmentID, Minutes: c.Minutes, Reason: c.Reason, Overrides: c.Overrides,
				NewClaimID: s.claimID,
			})
		},
	})
}
