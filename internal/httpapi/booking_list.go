package httpapi

import (
	"context"
	"slices"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/projections"
)

type listInput struct {
	BranchID   string `query:"branchId" doc:"Only of this branch."`
	CustomerID string `query:"customerId" doc:"Only of this customer."`
	StaffID    string `query:"staffId" doc:"Only those in which this member of staff has a part."`
	Status     string `query:"status" doc:"Only in these statuses: pending, confirmed, checked_in, in_progress, completed, rejected, cancelled, no_show; several with commas."`
	Type       string `query:"type" doc:"Only of this type: salon or spa."`
	NeedsStaff string `query:"needsStaff" doc:"true: only those of which a service has nobody to do it."`
	From       string `query:"from" doc:"Only those that start at this instant or later (RFC 3339)."`
	To         string `query:"to" doc:"Only those that start before this instant (RFC 3339)."`
	Date       string `query:"date" doc:"Only those that start on this branch-local date (YYYY-MM-DD)."`
	FromDate   string `query:"fromDate" doc:"Only those that start on this branch-local date or later."`
	ToDate     string `query:"toDate" doc:"Only those that start on this branch-local date or earlier."`
	Order      string `query:"order" doc:"start (the default) or -start, the latest first."`
	Cursor     string `query:"cursor" doc:"Next of the page before, with the same filters."`
	Limit      string `query:"limit" doc:"Bookings on a page: 1 to 500, 50 unless given."`
	PositionInput
}

type listOutput struct {
	Body struct {
		Bookings []BookingView       `json:"bookings" doc:"Ordered by start, as asked for."`
		Next     projections.Cursor  `json:"next,omitempty" doc:"The cursor of the next page; missing on the last."`
		Position eventstore.Position `json:"position" doc:"How far the read has seen the log."`
	}
}

func (s *server) listBookings(ctx context.Context, in *listInput) (*listOutput, error) {
	session := sessionOf(ctx)
	p := s.parameters(ctx)
	filter, lowest := in.filter(p), p.position(in.MinPosition)
	if err := p.err(); err != nil {
		return nil, err
	}
	if !session.narrow(&filter, in.BranchID) {
		// What reaches past the session finds nothing, and is not told why. The read still says its position.
		filter = projections.BookingFilter{}
	}
	page, err := s.Queries.Bookings(ctx, filter, lowest)
	if err != nil {
		return nil, err
	}
	views, err := s.views(ctx, session, page.Bookings)
	if err != nil {
		return nil, err
	}
	out := &listOutput{}
	out.Body.Bookings, out.Body.Next, out.Body.Position = views, page.Next, page.Position
	return out, nil
}

// filter reads the parameters as they stand.
func (in *listInput) filter(p *parameters) projections.BookingFilter {
	f := projections.BookingFilter{
		Branches:   projections.EveryBranch(),
		CustomerID: p.id("customerId", domain.UserPrefix, in.CustomerID), StaffID: p.id("staffId", domain.StaffPrefix, in.StaffID),
		Statuses: words(p, "status", in.Status, domain.Statuses()), NeedsStaff: p.flag("needsStaff", in.NeedsStaff),
		From: p.instant("from", in.From), To: p.instant("to", in.To),
		FromDate: p.date("fromDate", in.FromDate), ToDate: p.date("toDate", in.ToDate),
		LatestFirst: p.order(in.Order), After: p.cursor(domain.BookingPrefix, in.Cursor), Limit: p.limit(in.Limit, projections.MaxLimit),
	}
	if in.Type != "" {
		if f.Type = domain.ServiceType(in.Type); f.Type != domain.ServiceSalon && f.Type != domain.ServiceSpa {
			p.wrong("type", "must be salon or spa")
		}
	}
	if in.Date != "" {
		if f.FromDate != "" || f.ToDate != "" {
			p.wrong("date", "does not go with fromDate and toDate")
		}
		f.FromDate = p.date("date", in.Date)
		f.ToDate = f.FromDate
	}
	if id := p.id("branchId", domain.BranchPrefix, in.BranchID); id != "" {
		f.Branches = projections.InBranches(id)
	}
	return f
}

// narrow keeps a filter inside what the session may see; false when nothing is left. branchID is the branch that was asked
// for, if any.
func (s Session) narrow(f *projections.BookingFilter, branchID string) bool {
	switch s.Role {
	case domain.RoleCustomer:
		if f.CustomerID != "" && f.CustomerID != s.UserID {
			return false
		}
		f.CustomerID = s.UserID
		return f.StaffID == "" && !f.NeedsStaff // who works on what is not the customer's to search
	case domain.RoleStaff:
		if f.StaffID != "" && f.StaffID != s.StaffID {
			return false
		}
		f.StaffID, f.Statuses = s.StaffID, toldToStaff(f.Statuses)
		return len(f.Statuses) > 0
	case domain.RoleReceptionist, domain.RoleManager, domain.RoleOwner, domain.RoleDeveloper:
		f.Branches = s.scope(branchID)
		return true
	case domain.RoleSystem:
	}
	return false
}

// toldToStaff keeps the statuses that members of staff are told of; of all, when none were asked for.
func toldToStaff(asked []domain.Status) []domain.Status {
	if len(asked) == 0 {
		asked = domain.Statuses()
	}
	return slices.DeleteFunc(slices.Clone(asked), func(s domain.Status) bool { return !s.ToldToStaff() })
}
