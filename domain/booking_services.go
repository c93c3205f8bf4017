package domain

import (
	"slices"
	"time"
)

// AddService is the wish for one more service.
type AddService struct {
	Roster
	Choice ServiceChoice
	// Before is the segment before which it is done; empty: at the end.
	Before string
	By     Party
	// Overlapping: another booking of the customer is at the time that the booking grows by; a soft check.
	Overlapping bool
	Overrides   []Override
	Now         time.Time
	NewClaimID  func() string
}

// AddService returns the fact that a service is added, on the branch's present terms; what follows it moves. A customer does not
// get by it what a request would have refused.
func (b Booking) AddService(a AddService) ([]BookingEvent, error) {
	if !b.Status.Open() {
		return nil, b.wrongStatus("changed")
	}
	if a.Choice.Service.Type != b.Type {
		return nil, errMixed("/serviceId")
	}
	if len(b.Segments) >= MaxSegments {
		return nil, Refuse(Unprocessable, CodeBusinessRule, "a booking has at most %d services", MaxSegments).
			With("maxServices", MaxSegments)
	}
	at := len(b.Segments)
	if a.Before != "" {
		at = slices.IndexFunc(b.Segments, func(s Segment) bool { return s.SegmentID == a.Before })
		if at < 0 {
			return nil, errNoSegment(a.Before)
		}
		if !b.Segments[at].StartedAt.IsZero() {
			return nil, Refuse(Conflict, CodeTransition, "that service has begun").With("status", b.Status)
		}
	}
	added := withoutBuffers(newSegment(SegmentID(b.SegmentsEver), a.Choice, b.StartAt, a.Location), a.Overrides)
	after := b.replanned(slices.Insert(slices.Clone(b.Segments), at, added), a.Location)
	// What was laid differs from what was made: the added one has its time now.
	added = after.Segments[at]
	if err := b.mayGrow(after, a); err != nil {
		return nil, err
	}
	if err := b.mayReplan(after, a.Roster, a.Overrides); err != nil {
		return nil, err
	}
	return []BookingEvent{BookingServiceAdded{
		BookingRef: b.BookingRef, Status: b.Status, Segment: added, Plan: after.Plan,
		Overrides: noted(a.Overrides, false, false), Holding: b.becoming(after, a.Location, a.NewClaimID),
	}}, nil
}

// mayGrow holds customers to the policy that the booking was made under.
func (b Booking) mayGrow(after Booking, a AddService) error {
	switch {
	case a.By != PartyCustomer:
	case after.EndAt.After(b.Policy.horizon(a.Now)):
		return errHorizon(b.Policy)
	case a.Overlapping:
		return errOwnOverlap()
	}
	return nil
}

// RemoveService is the wish that a service is left out.
type RemoveService struct {
	Roster
	SegmentID  string
	Reason     string // internal
	NewClaimID func() string
}

// RemoveService returns the fact that a service that has not begun is left out; at least one remains, and those after it
// begin sooner.
func (b Booking) RemoveService(r RemoveService) ([]BookingEvent, error) {
	segment, err := b.openSegment(r.SegmentID, "changed")
	if err != nil {
		return nil, err
	}
	switch {
	case !segment.StartedAt.IsZero():
		return nil, Refuse(Conflict, CodeTransition, "the service has begun").With("status", b.Status)
	case len(b.Segments) == 1:
		return nil, Refuse(Unprocessable, CodeBusinessRule, "a booking keeps at least one service: cancel it instead")
	}
	left := slices.DeleteFunc(slices.Clone(b.Segments), func(s Segment) bool { return s.SegmentID == r.SegmentID })
	after := b.replanned(left, r.Location)
	if err := b.mayReplan(after, r.Roster, nil); err != nil {
		return nil, err
	}
	return []BookingEvent{BookingServiceRemoved{
		BookingRef: b.BookingRef, Status: b.Status, Segment: segment, Plan: after.Plan, Reason: r.Reason,
		Holding: b.becoming(after, r.Location, r.NewClaimID),
	}}, nil
}

// ChangeDuration is the wish that a service takes more or less time than booked.
type ChangeDuration struct {
	Roster
	SegmentID  string
	Minutes    int
	Reason     string // internal
	Overrides  []Override
	NewClaimID func() string
}

// ChangeDuration returns the fact that a service takes another time, and that those after it move; none when nothing changes.
func (b Booking) ChangeDuration(c ChangeDuration) ([]BookingEvent, error) {
	segment, err := b.openSegment(c.SegmentID, "changed")
	if err != nil || segment.DurationMinutes == c.Minutes {
		return nil, err
	}
	from := segment.DurationMinutes
	segment, ok := segment.lasting(c.Minutes, c.Location)
	if !ok || segment.PreBufferMinutes+c.Minutes+segment.PostBufferMinutes > MaxServiceMinutes {
		return nil, Refuse(Unprocessable, CodeBusinessRule, "the service cannot take %d minutes", c.Minutes)
	}
	after := b.replanned(replaceSegment(b.Segments, segment), c.Location)
	segment, _ = after.Segment(c.SegmentID)
	if err := b.mayReplan(after, c.Roster, c.Overrides); err != nil {
		return nil, err
	}
	return []BookingEvent{BookingDurationChanged{
		BookingRef: b.BookingRef, Status: b.Status, Segment: segment, FromMinutes: from, ToMinutes: c.Minutes, Plan: after.Plan,
		Reason: c.Reason, Overrides: noted(c.Overrides, false, false), Holding: b.becoming(after, c.Location, c.NewClaimID),
	}}, nil
}

// replanned lays other segments from the booking's start.
func (b Booking) replanned(segments []Segment, loc *time.Location) Booking {
	b.Plan = planOf(lay(segments, b.StartAt, loc), b.Currency)
	return b
}

// mayReplan refuses a plan that reaches out of the opening hours or of a shift, or into a service that has begun and so stays
// where it is, where the old one did not: only what has moved or grown is asked.
func (b Booking) mayReplan(after Booking, r Roster, overrides []Override) error {
	if after.EndAt.After(b.EndAt) {
		if err := r.opens(Interval{b.EndAt, after.EndAt}, overrides); err != nil {
			return err
		}
	}
	for i, s := range after.Segments {
		before, ok := b.Segment(s.SegmentID)
		if ok && before.StartAt.Equal(s.StartAt) && before.EndAt.Equal(s.EndAt) {
			continue
		}
		if err := s.passes(after.Segments[i+1:]); err != nil {
			return err
		}
		if s.StaffID == "" {
			continue
		}
		if err := r.Takes(s, overrides); err != nil {
			return err
		}
	}
	return nil
}

// passes refuses a segment that lasts beyond the start of one that is done after it and has begun: a customer has one service at
// a time. Services may be started in any order, so that there can be such a one.
func (s Segment) passes(following []Segment) error {
	for _, next := range following {
		if !next.StartedAt.IsZero() && s.EndAt.After(next.StartAt) {
			return Refuse(Unprocessable, CodeBusinessRule, "the service would reach into one that has begun").
				With("segmentId", next.SegmentID)
		}
	}
	return nil
}
