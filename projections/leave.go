package projections

import (
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// Leave is a leave as the desk and its member see it. Its type and reason are theirs only: the caller leaves out what its
// reader may not see.
type Leave struct {
	domain.LeaveRef
	Status domain.LeaveStatus `json:"status"`
	// Reason is what the member wrote or, of a mark-off, the desk, sealed; nil when that was nothing.
	Reason *domain.Sealed `json:"reason,omitempty"`
	// RequestedAt is when it was asked for, or, of a mark-off, made.
	RequestedAt time.Time `json:"requestedAt"`
	// Decided is who approved or rejected it; Undone who withdrew or revoked it. Nil while that has not happened.
	Decided *Decision `json:"decided,omitempty"`
	Undone  *Decision `json:"undone,omitempty"`
	// OpenConflicts are the bookings in the way that are still to be moved, given to others or cancelled, ordered by start.
	OpenConflicts []Conflict `json:"openConflicts"`
	// Revision is that of the last event of the leave: its ETag. It never goes down.
	Revision eventstore.Revision `json:"revision"`
	Position eventstore.Position `json:"position"` // of the same event
}

// Decision is who said what of a leave, when and why.
type Decision struct {
	By     domain.Actor `json:"by"`
	At     time.Time    `json:"at"` // UTC
	Reason string       `json:"reason,omitempty"`
}

// Conflict is a claim of a booking on time that a leave takes.
type Conflict struct {
	domain.LeaveConflict
	StaffID string `json:"staffId"`
	// Status is the booking's; empty as long as the claim is of a command under way.
	Status domain.Status `json:"status,omitempty"`
}

// LeavePage is a page of a list of leaves.
type LeavePage struct {
	Leaves   []Leave             `json:"leaves"`
	Next     Cursor              `json:"next,omitempty"` // empty on the last page
	Position eventstore.Position `json:"position"`       // of the read: that of the read model that is further behind
}

func (r *leaveRow) leave() Leave {
	return Leave{
		LeaveRef: r.Ref, Status: r.Status, Reason: r.Reason, RequestedAt: r.RequestedAt.time(),
		Decided: r.Decided, Undone: r.Undone, OpenConflicts: []Conflict{}, Revision: r.Revision, Position: r.Position,
	}
}
