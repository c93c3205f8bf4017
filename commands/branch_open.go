package commands

import (
	"context"

	"github.com/royalglow/booking/domain"
)

// OpenBranch makes a branch exist on these terms, or changes its policy. The desk of the branch may issue it; owners and
// developers for any. Name, time zone and currency stay as they were first given.
type OpenBranch struct {
	BranchID string `json:"branchId" validate:"required,id=br"`
	Name     string `json:"name" validate:"required,max=100,text"`
	TimeZone string `json:"timeZone" validate:"required,zone"` // IANA
	Currency string `json:"currency" validate:"required,iso4217"`
	// Policy holds where the branch differs from domain.DefaultPolicy.
	Policy PolicyTerms `json:"policy"`
}

// PolicyTerms are a branch's rules; what is nil has its default.
type PolicyTerms struct {
	LeadMinutes         *int `json:"leadMinutes,omitempty" validate:"omitempty,min=0,max=10080"`
	HorizonDays         *int `json:"horizonDays,omitempty" validate:"omitempty,min=1,max=365"`
	ActiveCap           *int `json:"activeCap,omitempty" validate:"omitempty,min=1,max=50"`
	CancelCutoffMinutes *int `json:"cancelCutoffMinutes,omitempty" validate:"omitempty,min=0,max=10080"`
}

func (t PolicyTerms) policy() domain.Policy {
	p := domain.DefaultPolicy()
	for _, term := range []struct{ set, field *int }{
		{t.LeadMinutes, &p.LeadMinutes},
		{t.HorizonDays, &p.HorizonDays},
		{t.ActiveCap, &p.ActiveCap},
		{t.CancelCutoffMinutes, &p.CancelCutoffMinutes},
	} {
		if term.set != nil {
			*term.field = *term.set
		}
	}
	return p
}

// OpenBranch runs the command. It fails with CONFLICT where the branch is open on other terms than its policy.
func (s *Service) OpenBranch(ctx context.Context, by Caller, o Options, c OpenBranch) (Receipt, error) {
	cmd, err := s.accept("open_branch", by, deskOf(c.BranchID), o, c.BranchID, c)
	if err != nil {
		return Receipt{}, err
	}
	return run(ctx, s, edit[domain.Branch, domain.BranchEvent]{
		command: cmd, id: c.BranchID, stream: domain.BranchStream(c.BranchID),
		decide: func(_ context.Context, b domain.Branch) ([]domain.BranchEvent, error) {
			return b.Establish(domain.OpenBranch{
				BranchID: c.BranchID, Name: c.Name, TimeZone: c.TimeZone, Currency: c.Currency, Policy: c.Policy.policy(),
			})
		},
	})
}
