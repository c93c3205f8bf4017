package commands

import (
	"context"

	"github.com/royalglow/booking/commands/internal/aggregate"
	"github.com/royalglow/booking/domain"
)

// JoinStaff makes a member work at a branch, also anew with other skills. The desk of the branch may issue it.
type JoinStaff struct {
	BranchID string `json:"branchId" validate:"required,id=br"`
	StaffID  string `json:"staffId" validate:"required,id=stf"`
	// Skills are the services that the member performs there; none means all that the branch offers.
	Skills []string `json:"skills" validate:"max=200,unique,dive,id=svc"`
}

// JoinStaff runs the command. It fails with NOT_FOUND where there is no such branch.
func (s *Service) JoinStaff(ctx context.Context, by Caller, o Options, c JoinStaff) (Receipt, error) {
	cmd, err := s.accept("join_staff", by, deskOf(c.BranchID), o, c.BranchID+"/"+c.StaffID, c)
	if err != nil {
		return Receipt{}, err
	}
	return run(ctx, s, edit[domain.Staff, domain.StaffEvent]{
		command: cmd, id: c.StaffID, stream: domain.StaffStream(c.StaffID),
		decide: func(ctx context.Context, member domain.Staff) ([]domain.StaffEvent, error) {
			branch, err := s.branch(ctx, c.BranchID)
			if err != nil {
				return nil, err
			}
			if !branch.Open() {
				return nil, domain.Refuse(domain.NotFound, domain.CodeNotFound, "there is no such branch")
			}
			return member.Join(c.StaffID, c.BranchID, c.Skills), nil
		},
	})
}

// branch and member read what a decision rests on beside its own aggregate.
func (s *Service) branch(ctx context.Context, id string) (domain.Branch, error) {
	b, err := aggregate.Load[domain.Branch, domain.BranchEvent](ctx, s.store, domain.BranchStream(id))
	return b.State, err
}

func (s *Service) member(ctx context.Context, id string) (domain.Staff, error) {
	m, err := aggregate.Load[domain.Staff, domain.StaffEvent](ctx, s.store, domain.StaffStream(id))
	return m.State, err
}
