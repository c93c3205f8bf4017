package httpapi

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/projections"
)

// maxScheduleDays bounds a schedule: all of its slots are in one answer.
const maxScheduleDays = 31

func (s *server) scheduleRoutes() {
	register(s, operation{
		id: "getSchedule", method: http.MethodGet, path: "/api/schedule", tag: "Schedule", summary: "Read the schedule",
		detail: "The desk gets the taken time of its branches' staff, held and firm; a member of staff his own firm time.",
	}, s.getSchedule)
}

type scheduleInput struct {
	BranchID string `query:"branchId" doc:"Only of this branch."`
	StaffID  string `query:"staffId" doc:"Only of this member of staff."`
	From     string `query:"from" required:"true" doc:"The first branch-local date (YYYY-MM-DD)."`
	To       string `query:"to" doc:"The last branch-local date, at most 31 days in all; from unless given."`
	PositionInput
}

type scheduleOutput struct {
	Body struct {
		Slots    []SlotView          `json:"slots" doc:"Ordered by start."`
		Position eventstore.Position `json:"position" doc:"How far the read has seen the log."`
	}
}

// SlotView is a taken piece of a member's time.
type SlotView struct {
	projections.Slot
	StaffName string `json:"staffName,omitempty"`
}

func (s *server) getSchedule(ctx context.Context, in *scheduleInput) (*scheduleOutput, error) {
	session := sessionOf(ctx)
	if session.Role == domain.RoleCustomer {
		return nil, errForbidden()
	}
	lowest, err := s.parseMinPosition(in.MinPosition)
	if err != nil {
		return nil, err
	}
	filter, err := in.filter(session)
	if err != nil {
		return nil, err
	}
	page, err := s.Queries.Schedule(ctx, filter, lowest)
	if err != nil {
		return nil, err
	}
	if session.Role == domain.RoleStaff {
		page.Slots = slices.DeleteFunc(page.Slots, func(l projections.Slot) bool { return l.Kind != domain.SlotFirm })
	}
	var ids []string
	for _, slot := range page.Slots {
		ids = append(ids, slot.StaffID)
	}
	slices.Sort(ids)
	names, err := s.Directory.Names(ctx, slices.Compact(ids)...)
	if err != nil {
		return nil, err
	}
	out := &scheduleOutput{}
	out.Body.Position, out.Body.Slots = page.Position, make([]SlotView, 0, len(page.Slots))
	for _, slot := range page.Slots {
		out.Body.Slots = append(out.Body.Slots, SlotView{Slot: slot, StaffName: names[slot.StaffID]})
	}
	return out, nil
}

// filter reads the parameters and keeps them inside what the session may see.
func (in *scheduleInput) filter(session Session) (f projections.ScheduleFilter, err error) {
	if in.To == "" {
		in.To = in.From
	}
	from, err := parseDate("from", in.From)
	if err != nil {
		return f, err
	}
	to, err := parseDate("to", in.To)
	if err != nil {
		return f, err
	}
	if to.Before(from) || to.Sub(from) >= maxScheduleDays*24*time.Hour {
		return f, wrongParameter("to", "must be from or at most 30 days later")
	}
	if in.BranchID != "" {
		if err := checkID(domain.BranchPrefix, "branchId", in.BranchID); err != nil {
			return f, err
		}
	}
	if in.StaffID != "" {
		if err := checkID(domain.StaffPrefix, "staffId", in.StaffID); err != nil {
			return f, err
		}
	}
	return projections.ScheduleFilter{
		Branches: in.scope(session), StaffID: in.staff(session), FromDate: in.From, ToDate: in.To,
	}, nil
}

// staff is whose time is shown: a member of staff gets his own.
func (in *scheduleInput) staff(session Session) string {
	if session.Role == domain.RoleStaff {
		return session.StaffID
	}
	return in.StaffID
}

// scope is where the time may lie. What reaches past the session finds nothing, and is not told why.
func (in *scheduleInput) scope(session Session) projections.BranchScope {
	nothing := projections.InBranches()
	switch {
	case session.Role == domain.RoleStaff && in.StaffID != "" && in.StaffID != session.StaffID:
		return nothing
	case session.Role == domain.RoleStaff && in.BranchID == "":
		return projections.EveryBranch() // his own time, wherever he works
	case session.Role == domain.RoleStaff, session.runsBranch(in.BranchID) && in.BranchID != "":
		return projections.InBranches(in.BranchID)
	case in.BranchID == "":
		return session.branches()
	}
	return nothing
}
