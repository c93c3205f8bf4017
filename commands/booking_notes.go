package commands

import (
	"cmp"
	"context"

	"github.com/royalglow/booking/domain"
)

// AddNote writes a note on a booking. Its customer may, for all to read; its staff and the desk of its branch may, for the salon
// or for the customer too. The text is kept sealed.
type AddNote struct {
	BookingID  string            `json:"bookingId" validate:"required,id=bkg" doc:"The booking."`
	Note       string            `json:"note" validate:"required,max=2000,prose" doc:"The text. Kept sealed."`
	Visibility domain.Visibility `json:"visibility,omitempty" validate:"omitempty,oneof=internal customer" doc:"Who may read it: the salon (the default), or the customer too. A customer's own notes are for all."`
}

// AddNote runs the command. The receipt's ID is the note's; its revision the booking's.
func (s *Service) AddNote(ctx context.Context, by Caller, o Options, c AddNote) (Receipt, error) {
	key, err := o.key()
	if err != nil {
		return Receipt{}, err
	}
	o.IdempotencyKey = key
	noteID := s.mint(domain.NotePrefix, by.actor(""), key)
	secrets := &secrets{service: s}
	var body *domain.Sealed // sealed once, however often it is decided
	receipt, err := s.changeBooking(ctx, by, o, change{
		name: "add_note", bookingID: c.BookingID, body: c, may: c.mayIssue, admit: ofAnyParty(by), additive: true,
		decide: func(ctx context.Context, b domain.Booking) ([]domain.BookingEvent, error) {
			if body == nil {
				secrets.subject = cmp.Or(b.CustomerID, b.BookingID)
				sealed, err := secrets.seal(ctx, domain.SecretNote, c.Note)
				if err != nil {
					return nil, err
				}
				body = &sealed
			}
			return b.AddNote(domain.AddNote{NoteID: noteID, Visibility: c.visibility(by), Body: *body, Author: by.actor("")})
		},
	})
	secrets.settle(ctx, receipt, err)
	if err == nil {
		receipt.ID = noteID
	}
	return receipt, err
}

func (c AddNote) visibility(by Caller) domain.Visibility {
	if by.Role == domain.RoleCustomer {
		return domain.VisibleCustomer
	}
	return cmp.Or(c.Visibility, domain.VisibleInternal)
}

// mayIssue keeps customers from notes that they could not read.
func (c AddNote) mayIssue(by Caller) error {
	return allow(by.Role != domain.RoleCustomer || c.Visibility != domain.VisibleInternal)
}

// RedactNote removes a note's text for good. The desk of the booking's branch may issue it, others for what they wrote
// themselves.
type RedactNote struct {
	BookingID string `json:"bookingId" validate:"required,id=bkg" doc:"The booking."`
	NoteID    string `json:"noteId" validate:"required,id=nt" doc:"The note."`
	Reason    string `json:"reason,omitempty" validate:"omitempty,max=500,prose" doc:"Why, for the salon."`
}

// RedactNote runs the command. To redact twice changes nothing.
func (s *Service) RedactNote(ctx context.Context, by Caller, o Options, c RedactNote) (Receipt, error) {
	return s.changeBooking(ctx, by, o, change{
		name: "redact_note", bookingID: c.BookingID, body: c, may: anyone, admit: ofAnyParty(by), additive: true,
		decide: func(_ context.Context, b domain.Booking) ([]domain.BookingEvent, error) {
			note, ok := b.Notes[c.NoteID]
			switch {
			case ok && by.Role == domain.RoleCustomer && note.Visibility == domain.VisibleInternal:
				return b.RedactNote(domain.RedactNote{}) // to a customer it is not there
			case ok && !by.Role.Desk() && note.AuthorID != by.UserID:
				return nil, errForbidden()
			}
			return b.RedactNote(domain.RedactNote{NoteID: c.NoteID, Reason: c.Reason})
		},
	})
}
