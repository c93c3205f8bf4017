package httpapi

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/projections"
)

func (s *server) noteRoutes() {
	const notes = bookingPath + "/notes"
	register(s, operation{
		id: "listNotes", method: http.MethodGet, path: notes, tag: bookingsTag, summary: "Read a booking's notes",
		detail: "A customer reads those that are meant for him. A note whose text was removed stays in the list without it.",
	}, s.listNotes)
	command(s, operation{
		id: "addNote", method: http.MethodPost, path: notes, tag: bookingsTag, summary: "Write a note on a booking",
		status: http.StatusCreated,
		detail: fmt.Sprintf("Internal unless visibility says customer. A customer's own notes are for all to read. A booking takes at "+
			"most %d notes, removed ones included.", domain.MaxNotes),
	}, s.Commands.AddNote)
	s.actions(operation{
		id: "changeNote", path: notes + "/{noteId}", tag: bookingsTag, summary: "Remove a note's text for good",
		detail: "For the desk, and for who wrote it. The note stays, without its text.",
	}, act(notes+"/{noteId}", "redact", s.Commands.RedactNote))
}

// NoteView is a note as its reader may see it.
type NoteView struct {
	NoteID     string            `json:"noteId"`
	Visibility domain.Visibility `json:"visibility"`
	// Text is nil when it was removed.
	Text     *string `json:"text,omitempty" doc:"Missing when it was removed."`
	Removed  bool    `json:"removed,omitempty" doc:"The text was redacted, or its writer's customer erased."`
	AddedBy  string  `json:"addedBy" enum:"customer,salon" doc:"Which side wrote it."`
	AuthorID string  `json:"authorId,omitempty" doc:"Not shown to customers."`
	// AuthorName is the directory's.
	AuthorName string    `json:"authorName,omitempty" doc:"Not shown to customers."`
	At         time.Time `json:"at"`
}

type notesOutput struct {
	Body struct {
		Notes    []NoteView          `json:"notes" doc:"The oldest first."`
		Position eventstore.Position `json:"position" doc:"How far the read has seen the log."`
	}
}

func (s *server) listNotes(ctx context.Context, in *bookingInput) (*notesOutput, error) {
	booking, at, err := s.visibleBooking(ctx, in.ID, in.MinPosition)
	if err != nil {
		return nil, err
	}
	out := &notesOutput{}
	out.Body.Position = at
	out.Body.Notes, err = s.notes(ctx, booking)
	return out, err
}

// notes shows the notes of a booking that the session may see.
func (s *server) notes(ctx context.Context, b projections.Booking) ([]NoteView, error) {
	reader := sessionOf(ctx)
	var sealed []domain.Sealed
	var authors []string
	for _, n := range b.Notes {
		if reader.reads(n) {
			authors = append(authors, n.AuthorID)
			if n.Body != nil {
				sealed = append(sealed, *n.Body)
			}
		}
	}
	texts, err := s.Texts.Open(ctx, sealed...)
	if err != nil {
		return nil, err
	}
	names, err := s.Directory.Names(ctx, authors...)
	if err != nil {
		return nil, err
	}
	views := make([]NoteView, 0, len(authors))
	for _, n := range b.Notes {
		if !reader.reads(n) {
			continue
		}
		v := NoteView{NoteID: n.ID, Visibility: n.Visibility, Text: opened(texts, n.Body), AddedBy: "salon", At: n.At}
		v.Removed = v.Text == nil
		if n.AuthorRole == domain.RoleCustomer {
			v.AddedBy = "customer"
		}
		if reader.Role != domain.RoleCustomer {
			v.AuthorID, v.AuthorName = n.AuthorID, names[n.AuthorID]
		}
		views = append(views, v)
	}
	return views, nil
}

// reads reports whether the session may read a note of a booking that it sees.
func (s Session) reads(n projections.Note) bool {
	return s.Role != domain.RoleCustomer || n.Visibility == domain.VisibleCustomer
}

// opened returns a sealed text; nil when there is none or it has been erased.
func opened(texts map[string]string, sealed *domain.Sealed) *string {
	if sealed == nil {
		return nil
	}
	text, ok := texts[sealed.KeyID]
	if !ok {
		return nil
	}
	return &text
}
