package publishers

import "github.com/royalglow/booking/domain"

// Notes. An internal one goes to the booking's internal channel and to no other.

func (f *bookingFanOut) noteAdded(e domain.BookingNoteAdded) {
	note := f.note(e.Body)
	author := domain.Actor{UserID: e.AuthorID, Role: e.AuthorRole}
	forAll := e.Visibility == domain.VisibleCustomer
	if forAll {
		f.toCustomer("booking.updated", customerNoted{BookingID: e.BookingID, NoteID: e.NoteID})
	}
	if !f.knows(e.Body) {
		if forAll {
			f.toPublic(resyncName, nil)
		}
		f.toInternal(resyncName, nil)
		return
	}
	if forAll {
		f.toPublic("note.added", publicNote{NoteID: e.NoteID, Note: note, AddedBy: author.Party()})
	}
	f.toInternal("note.added", internalNote{
		NoteID: e.NoteID, Note: note, Visibility: e.Visibility, AddedBy: internalActor{UserID: e.AuthorID, Role: e.AuthorRole},
	})
}

func (f *bookingFanOut) noteRedacted(e domain.BookingNoteRedacted) {
	if e.Visibility == domain.VisibleCustomer {
		f.toPublic("note.removed", publicNoteRemoved{NoteID: e.NoteID})
	}
	f.toInternal("note.removed", internalNoteRemoved{NoteID: e.NoteID, RemovedBy: f.by, Reason: e.Reason})
}
