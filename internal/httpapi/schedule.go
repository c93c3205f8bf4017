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

const (
	// maxScheduleDays bounds a schedule: all of its slots are in one answer.
	maxScheduleDays = 31
	scheduleTag     = "Schedule"
)

func (s *server) scheduleRoutes() {
	register(s, operation{
		id: "getSchedule", method: http.MethodGet, path: "/api/schedule", tag: scheduleTag, summary: "Read the schedule",
		detail: "The desk gets the taken time of its branches' staff, held and firm, and when they are off; a member of staff his " +
			"own firm time.",
	}, s.getSchedule)
	register(s, operation{
		id: "getStaffSchedule", method: http.MethodGet, path: "/api/staff/{id}/schedule", tag: scheduleTag,
		summary: "Read the schedule of a member of staff", detail: "For the member and for the desk of the branches.",
	}, s.getStaffSchedule)
}

type scheduleInput struct {
	BranchID string `query:"branchId" doc:"Only of this branch."`
	StaffID  string `query:"staffId" doc:"Only of this member of staff."`
	From     string `query:"from" doc:"The first branch-local date (YYYY-MM-DD); required."`
	To       string `query:"to" doc:"The last branch-local date, at most 31 days in all; from unless given."`
	PositionInput
}

type scheduleOutput struct {
	Body struct {
		Slots    []SlotView          `json:"slots" doc:"Ordered by start."`
		Blocks   []BlockView         `json:"blocks" doc:"When members are off, ordered by start."`
		Position eventstore.Position `json:"position" doc:"How far the read has seen the log."`
	}
}

// SlotView is a taken piece of a member's time.
type SlotView struct {
	projections.Slot
	StaffName string `json:"staffName,omitempty"`
}

// BlockView is the time of a leave. Which kind it is it does not tell.
type BlockView struct {
	LeaveID   string    `json:"leaveId"`
	StaffID   string    `json:"staffId"`
	StaffName string    `json:"staffName,omitempty"`
	StartAt   time.Time `json:"startAt"`
	EndAt     time.Time `json:"endAt"`
}

func (s *server) getSchedule(ctx context.Context, in *scheduleInput) (*scheduleOutput, error) {
	if sessionOf(ctx).Role == domain.RoleCustomer {
		return nil, errForbidden()
	}
	p := s.parameters(ctx)
	p.id("staffId", domain.StaffPrefix, in.StaffID)
	filter, lowest := in.filter(p, sessionOf(ctx)), p.position(in.MinPosition)
	if err := p.err(); err != nil {
		return nil, err
	}
	return s.schedule(ctx, filter, lowest)
}

type staffScheduleInput struct {
	StaffID  string `path:"id" doc:"The id of the member of staff."`
	BranchID string `query:"branchId" doc:"Only at this branch."`
	From     string `query:"from" doc:"The first branch-local date (YYYY-MM-DD); required."`
	To       string `query:"to" doc:"The last branch-local date, at most 31 days in all; from unless given."`
	PositionInput
}

func (s *server) getStaffSchedule(ctx context.Context, in *staffScheduleInput) (*scheduleOutput, error) {
	p := s.parameters(ctx)
	p.id("id", domain.StaffPrefix, in.StaffID)
	all := scheduleInput{
		BranchID: in.BranchID, StaffID: in.StaffID, From: in.From, To: in.To, PositionInput: in.PositionInput,
	}
	filter, lowest := all.filter(p, sessionOf(ctx)), p.position(in.MinPosition)
	if err := p.err(); err != nil {
		return nil, err
	}
	if !sessionOf(ctx).Role.Desk() && sessionOf(ctx).StaffID != in.StaffID {
		return nil, errForbidden()
	}
	return s.schedule(ctx, filter, lowest)
}

// schedule shows what a filter that the session may use finds.
func (s *server) schedule(
	ctx context.Context, filter projections.ScheduleFilter, lowest eventstore.Position,
) (*scheduleOutput, error) {
	page, err := s.Queries.Schedule(ctx, filter, lowest)
	if err != nil {
		return nil, err
	}
	if !sessionOf(ctx).Role.Desk() {
		page.Slots = slices.DeleteFunc(page.Slots, func(l projections.Slot) bool {
			return l.Kind != domain.SlotFirm || !l.Status.ToldToStaff()
		})
	}
	var ids []string
	for _, slot := range page.Slots {
		ids = append(ids, slot.StaffID)
	}
	for _, block := range page.Blocks {
		ids = append(ids, block.StaffID)
	}
	names, err := s.names(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := &scheduleOutput{}
	out.Body.Position = page.Position
	out.Body.Slots, out.Body.Blocks = make([]SlotView, 0, len(page.Slots)), make([]BlockView, 0, len(page.Blocks))
	for _, slot := range page.Slots {
		out.Body.Slots = append(out.Body.Slots, SlotView{Slot: slot, StaffName: names[slot.StaffID]})
	}
	for _, b := range page.Blocks {
		out.Body.Blocks = append(out.Body.Blocks, BlockView{
			LeaveID: b.LeaveID, StaffID: b.StaffID, StaffName: names[b.StaffID], StartAt: b.StartAt, EndAt: b.EndAt,
		})
	}
	return out, nil
}

// filter reads the parameters and keeps them inside what the session may see.
func (in *scheduleInput) filter(p *parameters, session Session) projections.ScheduleFilter {
	from, to := p.dates(in.From, in.To, maxScheduleDays)
	f := projections.ScheduleFilter{StaffID: in.StaffID, FromDate: from, ToDate: to}
	branchID := p.id("branchId", domain.BranchPrefix, in.BranchID)
	switch {
	case session.Role.Desk():
		f.Branches = session.scope(branchID)
	case f.StaffID != "" && f.StaffID != session.StaffID:
		// What reaches past the session finds nothing, and is not told why.
	case branchID != "":
		f.StaffID, f.Branches = session.StaffID, projections.InBranches(branchID)
	default:
		f.StaffID, f.Branches = session.StaffID, projections.EveryBranch() // his own time, wherever he works
	}
	return f
}
