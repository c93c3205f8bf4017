package domain

import (
	"slices"
	"time"
)

// Reschedule is the wish that a booking takes place at another time, perhaps with other staff.
type Reschedule struct {
	Roster
	StartAt time.Time
	// Staff maps segment ids to the member who shall do them; a segment that is missing keeps its own.
	Staff       map[string]string
	By          Party
	Reason      string // written for the customer
	Overlapping bool   // another booking of the customer is at this time; a soft check
	Overrides   []Override
	Now         time.Time
	NewClaimID  func() string
}

// Reschedule returns the fact that a pending or confirmed booking moves; none when it is there already. Customers may do so a
// few times and not shortly before the start; the desk at will, but never into the past.
func (b Booking) Reschedule(r Reschedule) ([]BookingEvent, error) {
	if b.Status != StatusPending && b.Status != StatusConfirmed {
		return nil, b.wrongStatus("rescheduled")
	}
	segments, err := b.moved(r)
	if err != nil {
		return nil, err
	}
	if slices.EqualFunc(segments, b.Segments, func(x, y Segment) bool {
		return x.StaffID == y.StaffID && x.StartAt.Equal(y.StartAt)
	}) {
		return nil, nil
	}
	overrides, refusal := b.mayMove(r)
	if refusal == nil {
		refusal = r.opens(Interval{segments[0].StartAt, segments[len(segments)-1].EndAt}, overrides)
	}
	if refusal == nil {
		refusal = r.takesAll(segments, overrides)
	}
	if refusal != nil {
		return nil, refusal
	}
	after := b
	after.Plan = planOf(segments, b.Currency)
	if r.By == PartyCustomer && b.Policy.RescheduleReapprove {
		after.Status = StatusPending
	}
	event := BookingRescheduled{
		BookingRef: b.BookingRef, FromStatus: b.Status, ToStatus: after.Status,
		FromSegments: b.Segments, Plan: after.Plan, By: r.By, Reason: r.Reason, Overrides: overrides, At: r.Now.UTC(),
		CustomerReschedules: b.CustomerReschedules, DeskReschedules: b.DeskReschedules,
		Holding: b.becoming(after, r.Location, r.NewClaimID),
	}
	if r.By == PartyCustomer {
		event.CustomerReschedules++
	} else {
		event.DeskReschedules++
	}
	return []BookingEvent{event}, nil
}

// moved returns the segments where the wish puts them.
func (b Booking) moved(r Reschedule) ([]Segment, error) {
	for id := range r.Staff {
		if _, ok := b.Segment(id); !ok {
			return nil, errNoSegment(id)
		}
	}
	segments := slices.Clone(b.Segments)
	for i, s := range segments {
		if staff, ok := r.Staff[s.SegmentID]; ok {
			segments[i].StaffID = staff
		}
		segments[i] = withoutBuffers(segments[i], r.Overrides)
	}
	return lay(segments, r.StartAt, r.Location), nil
}

// mayMove holds customers to the policy that the booking was made under, and notes what the desk passes over.
func (b Booking) mayMove(r Reschedule) ([]Override, *Refusal) {
	policy := b.Policy
	early := r.StartAt.Before(r.Now.Add(minutes(policy.LeadMinutes)))
	far := r.StartAt.After(policy.horizon(r.Now))
	if r.By != PartyCustomer {
		if r.StartAt.Before(r.Now.Add(-minutes(backdating))) {
			return nil, errPast()
		}
		return noted(r.Overrides, early, far), nil
	}
	switch {
	case b.CustomerReschedules >= policy.MaxReschedules:
		return nil, Refuse(Conflict, CodeMaxReschedules, "a booking may be moved at most %d times", policy.MaxReschedules).
			With("maxReschedules", policy.MaxReschedules)
	case b.StartAt.Before(r.Now.Add(minutes(policy.RescheduleCutoffMinutes))):
		return nil, Refuse(Conflict, CodeRescheduleWindowPassed, "move a booking at least %d minutes ahead",
			policy.RescheduleCutoffMinutes).With("rescheduleCutoffMinutes", policy.RescheduleCutoffMinutes)
	case early:
		return nil, Refuse(Unprocessable, CodeLeadTime, "book at least %d minutes ahead", policy.LeadMinutes).
			With("leadMinutes", policy.LeadMinutes)
	case far:
		return nil, errHorizon(policy)
	case r.Overlapping:
		return nil, errOwnOverlap()
	}
	return nil, nil
}
