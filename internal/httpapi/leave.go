package httpapi

import (
	"context"
	"net/http"
	"slices"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/projections"
)

const (
	leaveTag  = "Leave"
	leavePath = "/api/leave/{id}"
)

func (s *server) leaveRoutes() {
	c := s.Commands
	command(s, operation{
		id: "requestLeave", method: http.MethodPost, path: "/api/leave", tag: leaveTag, summary: "Ask for leave",
		status: http.StatusCreated, location: "/api/leave/", detail: "For members of staff, for themselves.",
	}, c.RequestLeave)
	command(s, operation{
		id: "markStaffOff", method: http.MethodPost, path: "/api/leave/mark-off", tag: leaveTag,
		summary: "Mark a member of staff off", status: http.StatusCreated, location: "/api/leave/",
		detail: "For the desk of a branch at which the member works. The leave is approved as it is made.",
	}, c.MarkStaffOff)
	register(s, operation{
		id: "listLeave", method: http.MethodGet, path: "/api/leave", tag: leaveTag, summary: "List leave",
		detail: "Staff get their own, the desk those of everybody who works at its branches.",
	}, s.listLeave)
	register(s, operation{
		id: "getLeave", method: http.MethodGet, path: leavePath, tag: leaveTag, summary: "Read a leave with its open conflicts",
		detail: "A leave that the caller may not see is answered exactly as one that does not exist.",
	}, s.getLeave)
	s.actions(operation{
		id: "changeLeave", path: leavePath, tag: leaveTag, summary: "Decide on a leave, or undo it",
		detail: "The action says how. Nobody decides on his own; bookings never keep a leave from being approved, unless " +
			"onConflict says reject.",
	},
		act(leavePath, "approve", c.ApproveLeave),
		act(leavePath, "reject", c.RejectLeave),
		act(leavePath, "withdraw", c.WithdrawLeave),
		act(leavePath, "revoke", c.RevokeLeave),
	)
}

type leaveListInput struct {
	BranchID string `query:"branchId" doc:"Only of those who work at this branch."`
	StaffID  string `query:"staffId" doc:"Only of this member of staff."`
	Status   string `query:"status" doc:"Only in these statuses: pending, approved, rejected, withdrawn, revoked; several with commas."`
	FromDate string `query:"fromDate" doc:"Only those that touch this date (YYYY-MM-DD) or a later one."`
	ToDate   string `query:"toDate" doc:"Only those that touch this date (YYYY-MM-DD) or an earlier one."`
	Order    string `query:"order" doc:"start (the default) or -start, the latest first."`
	Cursor   string `query:"cursor" doc:"Next of the page before, with the same filters."`
	Limit    string `query:"limit" doc:"Leaves on a page: 1 to 500, 50 unless given."`
	PositionInput
}

type leaveListOutput struct {
	Body struct {
		Leave    []LeaveView         `json:"leave" doc:"Ordered by start, as asked for."`
		Next     projections.Cursor  `json:"next,omitempty" doc:"The cursor of the next page; missing on the last."`
		Position eventstore.Position `json:"position" doc:"How far the read has seen the log."`
	}
}

func (s *server) listLeave(ctx context.Context, in *leaveListInput) (*leaveListOutput, error) {
	session := sessionOf(ctx)
	if session.Role == domain.RoleCustomer {
		return nil, errForbidden()
	}
	p := s.parameters(ctx)
	filter := in.filter(p)
	lowest := p.position(in.MinPosition)
	if err := p.err(); err != nil {
		return nil, err
	}
	if session.Role == domain.RoleStaff {
		if filter.StaffID != "" && filter.StaffID != session.StaffID {
			filter.Branches = projections.InBranches()
		}
		filter.StaffID = session.StaffID
	} else {
		filter.Branches = session.scope(in.BranchID)
	}
	page, err := s.Queries.Leaves(ctx, filter, lowest)
	if err != nil {
		return nil, err
	}
	out := &leaveListOutput{}
	out.Body.Next, out.Body.Position = page.Next, page.Position
	out.Body.Leave, err = s.leaveViews(ctx, page.Leaves)
	return out, err
}

// filter reads the parameters as they stand.
func (in *leaveListInput) filter(p *parameters) projections.LeaveFilter {
	f := projections.LeaveFilter{
		Branches: projections.EveryBranch(), StaffID: p.id("staffId", domain.StaffPrefix, in.StaffID),
		Statuses: words(p, "status", in.Status, domain.LeaveStatuses()),
		FromDate: p.date("fromDate", in.FromDate), ToDate: p.date("toDate", in.ToDate),
		LatestFirst: p.order(in.Order), After: p.cursor(domain.LeavePrefix, in.Cursor), Limit: p.limit(in.Limit, projections.MaxLimit),
	}
	if id := p.id("branchId", domain.BranchPrefix, in.BranchID); id != "" {
		f.Branches = projections.InBranches(id)
	}
	return f
}

type leaveInput struct {
	ID string `path:"id" doc:"The leave's id."`
	PositionInput
}

type leaveOutput struct {
	ETag string `header:"ETag" doc:"The revision, for If-Match."`
	Body struct {
		LeaveView
		Position eventstore.Position `json:"position" doc:"How far the read has seen the log."`
	}
}

func (s *server) getLeave(ctx context.Context, in *leaveInput) (*leaveOutput, error) {
	p := s.parameters(ctx)
	id, lowest := p.id("id", domain.LeavePrefix, in.ID), p.position(in.MinPosition)
	if err := p.err(); err != nil {
		return nil, err
	}
	leave, at, err := s.Queries.LeaveByID(ctx, id, lowest)
	if err != nil {
		return nil, err
	}
	if !sessionOf(ctx).seesLeave(leave) {
		return nil, domain.ErrLeaveNotFound()
	}
	views, err := s.leaveViews(ctx, []projections.Leave{leave})
	if err != nil {
		return nil, err
	}
	out := &leaveOutput{ETag: etag(leave.Revision)}
	out.Body.LeaveView, out.Body.Position = views[0], at
	return out, nil
}

// seesLeave reports whether a leave is the session's to see: the member's own, and that of somebody who works at the desk's
// branch.
func (s Session) seesLeave(l projections.Leave) bool {
	if s.StaffID != "" && s.StaffID == l.StaffID {
		return true
	}
	return slices.ContainsFunc(l.Places, func(p domain.LeavePlace) bool { return s.runsBranch(p.BranchID) })
}
