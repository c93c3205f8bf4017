package commands

import (
	"context"

	"github.com/royalglow/booking/domain"
)

// DeclareClosure closes a branch on some dates. Managers of the branch may issue it.
type DeclareClosure struct {
	BranchID string `json:"branchId" validate:"required,id=br" doc:"The branch."`
	FromDate string `json:"fromDate" validate:"required,date" doc:"The first date, on the branch's calendar."`
	ToDate   string `json:"toDate" validate:"required,date" doc:"The last date, inclusive; at most 366 days in all."`
	Reason   string `json:"reason,omitempty" validate:"omitempty,max=200,text" doc:"Why, in words for everybody."`
}

// DeclareClosure runs the command. The receipt's ID is the closure's. Bookings in the way become conflicts, to be moved or
// cancelled one by one.
func (s *Service) DeclareClosure(ctx context.Context, by Caller, o Options, c DeclareClosure) (Receipt, error) {
	key, err := o.key()
	if err != nil {
		return Receipt{}, err
	}
	o.IdempotencyKey = key
	id := s.mint(domain.ClosurePrefix, by.actor(""), key)
	return s.changeBranch(ctx, by, o, branchChange{
		name: "declare_closure", branchID: c.BranchID, part: id, body: c,
		decide: func(ctx context.Context, b domain.Branch) ([]domain.BranchEvent, error) {
			if !b.Open() {
				return nil, domain.ErrBranchNotFound()
			}
			loc, err := s.zones.load(b.TimeZone)
			if err != nil {
				return nil, err
			}
			d := domain.DeclareClosure{ClosureID: id, FromDate: c.FromDate, ToDate: c.ToDate, Reason: c.Reason, Location: loc}
			at, err := d.Interval()
			if err != nil {
				return nil, err
			}
			conflicts, err := s.reads.ClosureConflicts(ctx, c.BranchID, at)
			if err != nil {
				return nil, err
			}
			for _, booking := range conflicts {
				d.Conflicts = append(d.Conflicts, domain.ClosureConflict{BookingID: booking})
			}
			if d.StaffIDs, err = s.reads.OnShift(ctx, c.BranchID, at); err != nil {
				return nil, err
			}
			return b.DeclareClosure(d)
		},
	})
}

// LiftClosure opens a branch again that was to be closed. Managers of the branch may issue it.
type LiftClosure struct {
	BranchID  string `json:"branchId" validate:"required,id=br" doc:"The branch."`
	ClosureID string `json:"closureId" validate:"required,id=cls" doc:"The closure."`
}

// LiftClosure runs the command.
func (s *Service) LiftClosure(ctx context.Context, by Caller, o Options, c LiftClosure) (Receipt, error) {
	return s.changeBranch(ctx, by, o, branchChange{
		name: "lift_closure", branchID: c.BranchID, part: c.ClosureID, body: c,
		decide: func(ctx context.Context, b domain.Branch) ([]domain.BranchEvent, error) {
			closure, ok := b.Closures[c.ClosureID]
			if !ok {
				return b.LiftClosure(c.ClosureID, nil, nil)
			}
			loc, err := s.zones.load(b.TimeZone)
			if err != nil {
				return nil, err
			}
			staff, err := s.reads.OnShift(ctx, c.BranchID, domain.Interval{StartAt: closure.StartAt, EndAt: closure.EndAt})
			if err != nil {
				return nil, err
			}
			return b.LiftClosure(c.ClosureID, staff, loc)
		},
	})
}
