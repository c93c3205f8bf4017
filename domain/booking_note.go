package domain

// MaxNotes is how many notes a booking takes, those counted whose text is gone: they are read all at once, and stay in its
// history.
const MaxNotes = 200

// AddNote is a note on its way. Its text is sealed already.
type AddNote struct {
	NoteID     string
	Visibility Visibility
	Body       Sealed
	Author     Actor
}

// AddNote returns the fact that somebody wrote a note; a booking takes notes in every status, up to
// MaxNotes.
func (b Booking) AddNote(n AddNote) ([]BookingEvent, error) {
	if b.Status == StatusNone {
		return nil, ErrBookingNotFound()
	}
	if len(b.Notes) >= MaxNotes {
		return nil, Refuse(Unprocessable, CodeBusinessRule, "a booking has at most %d notes", MaxNotes).With("maxNotes", MaxNotes)
	}
	return []BookingEvent{BookingNoteAdded{
		BookingRef: b.BookingRef, NoteID: n.NoteID, Visibility: n.Visibility, Body: n.Body,
		AuthorID: n.Author.UserID, AuthorRole: n.Author.Role,
	}}, nil
}

// RedactNote is the wish that a note's text is gone.
type RedactNote struct {
	NoteID string
	Reason string // internal
}

// RedactNote returns the fact that a note's text is removed; none when it is removed already.
func (b Booking) RedactNote(r RedactNote) ([]BookingEvent, error) {
	note, ok := b.Notes[r.NoteID]
	switch {
	case b.Status == StatusNone:
		return nil, ErrBookingNotFound()
	case !ok:
		return nil, Refuse(NotFound, CodeNotFound, "the booking has no such note")
	case note.Redacted:
		return nil, nil
	}
	return []BookingEvent{BookingNoteRedacted{
		BookingRef: b.BookingRef, NoteID: r.NoteID, Visibility: note.Visibility, KeyID: note.KeyID, Reason: r.Reason,
	}}, nil
}
