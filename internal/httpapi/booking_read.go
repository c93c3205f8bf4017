package httpapi

import (
	"context"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/projections"
)

type bookingInput struct {
	ID string `path:"id" doc:"The booking's id."`
	PositionInput
}

type bookingOutput struct {
	ETag string `header:"ETag" doc:"The revision, for If-Match."`
	Body struct {
		BookingView
		Notes    []NoteView          `json:"notes" doc:"Those that the caller may read, the oldest first."`
		Position eventstore.Position `json:"position" doc:"How far the read has seen the log."`
	}
}

func (s *server) getBooking(ctx context.Context, in *bookingInput) (*bookingOutput, error) {
	booking, at, err := s.visibleBooking(ctx, in.ID, in.MinPosition)
	if err != nil {
		return nil, err
	}
	views, err := s.views(ctx, sessionOf(ctx), []projections.Booking{booking})
	if err != nil {
		return nil, err
	}
	out := &bookingOutput{ETag: etag(booking.Revision)}
	out.Body.BookingView, out.Body.Position = views[0], at
	out.Body.Notes, err = s.notes(ctx, booking)
	return out, err
}

// visibleBooking reads a booking that the session may see. All others are not there: the refusal is the same value.
func (s *server) visibleBooking(
	ctx context.Context, id, minPosition string,
) (projections.Booking, eventstore.Position, error) {
	p := s.parameters(ctx)
	id, lowest := p.id("id", domain.BookingPrefix, id), p.position(minPosition)
	if err := p.err(); err != nil {
		return projections.Booking{}, 0, err
	}
	booking, at, err := s.Queries.BookingByID(ctx, id, lowest)
	if err != nil {
		return projections.Booking{}, 0, err
	}
	if !sessionOf(ctx).sees(booking) {
		return projections.Booking{}, 0, domain.ErrBookingNotFound()
	}
	return booking, at, nil
}
