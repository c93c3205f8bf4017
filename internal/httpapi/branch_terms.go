package httpapi

import (
	"context"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/projections"
)

type hoursOutput struct {
	ETag string `header:"ETag" doc:"The branch's revision."`
	Body struct {
		TimeZone string              `json:"timeZone" doc:"IANA: the hours are on its clocks."`
		Hours    domain.Timetable    `json:"hours" doc:"Without any the branch never closes but for closures."`
		Position eventstore.Position `json:"position" doc:"How far the read has seen the log."`
	}
}

func (s *server) getHours(ctx context.Context, in *branchReadInput) (*hoursOutput, error) {
	detail, err := s.branch(ctx, in)
	if err != nil {
		return nil, err
	}
	out := &hoursOutput{ETag: etag(detail.Revision)}
	out.Body.TimeZone, out.Body.Hours, out.Body.Position = detail.TimeZone, detail.Hours, detail.Position
	return out, nil
}

type policyOutput struct {
	ETag string `header:"ETag" doc:"The branch's revision."`
	Body struct {
		domain.Policy
		Position eventstore.Position `json:"position" doc:"How far the read has seen the log."`
	}
}

func (s *server) getPolicy(ctx context.Context, in *branchReadInput) (*policyOutput, error) {
	detail, err := s.branch(ctx, in)
	if err != nil {
		return nil, err
	}
	out := &policyOutput{ETag: etag(detail.Revision)}
	out.Body.Policy, out.Body.Position = detail.Policy, detail.Position
	return out, nil
}

type closuresInput struct {
	ID string `path:"id" doc:"The branch's id."`
	PositionInput
	From string `query:"from" doc:"Only those that end on this branch-local date (YYYY-MM-DD) or later; today unless given."`
}

// ClosureView is a closure as its reader may see it.
type ClosureView struct {
	domain.Closure
	// Conflicts is nil for those who are not of the branch's desk.
	Conflicts *[]string `json:"conflicts,omitempty" doc:"The open bookings in the way, by id. For the desk of the branch."`
}

type closuresOutput struct {
	Body struct {
		Closures []ClosureView       `json:"closures" doc:"Ordered by start."`
		Position eventstore.Position `json:"position" doc:"How far the read has seen the log."`
	}
}

func (s *server) listClosures(ctx context.Context, in *closuresInput) (*closuresOutput, error) {
	p := s.parameters(ctx)
	from, id, lowest := p.date("from", in.From), p.id("id", domain.BranchPrefix, in.ID), p.position(in.MinPosition)
	if err := p.err(); err != nil {
		return nil, err
	}
	detail, err := s.Queries.Branch(ctx, id, lowest)
	if err != nil {
		return nil, err
	}
	if from == "" {
		if from, err = s.today(detail.Branch); err != nil {
			return nil, err
		}
	}
	list, err := s.Queries.BranchClosures(ctx, detail.ID, from, detail.Position)
	if err != nil {
		return nil, err
	}
	out := &closuresOutput{}
	out.Body.Position, out.Body.Closures = list.Position, make([]ClosureView, 0, len(list.Closures))
	for _, c := range list.Closures {
		v := ClosureView{Closure: c.Closure}
		if sessionOf(ctx).runsBranch(detail.ID) {
			v.Conflicts = &c.Conflicts
		}
		out.Body.Closures = append(out.Body.Closures, v)
	}
	return out, nil
}

// today is the date on the branch's clocks.
func (s *server) today(b projections.Branch) (string, error) {
	loc, err := time.LoadLocation(b.TimeZone)
	if err != nil {
		return "", err
	}
	return s.Now().In(loc).Format(domain.DayFormat), nil
}
