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
	p := s.parameters(ctx)
	lowest := p.position(in.MinPosition)
	if err := p.err(); err != nil {
		return nil, err
	}
	list, err := s.Queries.Branches(ctx, projections.EveryBranch(), lowest)
	if err != nil {
		return nil, err
	}
	return &branchesOutput{Body: list}, nil
}

// branchReadInput is a read of a branch, or of a part of it.
type branchReadInput struct {
	ID string `path:"id" doc:"The branch's id."`
	PositionInput
}

// branch reads the branch that is asked for.
func (s *server) branch(ctx context.Context, in *branchReadInput) (projections.BranchDetail, error) {
	p := s.parameters(ctx)
	id, lowest := p.id("id", domain.BranchPrefix, in.ID), p.position(in.MinPosition)
	if err := p.err(); err != nil {
		return projections.BranchDetail{}, err
	}
	return s.Queries.Branch(ctx, id, lowest)
}

type branchOutput struct {
	ETag string `header:"ETag" doc:"The revision."`
	Body struct {
		projections.Branch
		Services []ServiceView       `json:"services" doc:"What it offers, ordered by id."`
		Staff    []MemberView        `json:"staff" doc:"Who works there, ordered by id."`
		Closures []domain.Closure    `json:"closures" doc:"When it is closed beside its hours, ordered by id."`
		Position eventstore.Position `json:"position" doc:"How far the read has seen the log."`
	}
}

func (s *server) getBranch(ctx context.Context, in *branchReadInput) (*branchOutput, error) {
	detail, err := s.branch(ctx, in)
	if err != nil {
		return nil, err
	}
	out := &branchOutput{ETag: etag(detail.Revision)}
	out.Body.Branch, out.Body.Closures, out.Body.Position = detail.Branch, detail.Closures, detail.Position
	out.Body.Services = serviceViews(sessionOf(ctx), detail)
	out.Body.Staff, err = s.memberViews(ctx, detail)
	return out, err
}

// ServiceView is a service as its reader may see it: staff see no prices.
type ServiceView struct {
	ServiceID         string             `json:"serviceId"`
	Name              string             `json:"name" doc:"What people call it."`
	Type              domain.ServiceType `json:"type" doc:"Services of two types are never booked together."`
	DurationMinutes   int                `json:"durationMinutes" doc:"The customer's time."`
	Phases            []domain.Phase     `json:"phases,omitempty" doc:"Missing when the service is active throughout."`
	PreBufferMinutes  int                `json:"preBufferMinutes,omitempty" doc:"The member's time before. Not shown to customers."`
	PostBufferMinutes int                `json:"postBufferMinutes,omitempty" doc:"The member's time after. Not shown to customers."`
	PriceMinor        *int64             `json:"priceMinor,omitempty" doc:"In minor units of the branch's currency. Not shown to staff."`
	LeadMinutes       int                `json:"leadMinutes,omitempty" doc:"How long ahead customers book it, where that is longer than the branch's."`
}

func serviceViews(reader Session, detail projections.BranchDetail) []ServiceView {
	views := make([]ServiceView, 0, len(detail.Services))
	for _, one := range detail.Services {
		v := ServiceView{
			ServiceID: one.ServiceID, Name: one.Name, Type: one.Type, DurationMinutes: one.DurationMinutes, Phases: one.Phases,
			LeadMinutes: one.LeadMinutes,
		}
		if reader.Role != domain.RoleCustomer {
			v.PreBufferMinutes, v.PostBufferMinutes = one.PreBufferMinutes, one.PostBufferMinutes
		}
		if reader.seesPrices() {
			v.PriceMinor = &one.PriceMinor
		}
		views = append(views, v)
	}
	return views
}

type servicesOutput struct {
	ETag string `header:"ETag" doc:"The branch's revision."`
	Body struct {
		Services []ServiceView       `json:"services" doc:"Ordered by id."`
		Currency string              `json:"currency" doc:"ISO 4217."`
		Position eventstore.Position `json:"position" doc:"How far the read has seen the log."`
	}
}

func (s *server) listServices(ctx context.Context, in *branchReadInput) (*servicesOutput, error) {
	detail, err := s.branch(ctx, in)
	if err != nil {
		return nil, err
	}
	out := &servicesOutput{ETag: etag(detail.Revision)}
	out.Body.Services, out.Body.Currency = serviceViews(sessionOf(ctx), detail), detail.Currency
	out.Body.Position = detail.Position
	return out, nil
}

// MemberView is somebody who works at a branch, as the reader may see him: customers see no shifts.
type MemberView struct {
	StaffID  string              `json:"staffId"`
	Name     string              `json:"name,omitempty" doc:"As the directory has it."`
	Skills   []string            `json:"skills" doc:"The services that the member does there; none means all."`
	Shifts   *domain.Timetable   `json:"shifts,omitempty" doc:"On the branch's clocks. Not shown to customers."`
	Revision eventstore.Revision `json:"revision"`
}

func (s *server) memberViews(ctx context.Context, detail projections.BranchDetail) ([]MemberView, error) {
	ids := make([]string, 0, len(detail.Staff))
	for _, m := range detail.Staff {
		ids = append(ids, m.StaffID)
	}
	names, err := s.Directory.Names(ctx, ids...)
	if err != nil {
		return nil, err
	}
	views := make([]MemberView, 0, len(detail.Staff))
	for _, m := range detail.Staff {
		v := MemberView{StaffID: m.StaffID, Name: names[m.StaffID], Skills: m.Skills, Revision: m.Revision}
		if sessionOf(ctx).Role != domain.RoleCustomer {
			v.Shifts = &m.Shifts
		}
		views = append(views, v)
	}
	return views, nil
}

type membersOutput struct {
	Body struct {
		Staff    []MemberView        `json:"staff" doc:"Ordered by id."`
		Position eventstore.Position `json:"position" doc:"How far the read has seen the log."`
	}
}

func (s *server) listStaff(ctx context.Context, in *branchReadInput) (*membersOutput, error) {
	detail, err := s.branch(ctx, in)
	if err != nil {
		return nil, err
	}
	out := &membersOutput{}
	out.Body.Position = detail.Position
	out.Body.Staff, err = s.memberViews(ctx, detail)
	return out, err
}
