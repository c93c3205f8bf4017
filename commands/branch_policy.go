package commands

import (
	"context"

	"github.com/royalglow/booking/domain"
)

// PolicyTerms are a branch's rules; what is nil has its default (domain.DefaultPolicy).
type PolicyTerms struct {
	LeadMinutes              *int                   `json:"leadMinutes,omitempty" validate:"omitempty,min=0,max=10080" doc:"How long before its start a customer must book; 60 unless given."`
	HorizonDays              *int                   `json:"horizonDays,omitempty" validate:"omitempty,min=1,max=365" doc:"How far ahead a customer may book, in days of 24 hours; 30 unless given."`
	ActiveCap                *int                   `json:"activeCap,omitempty" validate:"omitempty,min=1,max=50" doc:"How many bookings a customer may have ahead at once: pending, confirmed or checked in; 3 unless given."`
	SlotStepMinutes          *int                   `json:"slotStepMinutes,omitempty" validate:"omitempty,min=5,max=240" doc:"The grid of the starts that are offered, counted from local midnight; 15 unless given."`
	CancelCutoffMinutes      *int                   `json:"cancelCutoffMinutes,omitempty" validate:"omitempty,min=0,max=10080" doc:"A customer who cancels later than this before the start is late; 240 unless given."`
	LateCancel               *domain.LateCancelRule `json:"lateCancel,omitempty" validate:"omitempty,oneof=allow_and_flag block" doc:"What becomes of a late cancellation: it is flagged (the default), or refused."`
	MaxReschedules           *int                   `json:"maxReschedules,omitempty" validate:"omitempty,min=0,max=50" doc:"How often a customer may move a booking; 2 unless given."`
	RescheduleCutoffMinutes  *int                   `json:"rescheduleCutoffMinutes,omitempty" validate:"omitempty,min=0,max=10080" doc:"How long before the start a customer may move a booking at the latest; 60 unless given."`
	RescheduleReapprove      *bool                  `json:"rescheduleReapprove,omitempty" doc:"Whether a confirmed booking that its customer moves is pending again; no unless given."`
	NoShowGraceMinutes       *int                   `json:"noShowGraceMinutes,omitempty" validate:"omitempty,min=0,max=1440" doc:"How long after its end a booking that nobody has started becomes a no-show by itself; 15 unless given."`
	ManualNoShowGraceMinutes *int                   `json:"manualNoShowGraceMinutes,omitempty" validate:"omitempty,min=0,max=1440" doc:"How long after its start the desk may say that nobody came; 15 unless given."`
	PendingExpiryMinutes     *int                   `json:"pendingExpiryMinutes,omitempty" validate:"omitempty,min=1,max=43200" doc:"How long a request waits for an answer, at most until the lead time before its start; 1440 unless given."`
	AutoConfirm              *bool                  `json:"autoConfirm,omitempty" doc:"Whether requests are confirmed at once, but for customers who need a manager; no unless given."`
	StaffMayAddServices      *bool                  `json:"staffMayAddServices,omitempty" doc:"Whether the staff of a booking may add services to it while it is under way; no unless given."`
	BufferPastShift          *bool                  `json:"bufferPastShift,omitempty" doc:"Whether the buffer after a service may reach past the end of the shift and of the opening hours; no unless given."`
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
	BranchID string `json:"branchId" validate:"required,id=br" doc:"The branch."`
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
