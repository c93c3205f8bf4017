package commands

import (
	"context"

	"github.com/royalglow/booking/domain"
)

// OpenBranch makes a branch exist on these terms, or changes its policy. Managers of the branch may issue it; owners and
// developers for any. Name, time zone and currency stay as they were first given.
type OpenBranch struct {
	BranchID string      `json:"branchId" validate:"required,id=br" doc:"The branch's id, as the caller chooses it."`
	Name     string      `json:"name" validate:"required,max=100,text" doc:"What people call it."`
	TimeZone string      `json:"timeZone" validate:"required,zone" doc:"The IANA zone of its clocks."`
	Currency string      `json:"currency" validate:"required,iso4217" doc:"That of its prices, ISO 4217."`
	Policy   PolicyTerms `json:"policy" doc:"Its rules; what is left out gets its default."`
}

// OpenBranch runs the command. It fails with CONFLICT where the branch is open on other terms than its policy.
func (s *Service) OpenBranch(ctx context.Context, by Caller, o Options, c OpenBranch) (Receipt, error) {
	return s.changeBranch(ctx, by, o, branchChange{
		name: "open_branch", branchID: c.BranchID, body: c, creates: true,
		decide: func(_ context.Context, b domain.Branch) ([]domain.BranchEvent, error) {
			return b.Establish(domain.OpenBranch{
				BranchID: c.BranchID, Name: c.Name, TimeZone: c.TimeZone, Currency: c.Currency, Policy: c.Policy.policy(),
			})
		},
	})
}

// branchChange is a command on a branch: what is particular about it. Managers of the branch may issue it.
type branchChange struct {
	name     string
	branchID string
	part     string // what of the branch it is about, if that has an id
	body     any
	creates  bool
	decide   func(context.Context, domain.Branch) ([]domain.BranchEvent, error)
}

func (s *Service) changeBranch(ctx context.Context, by Caller, o Options, c branchChange) (Receipt, error) {
	target, id := c.branchID, c.branchID
	if c.part != "" {
		target, id = c.branchID+"/"+c.part, c.part
	}
	cmd, err := s.accept(c.name, by, managerOf(c.branchID), o, target, c.body)
	if err != nil {
		return Receipt{}, err
	}
	return run(ctx, s, edit[domain.Branch, domain.BranchEvent]{
		command: cmd, id: id, stream: domain.BranchStream(c.branchID), loader: s.branches, creates: c.creates, decide: c.decide,
	})
}
