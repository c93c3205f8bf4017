package domain

// Visibility says who may read a note.
type Visibility string

// The visibilities. Internal is the default; a note for the customer is read by everybody who sees the booking.
const (
	VisibleInternal Visibility = "internal"
	VisibleCustomer Visibility = "customer"
)

// BookingNoteAdded says that somebody wrote a note. Its text is sealed.
type BookingNoteAdded struct {
	bookingFact
	BookingRef
	NoteID     string     `json:"noteId"`
	Visibility Visibility `json:"visibility"`
	Body       Sealed     `json:"body"`
	// AuthorID and AuthorRole are whose note it is.
	AuthorID   string `json:"authorId"`
	AuthorRole Role   `json:"authorRole"`
}

// EventType returns "booking.note_added".
func (BookingNoteAdded) EventType() string { return "booking.note_added" }

// BookingNoteRedacted says that a note's text is removed: its key is deleted, in every copy of the log.
type BookingNoteRedacted struct {
	bookingFact
	BookingRef
	NoteID     string     `json:"noteId"`
	Visibility Visibility `json:"visibility"`
	KeyID      string     `json:"keyId"`
	Reason     string     `json:"reason,omitempty"` // internal
}

// EventType returns "booking.note_redacted".
func (BookingNoteRedacted) EventType() string { return "booking.note_redacted" }

// BookingClaimFenced says that the claim keeper found claims that the booking does not name and bars them for ever. It changes
// nothing in the booking; a command that was paused between claiming and appending now fails its append.
type BookingClaimFenced struct {
	fenceFact
	BookingID string   `json:"bookingId"`
	ClaimIDs  []string `json:"claimIds"`
}

// EventType returns "booking.claim_fenced".
func (BookingClaimFenced) EventType() string { return "booking.claim_fenced" }

// BookingAbandoned says the same of a booking that never came to exist. It folds to "nothing has happened", so that a request
// may still follow.
type BookingAbandoned struct {
	fenceFact
	BookingID string   `json:"bookingId"`
	ClaimIDs  []string `json:"claimIds"`
}

// EventType returns "booking.abandoned".
func (BookingAbandoned) EventType() string { return "booking.abandoned" }
