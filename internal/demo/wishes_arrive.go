package demo

import (
	"context"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/demo/check"
)

// Who comes without asking long before.

// phonedEvery is how long at least it takes from one no-show to the next, after the first few: each takes a member's time up to
// the moment, and bookings begin with a minute, so that a salon in which many stay away within a minute has nobody left in it.
const phonedEvery = 15 * time.Second

// expectsNobody reports whether it is time for somebody to book who will not come. s.mu is held.
func (s *salon) expectsNobody() bool {
	if s.credit[check.NoShow] < 1 || s.turns < 10*(s.phoned+1) || s.count(func(b *booking) bool { return b.missing }) > 1 {
		return false
	}
	if s.lacksAbsence() {
		return time.Since(s.phonedAt) > lookAgain
	}
	return time.Since(s.phonedAt) > phonedEvery
}

// lacksAbsence reports whether nobody has stayed away so often yet that a manager has to forgive him. s.mu is held.
func (s *salon) lacksAbsence() bool { return !s.forgiven && s.missed < tooOften }

// bookedByPhone is a booking that the desk makes for a customer who says that he is around the corner, and is not. Mostly it is
// always the same one.
func (s *salon) bookedByPhone() *want {
	c := &choice{by: s.absent, treatments: []treatment{s.menu[1]}}
	if !s.lacksAbsence() && (s.missed >= tooOften || s.dice.share(5)) {
		c.by = s.idlest(s.absent)
	}
	s.phonedAt = time.Now()
	w := &want{salon: s, action: check.Request, by: s.desk}
	w.compose = func(context.Context, *town, *want) (request, error) {
		c.start = time.Now().Truncate(time.Minute).UTC()
		return post(bookingsPath, requestBooking{
			CustomerID: c.by.ID, BranchID: s.branchID, StartAt: c.start, Services: c.services(),
		}), nil
	}
	w.accepted = func(_ context.Context, _ *town, rec receipt) {
		s.enter(c, rec, domain.StatusPending, true).missing = true
		s.phoned++
	}
	return w
}

// wantsIn makes somebody come in from the street: some are guests without an account.
func (s *salon) wantsIn() *want {
	if s.count(isNear) >= visitors {
		return nil
	}
	c := &choice{by: s.idlest(nil), treatments: s.dice.wish(s.regular(), 1)}
	if s.dice.share(pairOneIn) {
		c.treatments = s.dice.wish(s.regular(), 2)
	}
	body := createWalkIn{CustomerID: c.by.ID, BranchID: s.branchID, Services: c.services()}
	if s.walkIns%guestOneIn == 0 {
		c.by = nil
		body.CustomerID, body.Guest = "", &guest{Name: s.dice.fullName(), Phone: s.dice.phone()}
	}
	return &want{
		salon: s, action: check.WalkIn, by: s.desk,
		compose: func(ctx context.Context, t *town, _ *want) (request, error) {
			o, err := t.soon(ctx, s, s.desk, c.treatments)
			c.start, body.StartAt = o.StartAt, o.StartAt
			return post(walkInPath, body), err
		},
		accepted: func(ctx context.Context, t *town, rec receipt) {
			s.walkIns++
			b := s.enter(c, rec, domain.StatusConfirmed, true)
			if s.mayWatch() {
				t.watch(ctx, s, b, s.desk, bookingChannel(b.id), internalChannel(b.id))
			}
		},
	}
}
