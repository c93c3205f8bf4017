package domain

import (
	"slices"
	"time"
)

// checkInReach is how long before the start a customer may arrive or be served.
const checkInReach = 60

// CheckIn returns the fact that the customer of a confirmed booking has arrived: from an hour before the start until the end.
func (b Booking) CheckIn(now time.Time) ([]BookingEvent, error) {
	if b.Status != StatusConfirmed {
		return nil, b.wrongStatus("checked in")
	}
	switch {
	case now.Before(b.StartAt.Add(-minutes(checkInReach))):
		return nil, Refuse(Unprocessable, CodeBusinessRule, "check in at most %d minutes before the start", checkInReach)
	case !now.Before(b.EndAt):
		return nil, Refuse(Unprocessable, CodeBusinessRule, "the booking is over")
	}
	return []BookingEvent{BookingCheckedIn{
		BookingRef: b.BookingRef, FromStatus: b.Status, Segments: b.Segments, ArrivedAt: now.UTC(), LocalDates: datesOfSlots(b.Held),
	}}, nil
}

// StartService returns the fact that a service has begun. It needs staff, and begins at most an hour before its time.
func (b Booking) StartService(segmentID string, now time.Time) ([]BookingEvent, error) {
	switch b.Status {
	case StatusConfirmed, StatusCheckedIn, StatusInProgress:
	case StatusNone, StatusPending, StatusCompleted, StatusRejected, StatusCancelled, StatusNoShow:
		return nil, b.wrongStatus("started")
	}
	segment, ok := b.Segment(segmentID)
	switch {
	case !ok:
		return nil, errNoSegment(segmentID)
	case !segment.StartedAt.IsZero():
		return nil, Refuse(Conflict, CodeTransition, "the service has begun already").With("status", b.Status)
	case segment.StaffID == "":
		return nil, Refuse(Unprocessable, CodeBusinessRule, "the service has no staff yet").With("segmentId", segmentID)
	case now.Before(segment.StartAt.Add(-minutes(checkInReach))):
		return nil, Refuse(Unprocessable, CodeBusinessRule, "start at most %d minutes before the time", checkInReach)
	}
	segment.StartedAt = now.UTC()
	return []BookingEvent{BookingSegmentStarted{
		BookingRef: b.BookingRef, FromStatus: b.Status, Segment: segment, At: segment.StartedAt,
		StaffIDs: staffOf(b.Segments), LocalDates: datesOfSlots(b.Held),
	}}, nil
}

// FinishService is the word that a service is done.
type FinishService struct {
	SegmentID  string
	Location   *time.Location
	Now        time.Time
	NewClaimID func() string
}

// FinishService returns the fact that a service that had begun is done; its member's time is free from then on.
func (b Booking) FinishService(f FinishService) ([]BookingEvent, error) {
	if b.Status != StatusInProgress {
		return nil, b.wrongStatus("finished")
	}
	segment, ok := b.Segment(f.SegmentID)
	switch {
	case !ok:
		return nil, errNoSegment(f.SegmentID)
	case segment.StartedAt.IsZero():
		return nil, Refuse(Conflict, CodeTransition, "the service has not begun").With("status", b.Status)
	case !segment.FinishedAt.IsZero():
		return nil, Refuse(Conflict, CodeTransition, "the service is finished already").With("status", b.Status)
	}
	segment.FinishedAt = f.Now.UTC()
	after := b
	after.Segments = replaceSegment(b.Segments, segment)
	return []BookingEvent{BookingSegmentFinished{
		BookingRef: b.BookingRef, Segment: segment, At: segment.FinishedAt, Holding: b.becoming(after, f.Location, f.NewClaimID),
	}}, nil
}

// Complete is the check-out.
type Complete struct {
	Method     PaymentMethod
	PaidMinor  int64
	Location   *time.Location
	Now        time.Time
	NewClaimID func() string
}

// Complete returns the fact that the customer has paid and left. A booking of which nothing was started yet is started with
// it. What was not finished ends now; time that is left is free.
func (b Booking) Complete(c Complete) ([]BookingEvent, error) {
	switch b.Status {
	case StatusConfirmed, StatusCheckedIn:
		started, err := b.StartService(b.Segments[0].SegmentID, c.Now)
		if err != nil {
			return nil, err
		}
		completed, err := b.Evolve(started[0]).Complete(c)
		return append(started, completed...), err
	case StatusInProgress:
	case StatusNone, StatusPending, StatusCompleted, StatusRejected, StatusCancelled, StatusNoShow:
		return nil, b.wrongStatus("completed")
	}
	after := b
	after.Status, after.Segments = StatusCompleted, slices.Clone(b.Segments)
	for i, s := range after.Segments {
		if s.StartedAt.IsZero() {
			after.Segments[i].StartedAt = c.Now.UTC()
		}
		if s.FinishedAt.IsZero() {
			after.Segments[i].FinishedAt = c.Now.UTC()
		}
	}
	return []BookingEvent{BookingCompleted{
		BookingRef: b.BookingRef, FromStatus: b.Status, Segments: after.Segments, PaymentMethod: c.Method, PaidMinor: c.PaidMinor,
		Currency: b.Currency, WalkIn: b.IsWalkIn, CompletedAt: c.Now.UTC(), LocalDates: datesOfSlots(after.Slots(c.Location)),
		Holding: b.becoming(after, c.Location, c.NewClaimID),
	}}, nil
}
