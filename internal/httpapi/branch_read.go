package httpapi

import (
	"context"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/projections"
)

type branchesInput struct{ PositionInput }

type branchesOutput struct{ Body projections.BranchList }

// listBranches shows every branch to everyone who is signed in: customers choose among them.
func (s *server) listBranches(ctx context.Context, in *branchesInput) (*branchesOutput, error) {
	lowest, err := s.parseMinPosition(in.MinPosition)
	if err != nil {
		return nil, err
	}
	list, err := s.Queries.Branches(ctx, projections.EveryBranch(), lowest)
	if err != nil {
		return nil, err
	}
	return &branchesOutput{Body: list}, nil
}

type branchReadInput struct {
	ID string `path:"id" doc:"The branch's id."`
	PositionInput
}

type branchOutput struct {
	ETag string `header:"ETag" doc:"The revision."`
	Body struct {
		projections.Branch
		Services []domain.Service    `json:"services"`
		Staff    []MemberView        `json:"staff"`
		Position eventstore.Position `json:"position" doc:"How far the read has seen the log."`
	}
}

// MemberView is somebody who works at a branch.
type MemberView struct {
	projections.Member
	Name string `json:"name,omitempty"`
}

func (s *server) getBranch(ctx context.Context, in *branchReadInput) (*branchOutput, error) {
	if err := checkID(domain.BranchPrefix, "id", in.ID); err != nil {
		return nil, err
	}
	lowest, err := s.parseMinPosition(in.MinPosition)
	if err != nil {
		return nil, err
	}
	detail, err := s.Queries.Branch(ctx, in.ID, lowest)
	if err != nil {
		return nil, err
	}
	ids := make([]string, 0, len(detail.Staff))
	for _, m := range detail.Staff {
		ids = append(ids, m.StaffID)
	}
	names, err := s.Directory.Names(ctx, ids...)
	if err != nil {
		return nil, err
	}
	out := &branchOutput{ETag: etag(detail.Revision)}
	out.Body.Branch, out.Body.Services, out.Body.Position = detail.Branch, detail.Services, detail.Position
	out.Body.Staff = make([]MemberView, 0, len(detail.Staff))
	for _, m := range detail.Staff {
		out.Body.Staff = append(out.Body.Staff, MemberView{Member: m, Name: names[m.StaffID]})
	}
	return out, nil
}
