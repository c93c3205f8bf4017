package httpapi

import (
	"context"
	"net/http"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/projections"
)

func (s *server) staffRoutes() {
	const shifts = "/api/staff/{id}/shifts"
	register(s, operation{
		id: "getShifts", method: http.MethodGet, path: shifts, tag: "Staff", summary: "Read when and where a member works",
		detail: "For the member, all branches; for the desk, its own.",
	}, s.getShifts)
	command(s, operation{
		id: "setShifts", method: http.MethodPut, path: shifts, tag: "Staff",
		summary: "Set a member's shifts at a branch from a date on, or of one date",
		detail: "For managers of the branch: a pattern or an override, one of them. Nobody works at two branches at once. Bookings " +
			"outside the new shifts stay.",
	}, s.Commands.SetShifts)
}

type staffInput struct {
	StaffID string `path:"id" doc:"The id of the member of staff."`
	PositionInput
}

type shiftsOutput struct {
	ETag string `header:"ETag" doc:"The revision."`
	Body struct {
		StaffID  string                  `json:"staffId"`
		Name     string                  `json:"name,omitempty" doc:"As the directory has it."`
		Branches []projections.Workplace `json:"branches" doc:"Where the member works, ordered by id."`
		Position eventstore.Position     `json:"position" doc:"How far the read has seen the log."`
	}
}

// getShifts answers for a member who is not there as for one who works at none of the desk's branches.
func (s *server) getShifts(ctx context.Context, in *staffInput) (*shiftsOutput, error) {
	session := sessionOf(ctx)
	p := s.parameters(ctx)
	id, lowest := p.id("id", domain.StaffPrefix, in.StaffID), p.position(in.MinPosition)
	if err := p.err(); err != nil {
		return nil, err
	}
	own := session.StaffID == id
	if !own && !session.Role.Desk() {
		return nil, errForbidden()
	}
	detail, err := s.Queries.Staff(ctx, id, lowest)
	if err != nil {
		return nil, err
	}
	out := &shiftsOutput{ETag: etag(detail.Revision)}
	out.Body.Branches = []projections.Workplace{}
	for _, w := range detail.Branches {
		if own || session.runsBranch(w.BranchID) {
			out.Body.Branches = append(out.Body.Branches, w)
		}
	}
	if len(out.Body.Branches) == 0 {
		return nil, domain.Refuse(domain.NotFound, domain.CodeNotFound, "there is no such member of staff")
	}
	names, err := s.names(ctx, []string{id})
	out.Body.StaffID, out.Body.Name, out.Body.Position = id, names[id], detail.Position
	return out, err
}
