package commands

import (
	"context"

	"github.com/royalglow/booking/domain"
)

// OfferService makes a branch offer a service on these terms, also anew on other terms. The desk of the branch may issue it.
type OfferService struct {
	BranchID        string `json:"branchId" validate:"required,id=br"`
	ServiceID       string `json:"serviceId" validate:"required,id=svc"`
	Name            string `json:"name" validate:"required,max=100,text"`
	DurationMinutes int    `json:"durationMinutes" validate:"required,min=1,max=1440"`
	// PriceMinor is in minor units of the branch's currency.
	PriceMinor int64 `json:"priceMinor" validate:"min=0,max=100000000000"`
}

// OfferService runs the command. It fails with NOT_FOUND where there is no such branch.
func (s *Service) OfferService(ctx context.Context, by Caller, o Options, c OfferService) (Receipt, error) {
	cmd, err := s.accept("offer_service", by, deskOf(c.BranchID), o, c.BranchID+"/"+c.ServiceID, c)
	if err != nil {
		return Receipt{}, err
	}
	return run(ctx, s, edit[domain.Branch, domain.BranchEvent]{
		command: cmd, id: c.ServiceID, stream: domain.BranchStream(c.BranchID),
		decide: func(_ context.Context, b domain.Branch) ([]domain.BranchEvent, error) {
			return b.Offer(domain.Service{
				ServiceID: c.ServiceID, Name: c.Name, DurationMinutes: c.DurationMinutes, PriceMinor: c.PriceMinor,
			})
		},
	})
}
