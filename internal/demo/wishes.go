package demo

import (
	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/demo/check"
)

// What people can want, one function a verb. They are called with the salon's lock held.

// wantsBooking makes the customer with the fewest bookings ask for one or two treatments.
func (s *salon) wantsBooking() *want {
	s.requests++
	treatments := []treatment{pick(s.dice, s.menu)}
	if s.requests%pairOneIn == 0 {
		treatments = append(treatments, pick(s.dice, s.menu))
	}
	pooled := s.requests%pooledOneIn == 0
	h, ok := s.diary.reserve(s.dice, pooled, treatments)
	if !ok {
		return nil
	}
	w := &want{salon: s, action: check.Request, by: s.idlest(nil), hold: h, treatments: treatments}
	if !pooled && s.requests%rivalOneIn == 1 {
		s.rival = w
	}
	return w
}

// alsoWants makes another customer ask for exactly what the first asks for, at the same time: one of them will be refused.
func (s *salon) alsoWants(first *want) *want {
	return &want{
		salon: s, action: check.Request, by: s.idlest(first.by),
		hold: s.diary.join(first.hold), treatments: first.treatments,
	}
}

// idlest returns the customer with the fewest bookings, other than the one given.
func (s *salon) idlest(other *person) *person {
	count := map[*person]int{}
	for _, b := range s.bookings {
		count[b.customer]++
	}
	offset := s.dice.IntN(len(s.guests))
	var best *person
	for i := range s.guests {
		p := s.guests[(offset+i)%len(s.guests)]
		if p != other && (best == nil || count[p] < count[best]) {
			best = p
		}
	}
	return best
}

func (s *salon) wantsApproval() *want {
	w := s.touch(check.Approve, s.desk, func(b *booking) bool { return b.status == domain.StatusPending })
	// Now and then the desk gives the booking to somebody else while it approves.
	if w != nil && s.dice.share(4) && !w.booking.pooled && len(w.booking.treatments) == 1 {
		s.reserveColleague(w)
	}
	return w
}

func (s *salon) wantsRejection() *want {
	return s.touch(check.Reject, s.desk, func(b *booking) bool { return b.status == domain.StatusPending })
}

func (s *salon) wantsColleague() *want {
	w := s.touch(check.Assign, s.desk, func(b *booking) bool {
		return !b.pooled && b.status.Occupies() && s.hasColleague(b)
	})
	if w != nil {
		s.reserveColleague(w)
	}
	return w
}

func (s *salon) hasColleague(b *booking) bool {
	h, ok := s.diary.colleague(s.dice, b.holds[0].cell, b.treatments)
	if ok {
		s.diary.release(h)
	}
	return ok
}

func (s *salon) reserveColleague(w *want) {
	if h, ok := s.diary.colleague(s.dice, w.booking.holds[0].cell, w.booking.treatments); ok {
		w.other = h
	}
}

// wantsCancellation lets the customer cancel, or the desk where the booking is confirmed: what is pending the desk rejects.
func (s *salon) wantsCancellation() *want {
	confirmed := func(b *booking) bool { return b.status == domain.StatusConfirmed }
	if s.dice.share(3) {
		if w := s.touch(check.Cancel, s.desk, confirmed); w != nil {
			return w
		}
	}
	// Mostly what was approved is cancelled, but some customers lose patience before.
	if !s.dice.share(8) {
		if w := s.touch(check.Cancel, nil, confirmed); w != nil {
			return w
		}
	}
	return s.touch(check.Cancel, nil, func(b *booking) bool { return b.status.Occupies() })
}

// touch finds the booking that was left alone longest, that fits, and whose newest revision the actor's page shows: who
// has an old page open would be refused, rightly. A nil actor is the booking's customer.
func (s *salon) touch(a check.Action, by *person, fits func(*booking) bool) *want {
	for _, b := range s.bookings {
		if b.busy || !fits(b) {
			continue
		}
		actor := by
		if actor == nil {
			actor = b.customer
		}
		if seen, ok := actor.page.sees(b.id); ok && seen.revision == b.revision {
			b.busy = true
			return &want{salon: s, action: a, by: actor, booking: b, seen: seen}
		}
	}
	return nil
}
