package httpapi

import (
	"context"
	"net/http"

	"github.com/royalglow/booking/commands"
	"github.com/royalglow/booking/domain"
)

const branchesTag = "Branches"

func (s *server) branchRoutes() {
	register(s, operation{
		id: "listBranches", method: http.MethodGet, path: "/api/branches", tag: branchesTag, summary: "List the branches",
	}, s.listBranches)
	register(s, operation{
		id: "getBranch", method: http.MethodGet, path: "/api/branches/{id}", tag: branchesTag,
		summary: "Read a branch with what it offers and who works there",
	}, s.getBranch)
	register(s, operation{
		id: "openBranch", method: http.MethodPut, path: "/api/branches/{id}", tag: branchesTag, body: branchTerms{},
		summary: "Open a branch or change its policy", detail: "For the desk of the branch.",
	}, s.openBranch)
	register(s, operation{
		id: "offerService", method: http.MethodPut, path: "/api/branches/{id}/services/{serviceId}", tag: branchesTag,
		summary: "Offer a service, or change its terms", body: serviceTerms{},
		detail: "For the desk of the branch. Bookings keep the terms on which they were requested.",
	}, s.offerService)
	register(s, operation{
		id: "joinStaff", method: http.MethodPut, path: "/api/branches/{id}/staff/{staffId}", tag: branchesTag,
		summary: "Let a member of staff work at a branch, or change what he does there", body: memberTerms{},
		detail: "For the desk of the branch.",
	}, s.joinStaff)
}

type branchTerms struct {
	Name     string               `json:"name" maxLength:"100"`
	TimeZone string               `json:"timeZone" doc:"IANA. It never changes." example:"Asia/Kolkata"`
	Currency string               `json:"currency" doc:"ISO 4217. It never changes." example:"INR"`
	Policy   commands.PolicyTerms `json:"policy,omitzero" doc:"Where the branch differs from the defaults."`
}

type serviceTerms struct {
	Name            string `json:"name" maxLength:"100"`
	DurationMinutes int    `json:"durationMinutes" minimum:"1" maximum:"1440"`
	PriceMinor      int64  `json:"priceMinor" minimum:"0" doc:"In minor units of the branch's currency."`
}

type memberTerms struct {
	Skills []string `json:"skills,omitempty" doc:"The services that the member does there; none means all."`
}

// BranchInput is a command for a branch. It is embedded, see BodyInput.
type BranchInput struct {
	ID string `path:"id" doc:"The branch's id."`
	CommandInput
	BodyInput
}

func (s *server) openBranch(ctx context.Context, in *BranchInput) (*receiptOutput, error) {
	options, err := in.check()
	if err != nil {
		return nil, err
	}
	terms, err := decode[branchTerms](in.RawBody)
	if err != nil {
		return nil, err
	}
	r, err := s.Commands.OpenBranch(ctx, sessionOf(ctx).caller(), options, commands.OpenBranch{
		BranchID: in.ID, Name: terms.Name, TimeZone: terms.TimeZone, Currency: terms.Currency, Policy: terms.Policy,
	})
	if err != nil {
		return nil, err
	}
	return receipt(r, ""), nil
}

func (in *BranchInput) check() (commands.Options, error) {
	if err := checkID(domain.BranchPrefix, "id", in.ID); err != nil {
		return commands.Options{}, err
	}
	return in.options()
}

type serviceInput struct {
	BranchInput
	ServiceID string `path:"serviceId" doc:"The service's id."`
}

func (s *server) offerService(ctx context.Context, in *serviceInput) (*receiptOutput, error) {
	if err := checkID(domain.ServicePrefix, "serviceId", in.ServiceID); err != nil {
		return nil, err
	}
	options, err := in.check()
	if err != nil {
		return nil, err
	}
	terms, err := decode[serviceTerms](in.RawBody)
	if err != nil {
		return nil, err
	}
	r, err := s.Commands.OfferService(ctx, sessionOf(ctx).caller(), options, commands.OfferService{
		BranchID: in.ID, ServiceID: in.ServiceID, Name: terms.Name,
		DurationMinutes: terms.DurationMinutes, PriceMinor: terms.PriceMinor,
	})
	if err != nil {
		return nil, err
	}
	return receipt(r, ""), nil
}

type memberInput struct {
	BranchInput
	StaffID string `path:"staffId" doc:"The id of the member of staff."`
}

func (s *server) joinStaff(ctx context.Context, in *memberInput) (*receiptOutput, error) {
	if err := checkID(domain.StaffPrefix, "staffId", in.StaffID); err != nil {
		return nil, err
	}
	options, err := in.check()
	if err != nil {
		return nil, err
	}
	terms, err := decode[memberTerms](in.RawBody)
	if err != nil {
		return nil, err
	}
	r, err := s.Commands.JoinStaff(ctx, sessionOf(ctx).caller(), options, commands.JoinStaff{
		BranchID: in.ID, StaffID: in.StaffID, Skills: terms.Skills,
	})
	if err != nil {
		return nil, err
	}
	return receipt(r, ""), nil
}
