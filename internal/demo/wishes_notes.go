package demo

import (
	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/demo/check"
)

// Notes: customers and the desk write to each other, and the salon among itself.

// wantsNote makes somebody write a note on a booking that he sees: by turns the desk and a member of staff for the salon, the
// customer, and the desk for him.
func (s *salon) wantsNote() *want {
	present := func(b *booking) bool { return !b.missing }
	var b *booking
	var by *person
	var body addNote
	switch s.written % 4 {
	case 0:
		b, by = s.touch(s.desk, present)
		body = addNote{Note: check.NoteCanary + " was promised a discount.", Visibility: domain.VisibleInternal}
	case 1:
		b, by = s.touch(nil, isFar)
		body = addNote{Note: "Please use the fragrance-free products."}
	case 2:
		b, by = s.touch(s.desk, present)
		body = addNote{Note: "Parking is behind the house.", Visibility: domain.VisibleCustomer}
	default:
		b, by = s.touchOwn(func(b *booking) bool { return b.status.ToldToStaff() })
		body = addNote{Note: check.NoteCanary + " prefers the window seat, talks little.", Visibility: domain.VisibleInternal}
	}
	if b == nil {
		return nil
	}
	b.busy = true
	w := s.simple(check.AddNote, by, post(bookingPath(b.id)+"/notes", body), func(rec receipt) {
		s.written++
		b.notes = append(b.notes, writing{rec.ID, by})
		s.touched(b, rec)
	})
	w.dropped = func(*answerError) { s.leftAlone(b) }
	return w
}

// wantsNoteGone removes a note: the desk any, others their own.
func (s *salon) wantsNoteGone() *want {
	b, _ := s.touch(s.desk, func(b *booking) bool { return len(b.notes) > 0 })
	if b == nil {
		return nil
	}
	note, by := b.notes[0], s.desk
	if note.by == b.customer {
		by = note.by
	}
	b.busy = true
	path := bookingPath(b.id) + "/notes/" + note.id
	w := s.simple(check.RedactNote, by, patch(path, changeOther{Action: "redact"}), func(rec receipt) {
		b.notes = b.notes[1:]
		s.touched(b, rec)
	})
	w.dropped = func(*answerError) { s.leftAlone(b) }
	return w
}
