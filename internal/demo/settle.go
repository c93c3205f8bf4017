package demo

import (
	"slices"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/demo/check"
)

// What becomes of a want. Each of these is called once for a want that was found.

// booked enters the booking that a request became.
func (s *salon) booked(w *want, rec receipt) *booking {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := &booking{
		id: rec.ID, customer: w.by, treatments: w.treatments, holds: []hold{w.hold}, pooled: w.hold.member == nil,
		status: domain.StatusPending, revision: rec.Revision,
	}
	s.bookings = append(s.bookings, b)
	return b
}

// changed enters an accepted change.
func (s *salon) changed(w *want, rec receipt) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := w.booking
	b.revision, b.busy = rec.Revision, false
	switch w.action {
	case check.Approve:
		b.status = domain.StatusConfirmed
		s.handOver(b, w.other)
	case check.Assign:
		s.handOver(b, w.other)
	case check.Reject, check.Cancel:
		s.remove(b)
		return
	case check.Request:
	}
	// The booking goes to the back: others have waited longer.
	s.bookings = append(slices.DeleteFunc(s.bookings, func(o *booking) bool { return o == b }), b)
}

// handOver notes that another member does the booking, or one of its treatments: then it keeps the first one's time too.
func (s *salon) handOver(b *booking, to hold) {
	if to.member == nil {
		return
	}
	if len(b.treatments) == 1 {
		for _, h := range b.holds {
			s.diary.release(h)
		}
		b.holds = nil
	}
	b.holds = append(b.holds, to)
}

// giveUp takes a want back that changed nothing.
func (s *salon) giveUp(w *want) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if w.booking == nil {
		s.diary.release(w.hold)
		return
	}
	w.booking.busy = false
	if w.other.member != nil {
		s.diary.release(w.other)
	}
}

// found enters how a booking stands after all. Whose time it takes is not known any more, so nothing is given back that it
// might hold.
func (s *salon) found(w *want, status domain.Status) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := w.booking
	if w.other.member != nil {
		b.holds = append(b.holds, w.other)
	}
	b.busy, b.status, b.revision = false, status, w.seen.revision
	if !status.Occupies() {
		s.remove(b)
		return
	}
	s.bookings = append(slices.DeleteFunc(s.bookings, func(o *booking) bool { return o == b }), b)
}

// drop stops caring about a booking that cannot even be read.
func (s *salon) drop(w *want) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bookings = slices.DeleteFunc(s.bookings, func(o *booking) bool { return o == w.booking })
}

// remove forgets a booking that has ended and gives its time back.
func (s *salon) remove(b *booking) {
	s.bookings = slices.DeleteFunc(s.bookings, func(o *booking) bool { return o == b })
	for _, h := range b.holds {
		s.diary.release(h)
	}
}
