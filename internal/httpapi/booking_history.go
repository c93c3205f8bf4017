package httpapi

import (
	"context"

	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/projections"
)

type historyOutput struct {
	Body struct {
		ID       string              `json:"id" doc:"The booking."`
		Steps    []StepView          `json:"steps" doc:"The oldest first."`
		Position eventstore.Position `json:"position" doc:"How far the read has seen the log."`
	}
}

// StepView is one entry of a booking's history: who did what, when, why and on whose behalf.
type StepView struct {
	projections.Step
	ActorName      string            `json:"actorName,omitempty" doc:"As the directory has it; missing when it is not known."`
	OnBehalfOfName string            `json:"onBehalfOfName,omitempty" doc:"That of the customer for whom the desk acted."`
	StaffNames     map[string]string `json:"staffNames,omitempty" doc:"The names of the members of staff in details, by id."`
}

func (s *server) getHistory(ctx context.Context, in *bookingInput) (*historyOutput, error) {
	if err := sessionOf(ctx).deskOnly(); err != nil {
		return nil, err
	}
	booking, _, err := s.visibleBooking(ctx, in.ID, in.MinPosition)
	if err != nil {
		return nil, err
	}
	p := s.parameters(ctx)
	lowest := p.position(in.MinPosition) // the steps are another read model's
	if err := p.err(); err != nil {
		return nil, err
	}
	steps, at, err := s.Queries.Timeline(ctx, booking.ID, lowest)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, step := range steps {
		ids = append(ids, step.Actor.UserID, step.Actor.OnBehalfOf)
		ids = append(ids, staffOf(step)...)
	}
	names, err := s.names(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := &historyOutput{}
	out.Body.ID, out.Body.Position, out.Body.Steps = booking.ID, at, make([]StepView, 0, len(steps))
	for _, step := range steps {
		v := StepView{Step: step, ActorName: names[step.Actor.UserID], OnBehalfOfName: names[step.Actor.OnBehalfOf]}
		for _, id := range staffOf(step) {
			if name := names[id]; name != "" {
				if v.StaffNames == nil {
					v.StaffNames = map[string]string{}
				}
				v.StaffNames[id] = name
			}
		}
		out.Body.Steps = append(out.Body.Steps, v)
	}
	return out, nil
}

// staffOf lists the members whom a step names.
func staffOf(step projections.Step) (ids []string) {
	for _, change := range step.Details.Staff {
		for _, id := range []string{change.FromStaffID, change.ToStaffID} {
			if id != "" {
				ids = append(ids, id)
			}
		}
	}
	return ids
}
