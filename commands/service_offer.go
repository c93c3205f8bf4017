package commands

import (
	"context"

	"github.com/royalglow/booking/domain"
)

// OfferService makes a branch offer a service on these terms, also anew on other terms. Managers of the branch may issue it.
type OfferService struct {
	BranchID  string             `json:"branchId" validate:"required,id=br"`
	ServiceID string             `json:"serviceId" validate:"required,id=svc"`
	Name      string             `json:"name" validate:"required,max=100,text"`
	Type      domain.ServiceType `json:"type,omitempty" validate:"omitempty,oneof=salon spa"` // salon unless given
	// DurationMinutes is the customer's time; with phases it may be left out.
	DurationMinutes int `json:"durationMinutes,omitempty" validate:"required_without=Phases,omitempty,min=1,max=1440"`
	// Phases divide the duration into time in which the member works and time in which he is free.
	Phases            []PhaseTerms `json:"phases,omitempty" validate:"max=20,dive"`
	PreBufferMinutes  int          `json:"preBufferMinutes,omitempty" validate:"min=0,max=480"`
	PostBufferMinutes int          `json:"postBufferMinutes,omitempty" validate:"min=0,max=480"`
	// PriceMinor is in minor units of the branch's currency.
	PriceMinor int64 `json:"priceMinor" validate:"min=0,max=100000000000"`
	// LeadMinutes is how long ahead customers book it, where that is longer than the branch's lead time.
	LeadMinutes int `json:"leadMinutes,omitempty" validate:"min=0,max=10080"`
}

// PhaseTerms is one phase of a service.
type PhaseTerms struct {
	Kind    domain.PhaseKind `json:"kind" validate:"required,oneof=active processing"`
	Minutes int              `json:"minutes" validate:"required,min=1,max=1440"`
}

// OfferService runs the command. It fails with NOT_FOUND where there is no such branch. Bookings keep the terms that they were
// made on.
func (s *Service) OfferService(ctx context.Context, by Caller, o Options, c OfferService) (Receipt, error) {
	return s.changeBranch(ctx, by, o, branchChange{
		name: "offer_service", branchID: c.BranchID, part: c.ServiceID, body: c,
		decide: func(_ context.Context, b domain.Branch) ([]domain.BranchEvent, error) {
			service := domain.Service{
				ServiceID: c.ServiceID, Name: c.Name, Type: c.Type, DurationMinutes: c.DurationMinutes,
				PreBufferMinutes: c.PreBufferMinutes, PostBufferMinutes: c.PostBufferMinutes, PriceMinor: c.PriceMinor,
				LeadMinutes: c.LeadMinutes,
			}
			for _, p := range c.Phases {
				service.Phases = append(service.Phases, domain.Phase(p))
			}
			return b.Offer(service)
		},
	})
}

// WithdrawService makes a branch offer a service no more; bookings of it stay. Managers of the branch may issue it.
type WithdrawService struct {
	BranchID  string `json:"branchId" validate:"required,id=br"`
	ServiceID string `json:"serviceId" validate:"required,id=svc"`
}

// WithdrawService runs the command. To withdraw what is not offered changes nothing.
func (s *Service) WithdrawService(ctx context.Context, by Caller, o Options, c WithdrawService) (Receipt, error) {
	return s.changeBranch(ctx, by, o, branchChange{
		name: "withdraw_service", branchID: c.BranchID, part: c.ServiceID, body: c,
		decide: func(_ context.Context, b domain.Branch) ([]domain.BranchEvent, error) { return b.Withdraw(c.ServiceID) },
	})
}
