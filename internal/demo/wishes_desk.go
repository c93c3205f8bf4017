package demo

import (
	"context"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/demo/check"
	"github.com/royalglow/booking/internal/eventstore"
)

// What becomes of a booking before it takes place. Who changes one opens it first, and acts on what he reads.

// changing is a want that changes a booking. body makes the request from what the actor reads, and may choose another actor;
// then enters what has become of the booking.
type changing struct {
	action check.Action
	by     *person
	body   func(ctx context.Context, t *town, w *want, v bookingView) (changeBooking, error)
	then   func(b *booking)
}

// change makes a want of it. The booking is reserved. s.mu is held.
func (s *salon) change(b *booking, c changing) *want {
	b.busy = true
	return &want{
		salon: s, action: c.action, by: c.by,
		compose: func(ctx context.Context, t *town, w *want) (request, error) {
			v, err := t.openBooking(ctx, w.by, b.id, b.position)
			if err != nil {
				return request{}, err
			}
			if v.ID == "" {
				return request{}, errNotNow
			}
			s.mu.Lock()
			s.look(b, v)
			s.mu.Unlock()
			body, err := c.body(ctx, t, w, v)
			body.Action = string(w.action)
			return patch(bookingPath(b.id), body).on(w.by, v.Revision), err
		},
		accepted: func(_ context.Context, _ *town, rec receipt) {
			c.then(b)
			s.touched(b, rec)
		},
		dropped: func(*answerError) { s.leftAlone(b) },
	}
}

// on says on which revision the desk decided. Others need not.
func (r request) on(by *person, revision eventstore.Revision) request {
	if by.Role.Desk() {
		r.ifMatch = &revision
	}
	return r
}

// whenever is for changes that fit whatever the actor reads.
func whenever(body changeBooking) func(context.Context, *town, *want, bookingView) (changeBooking, error) {
	return func(context.Context, *town, *want, bookingView) (changeBooking, error) { return body, nil }
}

func becomes(status domain.Status) func(*booking) {
	return func(b *booking) { b.status, b.before = status, b.status }
}

func stays(*booking) {}

// wantsApproval approves first what begins soon, unless nothing is settled for the days ahead. Now and then the desk gives a booking to a colleague as it approves it, and looks
// at the day's schedule before.
func (s *salon) wantsApproval() *want {
	pending := func(b *booking) bool { return b.status == domain.StatusPending && b.nobody == 0 }
	first := func(b *booking) bool { return pending(b) && b.near }
	if s.count(isSettled) == 0 {
		first = func(b *booking) bool { return pending(b) && isFar(b) }
	}
	b, _ := s.touch(s.desk, first)
	if b == nil {
		b, _ = s.touch(s.desk, pending)
	}
	if b == nil {
		return nil
	}
	looks, other := s.dice.share(8), !b.near && s.dice.share(6)
	by := s.desk
	if c, _ := s.queue.sees(key{queueChannel(s.branchID), b.id}); c.Manager {
		by = s.manager
	}
	return s.change(b, changing{action: check.Approve, by: by, then: becomes(domain.StatusConfirmed), body: func(
		ctx context.Context, t *town, w *want, v bookingView,
	) (changeBooking, error) {
		if v.Status != domain.StatusPending {
			return changeBooking{}, errNotNow
		}
		if looks {
			t.glance(ctx, s, w.by, v)
		}
		if !other {
			return changeBooking{}, nil
		}
		others, err := t.colleagues(ctx, s, w.by, v, v.Segments[0])
		if err != nil || len(others) == 0 {
			return changeBooking{}, nil //nolint:nilerr // then it stays with whom it is
		}
		return changeBooking{Assignments: []staffAssignment{{SegmentID: v.Segments[0].SegmentID, StaffID: others[0]}}}, nil
	}})
}

func (s *salon) wantsRejection() *want {
	if s.count(isFar) < ahead {
		return nil
	}
	b, _ := s.touch(s.desk, func(b *booking) bool { return b.status == domain.StatusPending && isFar(b) })
	if b == nil {
		return nil
	}
	return s.change(b, changing{action: check.Reject, by: s.desk, then: becomes(domain.StatusRejected), body: whenever(changeBooking{
		ReasonCode: "fully_booked", Reason: "We are sorry: this time does not work out. Please choose another.",
	})})
}

// wantsCancellation lets the customer cancel, or the desk where the booking is confirmed: what is pending the desk rejects.
func (s *salon) wantsCancellation() *want {
	if s.count(isFar) < ahead {
		return nil
	}
	confirmed := isSettled
	if s.dice.share(3) {
		if b, by := s.touch(s.desk, confirmed); b != nil {
			return s.change(b, changing{action: check.Cancel, by: by, then: becomes(domain.StatusCancelled), body: whenever(changeBooking{
				ReasonCode: "equipment", Reason: "The treatment room cannot be used that day. We are sorry.",
			})})
		}
	}
	fits := confirmed
	if s.dice.share(8) { // some customers lose patience before
		fits = func(b *booking) bool { return b.status == domain.StatusPending && isFar(b) }
	}
	b, by := s.touch(nil, fits)
	if b == nil {
		return nil
	}
	return s.change(b, changing{
		action: check.Cancel, by: by, then: becomes(domain.StatusCancelled), body: whenever(changeBooking{Reason: "Something came up."}),
	})
}

// wantsOtherTime moves a booking to another day: the customer twice at most, as the policy has it, and else the desk.
func (s *salon) wantsOtherTime() *want {
	fits := func(b *booking) bool {
		return isFar(b) && (b.status == domain.StatusPending || b.status == domain.StatusConfirmed) && b.nobody == 0
	}
	b, by := s.touch(nil, func(b *booking) bool { return fits(b) && b.moved < 2 })
	if b == nil || s.dice.share(3) {
		b, by = s.touch(s.desk, fits)
	}
	if b == nil {
		return nil
	}
	return s.change(b, s.moving(by))
}

// moving moves a booking to another time that is offered for its services, to the desk with those who do them.
func (s *salon) moving(by *person) changing {
	return changing{
		action: check.Reschedule, by: by,
		body: func(ctx context.Context, t *town, w *want, v bookingView) (changeBooking, error) {
			l := looking{by: w.by, except: v.ID}
			for _, g := range v.Segments {
				l.services = append(l.services, g.ServiceID)
				if g.StaffID != "" {
					l.staff = append(l.staff, g.StaffID)
				}
			}
			o, err := t.later(ctx, s, l)
			return changeBooking{StartAt: o.StartAt, Reason: "Another day suits better."}, err
		},
		then: func(b *booking) {
			if by == b.customer {
				b.moved++
			}
		},
	}
}
