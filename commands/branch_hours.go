package commands

import (
	"context"

	"github.com/royalglow/booking/domain"
)

// SetHours says when a branch is open: a week that holds from a date on, or what differs on one date. Managers of the branch may
// issue it.
type SetHours struct {
	BranchID string `json:"branchId" validate:"required,id=br" doc:"The branch."`
	domain.TimetableChange
}

// SetHours runs the command. Bookings that lie outside the new hours stay.
func (s *Service) SetHours(ctx context.Context, by Caller, o Options, c SetHours) (Receipt, error) {
	return s.changeBranch(ctx, by, o, branchChange{
		name: "set_hours", branchID: c.BranchID, body: c,
		decide: func(_ context.Context, b domain.Branch) ([]domain.BranchEvent, error) {
			return b.SetHours(c.TimetableChange)
		},
	})
}
