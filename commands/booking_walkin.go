package commands

import (
	"context"
	"time"

	"github.com/royalglow/booking/domain"
)

// CreateWalkIn serves a customer who came without a booking; it is confirmed at once. The desk of the branch may issue it.
type CreateWalkIn struct {
	BranchID   string             `json:"branchId" validate:"required,id=br" doc:"The branch to which the customer came."`
	CustomerID string             `json:"customerId,omitempty" validate:"required_without=Guest,excluded_with=Guest,omitempty,id=usr" doc:"Who it is, with an account. It does not go with guest."`
	Guest      *GuestIn           `json:"guest,omitempty" doc:"Who it is, without an account."`
	StartAt    time.Time          `json:"startAt,omitzero" validate:"omitempty,instant" doc:"A whole minute, at most 12 hours ahead; now, rounded down to the minute, unless given."`
	Services   []RequestedService `json:"services" validate:"min=1,max=10,dive" doc:"What is wanted, one after the other, in this order."`
	Overrides  []domain.Override  `json:"overrides,omitempty" validate:"max=2,unique,dive,oneof=hours buffer" doc:"The limits that the desk passes over."`
}

// GuestIn is a customer without an account. Both texts are kept sealed.
type GuestIn struct {
	Name  string `json:"name" validate:"required,max=100,text" doc:"Kept sealed."`
	Phone string `json:"phone,omitempty" validate:"omitempty,max=30,phone" doc:"Kept sealed: digits, blanks and +-()/."`
}

// CreateWalkIn runs the command. The receipt's ID is the new booking's.
func (s *Service) CreateWalkIn(ctx context.Context, by Caller, o Options, c CreateWalkIn) (Receipt, error) {
	c.StartAt = c.StartAt.UTC()
	key, err := o.key()
	if err != nil {
		return Receipt{}, err
	}
	o.IdempotencyKey = key
	cmd, err := s.accept("create_walk_in", by, deskOf(c.BranchID), o, "", c)
	if err != nil {
		return Receipt{}, err
	}
	w := &walkIn{
		service: s, wish: c, id: s.mint(domain.BookingPrefix, cmd.actor, key),
		staffing: staffing{service: s, wishes: c.Services, overrides: c.Overrides},
	}
	receipt, err := run(ctx, s, edit[domain.Booking, domain.BookingEvent]{
		command: cmd, id: w.id, stream: domain.BookingStream(w.id), loader: s.bookings, creates: true,
		decide: w.decide, claims: claimsOf, instead: w.instead,
		behalf: func(domain.Booking) string { return c.CustomerID },
		nearest: func(ctx context.Context, after domain.Booking) []Alternative {
			after.BranchID, after.BookingID, after.Segments = c.BranchID, w.id, w.wanted
			return s.alternatives(ctx, by, after, w.anyone)
		},
	})
	w.secrets.settle(ctx, receipt, err)
	return receipt, err
}

// walkIn is a CreateWalkIn while it is decided.
type walkIn struct {
	staffing
	service *Service
	wish    CreateWalkIn
	id      string
	guest   *domain.Guest // sealed once, however often it is decided
	secrets secrets
}

func (w *walkIn) decide(ctx context.Context, b domain.Booking) ([]domain.BookingEvent, error) {
	roster, err := w.service.roster(ctx, w.wish.BranchID, "")
	if err != nil {
		return nil, err
	}
	if !roster.Branch.Open() {
		return nil, domain.ErrBranchInactive()
	}
	now := w.service.now()
	start := w.wish.StartAt
	if start.IsZero() {
		start = now.Truncate(time.Minute)
	}
	choices, _, err := w.choose(ctx, roster, start)
	if err != nil {
		return nil, err
	}
	if err := w.seal(ctx); err != nil {
		return nil, err
	}
	return b.WalkIn(domain.WalkIn{
		BookingID: w.id, CustomerID: w.wish.CustomerID, Guest: w.guest, Roster: roster, StartAt: start, Services: choices,
		Overrides: w.wish.Overrides, Now: now, NewClaimID: w.service.claimID,
	})
}

// seal encrypts a guest's contact. The booking is its subject: a guest has no other identity.
func (w *walkIn) seal(ctx context.Context) error {
	if w.wish.Guest == nil || w.guest != nil {
		return nil
	}
	w.secrets = secrets{service: w.service, subject: w.id}
	name, err := w.secrets.seal(ctx, domain.SecretName, w.wish.Guest.Name)
	if err != nil {
		return err
	}
	guest := &domain.Guest{Name: name}
	if w.wish.Guest.Phone != "" {
		phone, err := w.secrets.seal(ctx, domain.SecretPhone, w.wish.Guest.Phone)
		if err != nil {
			return err
		}
		guest.Phone = &phone
	}
	w.guest = guest
	return nil
}
