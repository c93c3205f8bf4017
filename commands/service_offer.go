package commands

import (
	"context"

	"github.com/royalglow/booking/domain"
)

// OfferService makes a branch offer a service on these terms, also anew on other terms. Managers of the branch may issue it.
type OfferService struct {
	BranchID          string             `json:"branchId" validate:"required,id=br" doc:"The branch."`
	ServiceID         string             `json:"serviceId" validate:"required,id=svc" doc:"The service's id, as the caller chooses it."`
	Name              string             `json:"name" validate:"required,max=100,text" doc:"What people call it."`
	Type              domain.ServiceType `json:"type,omitempty" validate:"omitempty,oneof=salon spa" doc:"salon unless given. Services of two types are never booked together."`
	DurationMinutes   int                `json:"durationMinutes,omitempty" validate:"required_without=Phases,omitempty,min=1,max=1440" doc:"The customer's time. With phases it may be left out, and is their sum."`
	Phases            []PhaseTerms       `json:"phases,omitempty" validate:"max=20,dive" doc:"What divides the duration into time in which the member works and time in which he is free; active throughout unless given."`
	PreBufferMinutes  int                `json:"preBufferMinutes,omitempty" validate:"min=0,max=480" doc:"The member's time before it."`
	PostBufferMinutes int                `json:"postBufferMinutes,omitempty" validate:"min=0,max=480" doc:"The member's time after it."`
	PriceMinor        int64              `json:"priceMinor" validate:"min=0,max=100000000000" doc:"In minor units of the branch's currency; free unless given."`
	LeadMinutes       int                `json:"leadMinutes,omitempty" validate:"min=0,max=10080" doc:"How long ahead customers book it, where that is longer than the branch's lead time."`
}

// PhaseTerms is one phase of a service.
type PhaseTerms struct {
	Kind    domain.PhaseKind `json:"kind" validate:"required,oneof=active processing" doc:"Whether the member works then, or is free."`
	Minutes int              `json:"minutes" validate:"required,min=1,max=1440" doc:"How long it lasts."`
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
	BranchID  string `json:"branchId" validate:"required,id=br" doc:"The branch."`
	ServiceID string `json:"serviceId" validate:"required,id=svc" doc:"The service."`
}

// WithdrawService runs the command. To withdraw what is not offered changes nothing.
func (s *Service) WithdrawService(ctx context.Context, by Caller, o Options, c WithdrawService) (Receipt, error) {
	return s.changeBranch(ctx, by, o, branchChange{
		name: "withdraw_service", branchID: c.BranchID, part: c.ServiceID, body: c,
		decide: func(_ context.Context, b domain.Branch) ([]domain.BranchEvent, error) { return b.Withdraw(c.ServiceID) },
	})
}
