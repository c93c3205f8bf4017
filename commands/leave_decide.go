package commands

import (
	"context"
	"slices"

	"github.com/royalglow/booking/domain"
)

// WithdrawLeave takes a request back. The member who made it may issue it, until it is decided.
type WithdrawLeave struct {
	LeaveID string `json:"leaveId" validate:"required,id=lv" doc:"The leave."`
}

// WithdrawLeave runs the command.
func (s *Service) WithdrawLeave(ctx context.Context, by Caller, o Options, c WithdrawLeave) (Receipt, error) {
	return s.changeLeave(ctx, by, o, leaveChange{
		name: "withdraw_leave", leaveID: c.LeaveID, body: c, may: ownProfile,
		admit:  func(l domain.Leave) bool { return l.StaffID == by.StaffID },
		decide: func(_ context.Context, l domain.Leave) ([]domain.LeaveEvent, error) { return l.Withdraw() },
	})
}

// ApproveLeave grants a leave. The desk of a branch at which the member works may issue it, but nobody for himself.
type ApproveLeave struct {
	LeaveID    string `json:"leaveId" validate:"required,id=lv" doc:"The leave."`
	OnConflict string `json:"onConflict,omitempty" validate:"omitempty,oneof=flag reject" doc:"What bookings in the way do: flag (the default) makes them conflicts, reject refuses the approval."`
}

// ApproveLeave runs the command. Bookings never keep a leave from being flagged; each conflict is closed by giving its booking
// to somebody else, moving it or cancelling it.
func (s *Service) ApproveLeave(ctx context.Context, by Caller, o Options, c ApproveLeave) (Receipt, error) {
	return s.changeLeave(ctx, by, o, leaveChange{
		name: "approve_leave", leaveID: c.LeaveID, body: c, may: deskOnly, admit: deskOfLeave(by),
		decide: func(ctx context.Context, l domain.Leave) ([]domain.LeaveEvent, error) {
			if err := notOwn(by, l); err != nil {
				return nil, err
			}
			conflicts, err := s.days.Conflicts(ctx, l.LeaveRef)
			if err != nil {
				return nil, err
			}
			today, err := s.todayAt(ctx, l.LeaveRef)
			if err != nil {
				return nil, err
			}
			return l.Approve(domain.ApproveLeave{
				Conflicts: conflicts, RejectOnConflict: c.OnConflict == "reject", Today: today,
			})
		},
	})
}

// todayAt returns the present date at each branch of a leave.
func (s *Service) todayAt(ctx context.Context, l domain.LeaveRef) (map[string]string, error) {
	today := map[string]string{}
	for _, place := range l.Places {
		branch, err := s.branch(ctx, place.BranchID)
		if err != nil {
			return nil, err
		}
		loc, err := s.zones.load(branch.TimeZone)
		if err != nil {
			return nil, err
		}
		today[place.BranchID] = s.now().In(loc).Format(domain.DayFormat)
	}
	return today, nil
}

// RejectLeave declines a request for leave. The desk of a branch at which the member works may issue it, but nobody for himself.
type RejectLeave struct {
	LeaveID string `json:"leaveId" validate:"required,id=lv" doc:"The leave."`
	Reason  string `json:"reason" validate:"required,max=500,prose" doc:"Why, in words for the member."`
}

// RejectLeave runs the command.
func (s *Service) RejectLeave(ctx context.Context, by Caller, o Options, c RejectLeave) (Receipt, error) {
	return s.changeLeave(ctx, by, o, leaveChange{
		name: "reject_leave", leaveID: c.LeaveID, body: c, may: deskOnly, admit: deskOfLeave(by),
		decide: func(_ context.Context, l domain.Leave) ([]domain.LeaveEvent, error) {
			if err := notOwn(by, l); err != nil {
				return nil, err
			}
			return l.Reject(c.Reason)
		},
	})
}

// RevokeLeave undoes an approved leave, or a mark-off. Managers of a branch at which the member works may issue it; the desk
// may for mark-offs.
type RevokeLeave struct {
	LeaveID string `json:"leaveId" validate:"required,id=lv" doc:"The leave."`
	Reason  string `json:"reason,omitempty" validate:"omitempty,max=500,prose" doc:"Why, in words for the member."`
}

// RevokeLeave runs the command. The member's time is free again shortly after.
func (s *Service) RevokeLeave(ctx context.Context, by Caller, o Options, c RevokeLeave) (Receipt, error) {
	return s.changeLeave(ctx, by, o, leaveChange{
		name: "revoke_leave", leaveID: c.LeaveID, body: c, may: deskOnly, admit: deskOfLeave(by),
		decide: func(_ context.Context, l domain.Leave) ([]domain.LeaveEvent, error) {
			if !l.MarkOff && !by.Role.Manager() {
				return nil, errForbidden()
			}
			return l.Revoke(c.Reason)
		},
	})
}

// MarkStaffOff makes a member of staff be off, without being asked. The desk of a branch at which the member works may issue it,
// for itself too.
type MarkStaffOff struct {
	StaffID string `json:"staffId" validate:"required,id=stf" doc:"Who is off."`
	LeaveTimes
	Reason string `json:"reason,omitempty" validate:"omitempty,max=500,prose" doc:"Why, in words for the member and the desk. Kept sealed."`
}

// MarkStaffOff runs the command. The receipt's ID is that of the new leave, which is approved at once.
func (s *Service) MarkStaffOff(ctx context.Context, by Caller, o Options, c MarkStaffOff) (Receipt, error) {
	key, err := o.key()
	if err != nil {
		return Receipt{}, err
	}
	o.IdempotencyKey = key
	cmd, err := s.accept("mark_staff_off", by, deskOf(c.BranchID), o, "", c)
	if err != nil {
		return Receipt{}, err
	}
	id := s.mint(domain.LeavePrefix, cmd.actor, key)
	reason := s.leaveReason(c.StaffID, c.Reason)
	receipt, err := run(ctx, s, edit[domain.Leave, domain.LeaveEvent]{
		command: cmd, id: id, stream: domain.LeaveStream(id), loader: s.leaves, creates: true,
		decide: func(ctx context.Context, l domain.Leave) ([]domain.LeaveEvent, error) {
			ask, err := s.askLeave(ctx, id, c.StaffID, c.LeaveTimes)
			if err != nil {
				return nil, err
			}
			ask.Type = domain.LeaveOther
			if ask.Reason, err = reason.seal(ctx); err != nil {
				return nil, err
			}
			return s.withConflicts(ctx, ask, l.MarkStaffOff)
		},
	})
	reason.settle(ctx, receipt, err)
	return receipt, err
}

// leaveChange is a command on a leave that exists: what is particular about it.
type leaveChange struct {
	name, leaveID string
	body          any
	may           func(Caller) error
	admit         func(domain.Leave) bool
	decide        func(context.Context, domain.Leave) ([]domain.LeaveEvent, error)
}

func (s *Service) changeLeave(ctx context.Context, by Caller, o Options, c leaveChange) (Receipt, error) {
	cmd, err := s.accept(c.name, by, c.may, o, c.leaveID, c.body)
	if err != nil {
		return Receipt{}, err
	}
	return run(ctx, s, edit[domain.Leave, domain.LeaveEvent]{
		command: cmd, id: c.leaveID, stream: domain.LeaveStream(c.leaveID), loader: s.leaves, decide: c.decide,
		admit: func(l domain.Leave) error {
			if l.Status == domain.LeaveNone || !c.admit(l) {
				return domain.ErrLeaveNotFound()
			}
			return nil
		},
	})
}

// deskOfLeave shows leaves to the desks of the branches at which the member works.
func deskOfLeave(by Caller) func(domain.Leave) bool {
	return func(l domain.Leave) bool {
		return slices.ContainsFunc(l.Places, func(p domain.LeavePlace) bool { return by.runs(p.BranchID) })
	}
}

// notOwn keeps everybody from deciding about his own leave, whatever his role.
func notOwn(by Caller, l domain.Leave) error {
	if by.StaffID != "" && by.StaffID == l.StaffID {
		return domain.Refuse(domain.Forbidden, domain.CodeOwnLeave, "somebody else decides about your own leave")
	}
	return nil
}
