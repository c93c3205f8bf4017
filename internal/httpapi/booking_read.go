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
	return out, nil
}

// visibleBooking reads a booking that the session may see. All others are not there: the refusal is the same value.
func (s *server) visibleBooking(
	ctx context.Context, id, minPosition string,
) (projections.Booking, eventstore.Position, error) {
	if err := checkID(domain.BookingPrefix, "id", id); err != nil {
		return projections.Booking{}, 0, err
	}
	lowest, err := s.parseMinPosition(minPosition)
	if err != nil {
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

type historyOutput struct {
	Body struct {
		ID       string              `json:"id"`
		Steps    []StepView          `json:"steps" doc:"The oldest first."`
		Position eventstore.Position `json:"position" doc:"How far the read has seen the log."`
	}
}

// StepView is one entry of a booking's history.
type StepView struct {
	projections.Step
	ActorName         string `json:"actorName,omitempty"`
	StaffName         string `json:"staffName,omitempty"`
	PreviousStaffName string `json:"previousStaffName,omitempty"`
}

func (s *server) getHistory(ctx context.Context, in *bookingInput) (*historyOutput, error) {
	if err := sessionOf(ctx).deskOnly(); err != nil {
		return nil, err
	}
	booking, _, err := s.visibleBooking(ctx, in.ID, in.MinPosition)
	if err != nil {
		return nil, err
	}
	steps, at, err := s.Queries.Timeline(ctx, booking.ID, 0)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, step := range steps {
		ids = append(ids, step.Actor.UserID, step.StaffID, step.PreviousStaffID)
	}
	names, err := s.Directory.Names(ctx, ids...)
	if err != nil {
		return nil, err
	}
	out := &historyOutput{}
	out.Body.ID, out.Body.Position, out.Body.Steps = booking.ID, at, make([]StepView, 0, len(steps))
	for _, step := range steps {
		out.Body.Steps = append(out.Body.Steps, StepView{
			Step: step, ActorName: names[step.Actor.UserID],
			StaffName: names[step.StaffID], PreviousStaffName: names[step.PreviousStaffID],
		})
	}
	return out, nil
}
