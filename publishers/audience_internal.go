package publishers

import (
	"time"

	"github.com/royalglow/booking/domain"
)

// What the desk and the staff of a booking hear about it among themselves (Bi): who did what and why, and the only channel
// for internal notes. No prices, because staff may not see them.

// internalActor is who did it. Of the engine itself only the role is told.
type internalActor struct {
	UserID string      `json:"userId"`
	Role   domain.Role `json:"role"`
}

type internalStatus struct {
	FromStatus domain.Status `json:"fromStatus"`
	ToStatus   domain.Status `json:"toStatus"`
	ChangedBy  internalActor `json:"changedBy"`
	Reason     string        `json:"reason,omitempty"`
	ReasonCode string        `json:"reasonCode,omitempty"`
}

type internalMoved struct {
	move
	ChangedBy internalActor `json:"changedBy"`
	Reason    string        `json:"reason,omitempty"`
}

type internalStaff struct {
	SegmentID   string        `json:"segmentId"`
	FromStaffID string        `json:"fromStaffId"` // empty: nobody
	ToStaffID   string        `json:"toStaffId"`   // empty: nobody
	StaffName   *string       `json:"staffName"`   // null: nobody
	ChangedBy   internalActor `json:"changedBy"`
	Reason      string        `json:"reason,omitempty"`
}

type internalServiceAdded struct {
	Service   plainService  `json:"service"`
	ChangedBy internalActor `json:"changedBy"`
}

type internalServiceRemoved struct {
	ServiceID string        `json:"serviceId"`
	SegmentID string        `json:"segmentId"`
	ChangedBy internalActor `json:"changedBy"`
	Reason    string        `json:"reason,omitempty"`
}

type internalUpdated struct {
	SegmentID   string        `json:"segmentId"`
	FromMinutes int           `json:"fromMinutes"`
	ToMinutes   int           `json:"toMinutes"`
	EndTime     time.Time     `json:"endTime"` // of the booking, an instant in UTC
	ChangedBy   internalActor `json:"changedBy"`
	Reason      string        `json:"reason,omitempty"`
}

type internalNote struct {
	NoteID     string            `json:"noteId"`
	Note       string            `json:"note"`
	Visibility domain.Visibility `json:"visibility"`
	AddedBy    internalActor     `json:"addedBy"`
}

type internalNoteRemoved struct {
	NoteID    string        `json:"noteId"`
	RemovedBy internalActor `json:"removedBy"`
	Reason    string        `json:"reason,omitempty"`
}

// internalSegment is that a service began or is done, at a time.
type internalSegment struct {
	SegmentID string        `json:"segmentId"`
	At        time.Time     `json:"at"`
	ChangedBy internalActor `json:"changedBy"`
}
