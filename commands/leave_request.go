package commands

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/royalglow/booking/domain"
)

// LeaveTimes say when a leave is, on the clocks of a branch.
type LeaveTimes struct {
	BranchID string `json:"branchId" validate:"required,id=br" doc:"The branch on whose clocks the times are."`
	FromDate string `json:"fromDate" validate:"required,date" doc:"The first date."`
	ToDate   string `json:"toDate" validate:"required,date" doc:"The last date, inclusive; at most 62 days in all."`
	FromTime string `json:"fromTime,omitempty" validate:"omitempty,clock" doc:"When it begins on the first date; midnight unless given."`
	ToTime   string `json:"toTime,omitempty" validate:"omitempty,clock" doc:"When it ends on the last date; midnight unless given."`
}

// RequestLeave asks for leave. Members of staff issue it for themselves.
type RequestLeave struct {
	LeaveTimes
	LeaveType domain.LeaveType `json:"leaveType" validate:"required,oneof=sick casual personal other" doc:"What it is for. Told to nobody but the member and the desk."`
	Reason    string           `json:"reason,omitempty" validate:"omitempty,max=500,prose" doc:"Why, in words for the desk. Kept sealed."`
}

// RequestLeave runs the command. The receipt's ID is the new leave's.
func (s *Service) RequestLeave(ctx context.Context, by Caller, o Options, c RequestLeave) (Receipt, error) {
	key, err := o.key()
	if err != nil {
		return Receipt{}, err
	}
	o.IdempotencyKey = key
	cmd, err := s.accept("request_leave", by, ownProfile, o, "", c)
	if err != nil {
		return Receipt{}, err
	}
	id := s.mint(domain.LeavePrefix, cmd.actor, key)
	reason := s.leaveReason(by.StaffID, c.Reason)
	receipt, err := run(ctx, s, edit[domain.Leave, domain.LeaveEvent]{
		command: cmd, id: id, stream: domain.LeaveStream(id), loader: s.leaves, creates: true,
		decide: func(ctx context.Context, l domain.Leave) ([]domain.LeaveEvent, error) {
			ask, err := s.askLeave(ctx, id, by.StaffID, c.LeaveTimes)
			if err != nil {
				return nil, err
			}
			ask.Type = c.LeaveType
			if ask.Reason, err = reason.seal(ctx); err != nil {
				return nil, err
			}
			return s.withConflicts(ctx, ask, l.Request)
		},
	})
	reason.settle(ctx, receipt, err)
	return receipt, err
}

// leaveReason is why a member is to be off, while it is decided. The member is its subject.
type leaveReason struct {
	secrets
	text   string
	sealed *domain.Sealed // once, however often it is decided
}

func (s *Service) leaveReason(staffID, text string) *leaveReason {
	return &leaveReason{secrets: secrets{service: s, subject: staffID}, text: text}
}

// seal returns the sealed reason; nil where none is given.
func (r *leaveReason) seal(ctx context.Context) (*domain.Sealed, error) {
	if r.text == "" || r.sealed != nil {
		return r.sealed, nil
	}
	sealed, err := r.secrets.seal(ctx, domain.SecretReason, r.text)
	if err != nil {
		return nil, err
	}
	r.sealed = &sealed
	return r.sealed, nil
}

// ownProfile lets pass who has a profile as a member of staff: staff, and those of the desk who also work on customers.
func ownProfile(c Caller) error {
	return allow(c.StaffID != "" && (c.Role == domain.RoleStaff || c.Role.Desk()))
}

// askLeave loads the branches at which the member works, and their zones.
func (s *Service) askLeave(ctx context.Context, leaveID, staffID string, t LeaveTimes) (domain.AskLeave, error) {
	ask := domain.AskLeave{
		LeaveID: leaveID, StaffID: staffID, FromDate: t.FromDate, ToDate: t.ToDate,
		FromTime: clockTime(t.FromTime), ToTime: clockTime(t.ToTime), BranchID: t.BranchID,
		Zones: map[string]*time.Location{}, Now: s.now(),
	}
	member, err := s.member(ctx, staffID)
	if err != nil {
		return ask, err
	}
	for _, id := range slices.Sorted(maps.Keys(member.Branches)) {
		branch, err := s.branch(ctx, id)
		if err != nil {
			return ask, err
		}
		if ask.Zones[branch.TimeZone], err = s.zones.load(branch.TimeZone); err != nil {
			return ask, err
		}
		ask.Branches = append(ask.Branches, branch)
	}
	return ask, nil
}

// withConflicts adds the bookings that the leave overlaps, as the staff-days have them now.
func (s *Service) withConflicts(
	ctx context.Context, ask domain.AskLeave, decide func(domain.AskLeave) ([]domain.LeaveEvent, error),
) ([]domain.LeaveEvent, error) {
	ref, err := ask.Ref()
	if err != nil {
		return nil, err
	}
	if ask.Conflicts, err = s.days.Conflicts(ctx, ref); err != nil {
		return nil, err
	}
	return decide(ask)
}

// clockTime reads a time whose form has been checked; nil for none.
func clockTime(text string) *domain.Minute {
	var m domain.Minute
	if text == "" || m.UnmarshalText([]byte(text)) != nil {
		return nil
	}
	return &m
}
