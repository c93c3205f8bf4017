package projections

import (
	"cmp"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// Note is what somebody wrote to a booking. Its text is sealed.
type Note struct {
	ID         string            `json:"id"`
	Visibility domain.Visibility `json:"visibility"`
	// Body is nil once the note is redacted. Its key may be gone all the same: readers then show it as removed.
	Body       *domain.Sealed `json:"body,omitempty"`
	AuthorID   string         `json:"authorId"`
	AuthorRole domain.Role    `json:"authorRole"`
	At         time.Time      `json:"at"` // UTC
	Redacted   bool           `json:"redacted"`
}

// noteRow is a note as the table holds it.
type noteRow struct {
	bun.BaseModel `bun:"alias:n"`

	BookingID  string              `bun:"booking_id,pk"`
	NoteID     string              `bun:"note_id,pk"`
	Visibility domain.Visibility   `bun:"visibility"`
	Body       *domain.Sealed      `bun:"body,type:json,nullzero"`
	AuthorID   string              `bun:"author_id"`
	AuthorRole domain.Role         `bun:"author_role"`
	At         instant             `bun:"at"`
	Redacted   bool                `bun:"redacted"`
	Revision   eventstore.Revision `bun:"revision"` // the booking's at the event that brought it

	was     *noteRow // as the table has it; nil: it does not
	written bool
}

type noteKey struct{ bookingID, noteID string }

func (n *noteRow) key() noteKey { return noteKey{n.BookingID, n.NoteID} }

func (n *noteRow) note() Note {
	return Note{
		ID: n.NoteID, Visibility: n.Visibility, Body: n.Body, AuthorID: n.AuthorID, AuthorRole: n.AuthorRole,
		At: n.At.time(), Redacted: n.Redacted,
	}
}

// noteFold holds the notes that a batch brings or takes the text of.
type noteFold map[noteKey]*noteRow

func (f noteFold) add(e eventstore.Recorded, fact domain.BookingEvent) {
	switch fact := fact.(type) {
	case domain.BookingNoteAdded:
		f[noteKey{fact.BookingID, fact.NoteID}] = &noteRow{
			BookingID: fact.BookingID, NoteID: fact.NoteID, Visibility: fact.Visibility, Body: &fact.Body,
			AuthorID: fact.AuthorID, AuthorRole: fact.AuthorRole, At: toInstant(e.Metadata.OccurredAt),
			Revision: e.Revision, written: true,
		}
	case domain.BookingNoteRedacted:
		if n := f[noteKey{fact.BookingID, fact.NoteID}]; n != nil {
			if !n.written {
				was := *n
				n.was = &was
			}
			n.Body, n.Redacted, n.written = nil, true, true
		}
	case domain.BookingRequested, domain.BookingWalkInCreated, domain.BookingConfirmed, domain.BookingRejected,
		domain.BookingCancelled, domain.BookingRescheduled, domain.BookingStaffAssigned, domain.BookingStaffUnassigned,
		domain.BookingServiceAdded, domain.BookingServiceRemoved, domain.BookingDurationChanged, domain.BookingCheckedIn,
		domain.BookingSegmentStarted, domain.BookingSegmentFinished, domain.BookingCompleted, domain.BookingNoShow,
		domain.BookingOutcomeCorrected, domain.BookingClaimFenced, domain.BookingAbandoned:
	}
}

// take returns what is to be written of the notes of the bookings that pick picks, in the order of their keys: those that the table
// lacks, and those that it has. The fold lets go of them.
func (f noteFold) take(pick func(bookingID string) bool) (fresh []*noteRow, stored []change[noteRow]) {
	for key, n := range f {
		if !pick(key.bookingID) {
			continue
		}
		delete(f, key)
		switch {
		case !n.written:
		case n.was == nil:
			fresh = append(fresh, n)
		default:
			stored = append(stored, change[noteRow]{was: n.was, now: n})
		}
	}
	order := func(a, b *noteRow) int {
		return cmp.Or(cmp.Compare(a.BookingID, b.BookingID), cmp.Compare(a.NoteID, b.NoteID))
	}
	slices.SortFunc(fresh, order)
	slices.SortFunc(stored, func(a, b change[noteRow]) int { return order(a.now, b.now) })
	return fresh, stored
}
