package demo

import (
	"slices"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// booking is one booking as the director keeps it, from receipts and from what those read who open it.
type booking struct {
	id       string
	customer *person // nil for a guest
	near     bool    // its visit is played; the others lie days ahead
	missing  bool    // nobody will come
	status   domain.Status
	before   domain.Status // what it was before its last verb changed that
	start    time.Time
	manager  bool // takes a manager's approval
	services int
	started  int
	finished int
	next     time.Time // when the next service is due; zero: not known, or none
	nobody   int       // services that nobody is to do
	staffIDs []string  // who does something
	moved    int       // times by the customer
	notes    []writing
	position eventstore.Position // of the last receipt: what is read must show it
	since    time.Time           // when it last changed
	busy     bool                // somebody is about to change it
	opened   bool                // somebody has its page open
}

// writing is a note and who wrote it.
type writing struct {
	id string
	by *person
}

// limits on what the director keeps in mind.
const (
	// rememberedEnds is how many bookings may still be found to have ended otherwise.
	rememberedEnds = 8
	// lostAfter is how long a booking may be missing on the desk's page before the director forgets it: the clock has ended it, or
	// nobody knows whether it was made.
	lostAfter = 30 * time.Second
)

// look enters what somebody reads who opens the booking. s.mu is held.
func (s *salon) look(b *booking, v bookingView) {
	b.status, b.start, b.services = v.Status, v.StartAt, len(v.Segments)
	b.started, b.finished, b.nobody, b.staffIDs, b.next = 0, 0, 0, nil, time.Time{}
	for _, g := range v.Segments {
		if !g.StartedAt.IsZero() {
			b.started++
		} else if b.next.IsZero() {
			b.next = g.StartAt
		}
		if !g.FinishedAt.IsZero() {
			b.finished++
		}
		if g.StaffID == "" {
			b.nobody++
		} else if !slices.Contains(b.staffIDs, g.StaffID) {
			b.staffIDs = append(b.staffIDs, g.StaffID)
		}
	}
	if v.Desk != nil {
		b.manager = v.Desk.RequiresManager
	}
	s.sort(b)
}

// touched notes that a booking has changed: it goes to the back, because others have waited longer. s.mu is held.
func (s *salon) touched(b *booking, rec receipt) {
	b.position, b.since, b.busy = max(b.position, rec.Position), time.Now(), false
	s.ended = slices.DeleteFunc(s.ended, func(o *booking) bool { return o == b })
	s.bookings = append(slices.DeleteFunc(s.bookings, func(o *booking) bool { return o == b }), b)
	s.sort(b)
}

// leftAlone notes that a booking has not changed after all. It goes to the back as well: what failed once may fail again. s.mu is
// held.
func (s *salon) leftAlone(b *booking) {
	b.busy = false
	if slices.Contains(s.bookings, b) {
		s.bookings = append(slices.DeleteFunc(s.bookings, func(o *booking) bool { return o == b }), b)
	}
}

// sort moves a booking that has ended to those that have. s.mu is held.
func (s *salon) sort(b *booking) {
	if b.status.Open() || b.status == domain.StatusNone || !slices.Contains(s.bookings, b) {
		return
	}
	s.bookings = slices.DeleteFunc(s.bookings, func(o *booking) bool { return o == b })
	s.ended = append(s.ended, b)
	if b.customer == nil {
		s.parted = b
	}
	if len(s.ended) > rememberedEnds {
		s.ended = s.ended[1:]
	}
}

// forget drops the bookings that the desk has not had on its page for a while. s.mu is held.
func (s *salon) forget() {
	s.bookings = slices.DeleteFunc(s.bookings, func(b *booking) bool {
		return !b.busy && time.Since(b.since) > lostAfter && !s.seen(s.desk, b)
	})
}

// seen reports whether somebody's page shows a booking as it is: who has an old page open would be refused, rightly. s.mu is held.
func (s *salon) seen(p *person, b *booking) bool {
	switch {
	case p == b.customer:
		c, ok := p.cards.sees(key{customerChannel(p.ID), b.id})
		return ok && c.Status == b.status
	case p.Role.Desk():
		c, ok := s.queue.sees(key{queueChannel(s.branchID), b.id})
		return ok && c.Status == b.status
	}
	for _, m := range s.members() {
		if m.person == p {
			_, ok := m.rota.sees(key{staffChannel(m.StaffID), b.id})
			return ok
		}
	}
	return false
}

// touch finds the booking that was left alone longest, that fits, and that the actor sees as it is. A nil actor is the booking's
// customer; guests have no page. s.mu is held.
func (s *salon) touch(by *person, fits func(*booking) bool) (*booking, *person) {
	for _, b := range s.bookings {
		if b.busy || !fits(b) {
			continue
		}
		actor := by
		if actor == nil {
			actor = b.customer
		}
		if actor != nil && s.seen(actor, b) {
			return b, actor
		}
	}
	return nil, nil
}

// count returns how many open bookings fit. s.mu is held.
func (s *salon) count(fits func(*booking) bool) (n int) {
	for _, b := range s.bookings {
		if fits(b) {
			n++
		}
	}
	return n
}

func isNear(b *booking) bool { return b.near && !b.missing }

func isFar(b *booking) bool { return !b.near }

// isSettled is for what is confirmed for one of the days ahead.
func isSettled(b *booking) bool { return isFar(b) && b.status == domain.StatusConfirmed }
