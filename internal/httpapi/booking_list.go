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
	Status     string `query:"status" doc:"Only in this status: pending, confirmed, rejected or cancelled."`
	From       string `query:"from" doc:"Only those that start at this instant or later (RFC 3339)."`
	To         string `query:"to" doc:"Only those that start before this instant (RFC 3339)."`
	Order      string `query:"order" doc:"start (the default) or -start, the latest first."`
	Cursor     string `query:"cursor" doc:"Next of the page before, with the same filters."`
	Limit      string `query:"limit" doc:"Bookings on a page: 1 to 500, 50 unless given."`
	PositionInput
}

type listOutput struct {
	Body struct {
		Bookings []BookingView       `json:"bookings"`
		Next     projections.Cursor  `json:"next,omitempty" doc:"The cursor of the next page; missing on the last."`
		Position eventstore.Position `json:"position" doc:"How far the read has seen the log."`
	}
}

func (s *server) listBookings(ctx context.Context, in *listInput) (*listOutput, error) {
	session := sessionOf(ctx)
	lowest, err := s.parseMinPosition(in.MinPosition)
	if err != nil {
		return nil, err
	}
	filter, err := in.filter()
	if err != nil {
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
func (in *listInput) filter() (f projections.BookingFilter, err error) {
	for _, id := range []struct {
		prefix      domain.IDPrefix
		name, value string
	}{
		{domain.BranchPrefix, "branchId", in.BranchID},
		{domain.UserPrefix, "customerId", in.CustomerID},
		{domain.StaffPrefix, "staffId", in.StaffID},
	} {
		if id.value == "" {
			continue
		}
		if err := checkID(id.prefix, id.name, id.value); err != nil {
			return f, err
		}
	}
	f = projections.BookingFilter{
		Branches: projections.EveryBranch(), CustomerID: in.CustomerID, StaffID: in.StaffID,
		Status: domain.Status(in.Status), After: projections.Cursor(in.Cursor),
	}
	if in.BranchID != "" {
		f.Branches = projections.InBranches(in.BranchID)
	}
	if in.Status != "" && !slices.Contains(domain.Statuses(), f.Status) {
		return f, wrongParameter("status", "must be one of pending, confirmed, rejected, cancelled")
	}
	if f.From, err = parseTime("from", in.From); err != nil {
		return f, err
	}
	if f.To, err = parseTime("to", in.To); err != nil {
		return f, err
	}
	if f.LatestFirst, err = parseOrder(in.Order); err != nil {
		return f, err
	}
	f.Limit, err = parseLimit(in.Limit)
	return f, err
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
		return f.StaffID == "" // who works on what is not the customer's to search
	case domain.RoleStaff:
		if (f.StaffID != "" && f.StaffID != s.StaffID) || (f.Status != "" && f.Status != domain.StatusConfirmed) {
			return false
		}
		f.StaffID, f.Status = s.StaffID, domain.StatusConfirmed
		return true
	case domain.RoleReceptionist, domain.RoleManager, domain.RoleOwner, domain.RoleDeveloper:
		if branchID == "" {
			f.Branches = s.branches()
			return true
		}
		return s.runsBranch(branchID)
	case domain.RoleSystem:
	}
	return false
}
