package projections

import (
	"github.com/uptrace/bun"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// leaveRow is a leave as the table holds it.
type leaveRow struct {
	bun.BaseModel `bun:"alias:l"`

	LeaveID     string              `bun:"leave_id,pk"`
	StaffID     string              `bun:"staff_id"`
	Status      domain.LeaveStatus  `bun:"status"`
	StartAt     instant             `bun:"start_at"`
	FromDate    string              `bun:"from_date"`
	ToDate      string              `bun:"to_date"`
	Ref         domain.LeaveRef     `bun:"ref,type:json"`
	Reason      *domain.Sealed      `bun:"reason,type:json,nullzero"`
	RequestedAt instant             `bun:"requested_at"`
	Decided     *Decision           `bun:"decided,type:json,nullzero"`
	Undone      *Decision           `bun:"undone,type:json,nullzero"`
	Revision    eventstore.Revision `bun:"revision"`
	Position    eventstore.Position `bun:"position"`

	changed bool
	was     []leavePlaceRow // as the table has them
}

// leavePlaceRow says that a leave concerns a branch. It has what lists are found and ordered by.
type leavePlaceRow struct {
	bun.BaseModel `bun:"alias:lp"`

	BranchID string             `bun:"branch_id,pk"`
	Status   domain.LeaveStatus `bun:"status,pk"`
	StartAt  instant            `bun:"start_at,pk"`
	LeaveID  string             `bun:"leave_id,pk"`
}

// leaveBlockRow is a leave that stands on a member's UTC day.
type leaveBlockRow struct {
	bun.BaseModel `bun:"alias:lb"`

	StaffID string  `bun:"staff_id,pk"`
	Day     string  `bun:"day,pk"`
	LeaveID string  `bun:"leave_id,pk"`
	StartAt instant `bun:"start_at"`
	EndAt   instant `bun:"end_at"`

	written bool
}

// conflictRow is a claim and a leave that stand on one day and overlap.
type conflictRow struct {
	bun.BaseModel `bun:"alias:c"`

	LeaveID   string  `bun:"leave_id,pk"`
	ClaimID   string  `bun:"claim_id,pk"`
	Day       string  `bun:"day,pk"`
	BookingID string  `bun:"booking_id"`
	SegmentID string  `bun:"segment_id"`
	StaffID   string  `bun:"staff_id"`
	BranchID  string  `bun:"branch_id"`
	StartAt   instant `bun:"start_at"`
	EndAt     instant `bun:"end_at"`

	written bool
}

func (r *leaveRow) places() []leavePlaceRow {
	var rows []leavePlaceRow
	for _, p := range r.Ref.Places {
		rows = append(rows, leavePlaceRow{BranchID: p.BranchID, Status: r.Status, StartAt: r.StartAt, LeaveID: r.LeaveID})
	}
	return rows
}

func (r *conflictRow) key() conflictKey { return conflictKey{r.LeaveID, r.ClaimID, r.Day} }

func (r *conflictRow) conflict(status domain.Status) Conflict {
	return Conflict{
		LeaveConflict: domain.LeaveConflict{
			ClaimID: r.ClaimID, BookingID: r.BookingID, SegmentID: r.SegmentID, BranchID: r.BranchID,
			StartAt: r.StartAt.time(), EndAt: r.EndAt.time(),
		},
		StaffID: r.StaffID, Status: status,
	}
}
