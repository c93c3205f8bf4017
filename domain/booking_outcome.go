package domain

import (
	"slices"
	"time"
)

// NoShow is the word that the customer did not come.
type NoShow struct {
	Location   *time.Location
	Now        time.Time
	NewClaimID func() string
}

// MarkNoShow returns the fact that the customer of a confirmed booking did not come; the desk may say so some minutes after
// the start.
func (b Booking) MarkNoShow(n NoShow) ([]BookingEvent, error) {
	if b.Status != StatusConfirmed {
		return nil, b.wrongStatus("marked a no-show")
	}
	if n.Now.Before(b.StartAt.Add(minutes(b.Policy.ManualNoShowGraceMinutes))) {
		return nil, Refuse(Unprocessable, CodeBusinessRule, "wait until %d minutes after the start",
			b.Policy.ManualNoShowGraceMinutes)
	}
	return []BookingEvent{b.noShow(n, false)}, nil
}

// NoShowAt returns when the clock takes a booking for a no-show; ok is false where it never does: what is not confirmed, and
// what was corrected by hand after its end.
func (b Booking) NoShowAt() (at time.Time, ok bool) {
	if b.Status != StatusConfirmed || (!b.CorrectedAt.IsZero() && !b.CorrectedAt.Before(b.EndAt)) {
		return time.Time{}, false
	}
	return b.EndAt.Add(minutes(b.Policy.NoShowGraceMinutes)), true
}

// AutoNoShow returns the fact that nobody came. It is for the clock, which may come late or twice: where there is nothing to
// do there is no fact, and no refusal.
func (b Booking) AutoNoShow(n NoShow) ([]BookingEvent, error) {
	at, ok := b.NoShowAt()
	if !ok || n.Now.Before(at) {
		return nil, nil
	}
	return []BookingEvent{b.noShow(n, true)}, nil
}

// DueAt returns when the clock has something to do with the booking: to decline it, or to take it for a no-show.
func (b Booking) DueAt() (at time.Time, ok bool) {
	if at, ok := b.ExpiresAt(); ok {
		return at, true
	}
	return b.NoShowAt()
}

// Due returns what follows of the clock alone; nothing before its time, after it, or twice.
func (b Booking) Due(n NoShow) ([]BookingEvent, error) {
	if b.Status == StatusPending {
		return b.Expire(n.Now)
	}
	return b.AutoNoShow(n)
}

func (b Booking) noShow(n NoShow, auto bool) BookingNoShow {
	after := b
	after.Status, after.ReleasedFrom = StatusNoShow, n.Now.UTC()
	return BookingNoShow{
		BookingRef: b.BookingRef, FromStatus: b.Status, Segments: b.Segments, Auto: auto, CountsTowardTier: !b.IsWalkIn,
		At: n.Now.UTC(), LocalDates: datesOfSlots(after.Slots(n.Location)), Holding: b.becoming(after, n.Location, n.NewClaimID),
	}
}

// correctionDay is how long after an outcome the reception may correct it; later it takes a manager.
const correctionDay = 24 * time.Hour

// Correct is the word that an outcome was wrong.
type Correct struct {
	To     Status
	Reason string // internal
	// Manager: the caller is a manager or above.
	Manager    bool
	Location   *time.Location
	Now        time.Time
	NewClaimID func() string
}

// Corrections lists what the booking's outcome may be corrected to. A cancelled one goes back to what it was: to be approved is
// no correction, because the approval asks for staff, and of some customers for a manager.
func (b Booking) Corrections() []Status {
	switch b.Status {
	case StatusNoShow:
		return []Status{StatusConfirmed, StatusCompleted, StatusCancelled}
	case StatusCancelled:
		return []Status{b.CancelledFrom}
	case StatusCompleted:
		return []Status{StatusInProgress}
	case StatusNone, StatusPending, StatusConfirmed, StatusCheckedIn, StatusInProgress, StatusRejected:
	}
	return nil
}

// Correct returns the fact that the outcome was another one. Time that the booking takes again must still be free. The
// reception may do so for a day, managers later too; what was paid only they touch.
func (b Booking) Correct(c Correct) ([]BookingEvent, error) {
	if !slices.Contains(b.Corrections(), c.To) {
		return nil, b.wrongCorrection(c.To)
	}
	if !c.Manager && (b.Status == StatusCompleted || c.Now.After(b.OutcomeAt.Add(correctionDay))) {
		return nil, Refuse(Forbidden, CodeForbidden, "this correction takes a manager")
	}
	after := b
	after.Status, after.ReleasedFrom = c.To, time.Time{}
	after.Segments = b.correctedSegments(c)
	return []BookingEvent{BookingOutcomeCorrected{
		BookingRef: b.BookingRef, FromStatus: b.Status, ToStatus: c.To, Reason: c.Reason, Segments: after.Segments,
		WalkIn: b.IsWalkIn, At: c.Now.UTC(), LocalDates: datesOfSlots(after.Slots(c.Location)),
		Holding: b.becoming(after, c.Location, c.NewClaimID),
	}}, nil
}

func (b Booking) wrongCorrection(to Status) *Refusal {
	switch {
	case b.Status == StatusNone:
		return ErrBookingNotFound()
	case b.Status == StatusCancelled && to == StatusConfirmed:
		return Refuse(Conflict, CodeTransition, "it was cancelled before it was approved: put it back to pending, and approve it").
			With("status", b.Status)
	case b.Status == StatusCancelled && to == StatusPending:
		return Refuse(Conflict, CodeTransition, "it was approved before it was cancelled: put it back to confirmed").
			With("status", b.Status)
	}
	return Refuse(Conflict, CodeTransition, "a %s booking cannot be corrected to %s", b.Status, to).With("status", b.Status)
}

// correctedSegments takes back, and adds, the times that go with an outcome.
func (b Booking) correctedSegments(c Correct) []Segment {
	segments := slices.Clone(b.Segments)
	for i, s := range segments {
		switch {
		case b.Status == StatusCompleted && s.FinishedAt.Equal(b.OutcomeAt):
			segments[i].FinishedAt = time.Time{} // the check-out had ended it
		case c.To == StatusCompleted && s.FinishedAt.IsZero():
			segments[i].StartedAt, segments[i].FinishedAt = s.StartAt, s.EndAt
		}
	}
	return segments
}
