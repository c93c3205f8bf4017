package httpapi

import (
	"context"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/projections"
)

// LeaveView is a leave as its reader may see it: who decided, and the bookings in the way, are for the desk.
type LeaveView struct {
	LeaveID        string              `json:"leaveId"`
	StaffID        string              `json:"staffId"`
	StaffName      string              `json:"staffName,omitempty"`
	Type           domain.LeaveType    `json:"leaveType,omitempty" doc:"Missing for a mark-off."`
	MarkOff        bool                `json:"markOff,omitempty" doc:"The desk marked the member off; nobody asked."`
	Status         domain.LeaveStatus  `json:"status" doc:"Where it is in its life."`
	FromDate       string              `json:"fromDate" doc:"The first date, on the clocks of timeZone."`
	ToDate         string              `json:"toDate" doc:"The last date, inclusive."`
	FromTime       *domain.Minute      `json:"fromTime,omitempty" doc:"When it begins on the first date, HH:MM; midnight when missing."`
	ToTime         *domain.Minute      `json:"toTime,omitempty" doc:"When it ends on the last date, HH:MM; midnight when missing."`
	TimeZone       string              `json:"timeZone" doc:"IANA."`
	StartAt        time.Time           `json:"startAt"`
	EndAt          time.Time           `json:"endAt"`
	Reason         *string             `json:"reason,omitempty" doc:"What the member wrote or, of a mark-off, the desk; missing when that was nothing, or was removed."`
	RequestedAt    time.Time           `json:"requestedAt" doc:"When it was asked for or, of a mark-off, made (UTC)."`
	DecidedAt      time.Time           `json:"decidedAt,omitzero" doc:"When it was approved or rejected."`
	DecisionReason string              `json:"decisionReason,omitempty" doc:"Why it was rejected, in words for the member."`
	UndoneAt       time.Time           `json:"undoneAt,omitzero" doc:"When it was withdrawn or revoked."`
	UndoneReason   string              `json:"undoneReason,omitempty" doc:"Why it was revoked, in words for the member."`
	DecidedBy      *domain.Actor       `json:"decidedBy,omitempty" doc:"Shown to the desk only."`
	UndoneBy       *domain.Actor       `json:"undoneBy,omitempty" doc:"Shown to the desk only."`
	OpenConflicts  *[]ConflictView     `json:"openConflicts,omitempty" doc:"The bookings in the way that are still to be moved, given to others or cancelled, at the reader's branches: each time that the member was to work. Shown to the desk only."`
	Revision       eventstore.Revision `json:"revision" doc:"What If-Match wants, without the quotes."`
}

// ConflictView is a part of a booking that is in the way of a leave. A service with processing time may be in it several times:
// once for each time at which the member works.
type ConflictView struct {
	BookingID string        `json:"bookingId"`
	SegmentID string        `json:"segmentId"`
	BranchID  string        `json:"branchId"`
	StartAt   time.Time     `json:"startAt"`
	EndAt     time.Time     `json:"endAt"`
	Status    domain.Status `json:"status,omitempty" doc:"The booking's; missing as long as it is being made."`
}

// leaveViews shows leaves to a reader who may see them.
func (s *server) leaveViews(ctx context.Context, leaves []projections.Leave) ([]LeaveView, error) {
	var ids []string
	var sealed []domain.Sealed
	for _, l := range leaves {
		ids = append(ids, l.StaffID)
		if l.Reason != nil {
			sealed = append(sealed, *l.Reason)
		}
	}
	names, err := s.names(ctx, ids)
	if err != nil {
		return nil, err
	}
	texts, err := s.Texts.Open(ctx, sealed...)
	if err != nil {
		return nil, err
	}
	views := make([]LeaveView, 0, len(leaves))
	for _, l := range leaves {
		v := leaveView(l)
		v.StaffName, v.Reason = names[l.StaffID], opened(texts, l.Reason)
		if sessionOf(ctx).Role.Desk() {
			v.showDesk(sessionOf(ctx), l)
		}
		views = append(views, v)
	}
	return views, nil
}

func leaveView(l projections.Leave) LeaveView {
	v := LeaveView{
		LeaveID: l.LeaveID, StaffID: l.StaffID, MarkOff: l.MarkOff, Status: l.Status,
		FromDate: l.FromDate, ToDate: l.ToDate, FromTime: l.FromTime, ToTime: l.ToTime, TimeZone: l.TimeZone,
		StartAt: l.StartAt, EndAt: l.EndAt, RequestedAt: l.RequestedAt, Revision: l.Revision,
	}
	if !l.MarkOff {
		v.Type = l.Type
	}
	if l.Decided != nil {
		v.DecidedAt, v.DecisionReason = l.Decided.At, l.Decided.Reason
	}
	if l.Undone != nil {
		v.UndoneAt, v.UndoneReason = l.Undone.At, l.Undone.Reason
	}
	return v
}

// showDesk adds what only the desk sees.
func (v *LeaveView) showDesk(reader Session, l projections.Leave) {
	if l.Decided != nil {
		v.DecidedBy = &l.Decided.By
	}
	if l.Undone != nil {
		v.UndoneBy = &l.Undone.By
	}
	conflicts := []ConflictView{}
	for _, c := range l.OpenConflicts {
		if reader.runsBranch(c.BranchID) {
			conflicts = append(conflicts, ConflictView{
				BookingID: c.BookingID, SegmentID: c.SegmentID, BranchID: c.BranchID, StartAt: c.StartAt, EndAt: c.EndAt, Status: c.Status,
			})
		}
	}
	v.OpenConflicts = &conflicts
}
