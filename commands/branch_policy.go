package commands

import (
	"context"

	"github.com/royalglow/booking/domain"
)

// PolicyTerms are a branch's rules; what is nil has its default (domain.DefaultPolicy).
type PolicyTerms struct {
	LeadMinutes              *int                   `json:"leadMinutes,omitempty" validate:"omitempty,min=0,max=10080"`
	HorizonDays              *int                   `json:"horizonDays,omitempty" validate:"omitempty,min=1,max=365"`
	ActiveCap                *int                   `json:"activeCap,omitempty" validate:"omitempty,min=1,max=50"`
	SlotStepMinutes          *int                   `json:"slotStepMinutes,omitempty" validate:"omitempty,min=5,max=240"`
	CancelCutoffMinutes      *int                   `json:"cancelCutoffMinutes,omitempty" validate:"omitempty,min=0,max=10080"`
	LateCancel               *domain.LateCancelRule `json:"lateCancel,omitempty" validate:"omitempty,oneof=allow_and_flag block"`
	MaxReschedules           *int                   `json:"maxReschedules,omitempty" validate:"omitempty,min=0,max=50"`
	RescheduleCutoffMinutes  *int                   `json:"rescheduleCutoffMinutes,omitempty" validate:"omitempty,min=0,max=10080"`
	RescheduleReapprove      *bool                  `json:"rescheduleReapprove,omitempty"`
	NoShowGraceMinutes       *int                   `json:"noShowGraceMinutes,omitempty" validate:"omitempty,min=0,max=1440"`
	ManualNoShowGraceMinutes *int                   `json:"manualNoShowGraceMinutes,omitempty" validate:"omitempty,min=0,max=1440"`
	PendingExpiryMinutes     *int                   `json:"pendingExpiryMinutes,omitempty" validate:"omitempty,min=1,max=43200"`
	AutoConfirm              *bool                  `json:"autoConfirm,omitempty"`
	StaffMayAddServices      *bool                  `json:"staffMayAddServices,omitempty"`
	BufferPastShift          *bool                  `json:"bufferPastShift,omitempty"`
}

func (t PolicyTerms) policy() domain.Policy {
	p := domain.DefaultPolicy()
	set(&p.LeadMinutes, t.LeadMinutes)
	set(&p.HorizonDays, t.HorizonDays)
	set(&p.ActiveCap, t.ActiveCap)
	set(&p.SlotStepMinutes, t.SlotStepMinutes)
	set(&p.CancelCutoffMinutes, t.CancelCutoffMinutes)
	set(&p.LateCancel, t.LateCancel)
	set(&p.MaxReschedules, t.MaxReschedules)
	set(&p.RescheduleCutoffMinutes, t.RescheduleCutoffMinutes)
	set(&p.RescheduleReapprove, t.RescheduleReapprove)
	set(&p.NoShowGraceMinutes, t.NoShowGraceMinutes)
	set(&p.ManualNoShowGraceMinutes, t.ManualNoShowGraceMinutes)
	set(&p.PendingExpiryMinutes, t.PendingExpiryMinutes)
	set(&p.AutoConfirm, t.AutoConfirm)
	set(&p.StaffMayAddServices, t.StaffMayAddServices)
	set(&p.BufferPastShift, t.BufferPastShift)
	return p
}

func set[T any](field, term *T) {
	if term != nil {
		*field = *term
	}
}

// SetPolicy makes other rules hold for bookings that are requested from now on. Managers of the branch may issue it.
type SetPolicy struct {
	BranchID string `json:"branchId" validate:"required,id=br"`
	PolicyTerms
}

// SetPolicy runs the command. What the terms leave out gets its default.
func (s *Service) SetPolicy(ctx context.Context, by Caller, o Options, c SetPolicy) (Receipt, error) {
	return s.changeBranch(ctx, by, o, branchChange{
		name: "set_policy", branchID: c.BranchID, body: c,
		decide: func(_ context.Context, b domain.Branch) ([]domain.BranchEvent, error) {
			return b.SetPolicy(c.policy())
		},
	})
}
