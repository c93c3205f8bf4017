package domain

import (
	"fmt"
	"time"
)

// ServiceChoice is one service of a booking, with the member of staff who is to be held for it.
type ServiceChoice struct {
	Service Service
	StaffID string
}

// Request is what a booking starts from. The branch's terms are copied, so that later changes leave the booking alone.
type Request struct {
	BookingID  string
	CustomerID string
	Roster
	StartAt  time.Time
	Services []ServiceChoice // done one after the other, in this order
	Actor    Actor
	// RequiresManager: the customer's standing asks for a manager.
	RequiresManager bool
	// ActiveBookings is how many bookings the customer has ahead, Overlapping whether one of them is at this time: soft
	// checks, read from a read model.
	ActiveBookings int
	Overlapping    bool
	Overrides      []Override // hours and buffer; of the desk
	Now            time.Time
	NewClaimID     func() string // a fresh random id at each call
}

// Request returns the fact that the services are wanted and that staff are held for them, and, where the branch confirms by
// itself, the fact that it did. The policy's limits bind customers, not the desk.
func (b Booking) Request(r Request) ([]BookingEvent, error) {
	if b.Status != StatusNone {
		return nil, Refuse(Conflict, CodeConflict, "the booking exists already").With("status", b.Status)
	}
	if !r.Branch.Open() {
		return nil, ErrBranchInactive()
	}
	plan, kind, err := r.plan(r.Services, r.StartAt, r.Overrides)
	if err != nil {
		return nil, err
	}
	overrides, refusal := r.checkPolicy()
	if refusal == nil {
		refusal = r.opens(Interval{plan.StartAt, plan.EndAt}, overrides)
	}
	if refusal == nil {
		refusal = r.takesAll(plan.Segments, overrides)
	}
	if refusal != nil {
		return nil, refusal
	}
	after := Booking{Status: StatusPending, Plan: plan}
	requested := BookingRequested{
		BookingRef: BookingRef{
			BookingID: r.BookingID, CustomerID: r.CustomerID, BranchID: r.Branch.BranchID, TimeZone: r.Branch.TimeZone,
		},
		Number: number(r.Branch, kind, plan, r.BookingID), Type: kind, Plan: plan, Policy: r.Branch.Policy,
		RequiresManager: r.RequiresManager, Overrides: overrides, At: r.Now.UTC(),
		Holding: b.becoming(after, r.Location, r.NewClaimID),
	}
	if !r.Branch.Policy.AutoConfirm || r.RequiresManager {
		return []BookingEvent{requested}, nil
	}
	return []BookingEvent{requested, b.Evolve(requested).confirmed(plan.Segments, r.Location, r.NewClaimID, true, nil)}, nil
}

// Segments lays the services end to end from the start, as a booking of them would be.
func (r Roster) Segments(services []ServiceChoice, start time.Time, overrides []Override) ([]Segment, error) {
	plan, _, err := r.plan(services, start, overrides)
	return plan.Segments, err
}

// plan lays the services end to end from the start. They are all of the salon or all of the spa.
func (r Roster) plan(services []ServiceChoice, start time.Time, overrides []Override) (Plan, ServiceType, error) {
	if len(services) == 0 {
		return Plan{}, "", Refuse(Invalid, CodeValidation, "a booking needs at least one service")
	}
	if len(services) > MaxSegments {
		return Plan{}, "", Refuse(Invalid, CodeValidation, "a booking has at most %d services", MaxSegments)
	}
	kind := services[0].Service.Type
	if err := unmixed(services); err != nil {
		return Plan{}, "", err
	}
	segments := make([]Segment, 0, len(services))
	for i, c := range services {
		segment := withoutBuffers(newSegment(SegmentID(i), c, start, r.Location), overrides)
		segments = append(segments, segment)
		start = segment.EndAt
	}
	return planOf(segments, r.Branch.Currency), kind, nil
}

// unmixed refuses services that are not all of the first one's type, and says which they are.
func unmixed(services []ServiceChoice) error {
	var others []string
	for i, c := range services {
		if c.Service.Type != services[0].Service.Type {
			others = append(others, fmt.Sprintf("/services/%d/serviceId", i))
		}
	}
	if len(others) > 0 {
		return errMixed(others...)
	}
	return nil
}

func errMixed(pointers ...string) *Refusal {
	return Refuse(Invalid, CodeValidation, "one booking is for the salon or for the spa, not for both").At(pointers...)
}

// checkPolicy holds customers to the limits, and notes which of them the desk passes over.
func (r Request) checkPolicy() ([]Override, *Refusal) {
	policy := r.Branch.Policy
	lead := policy.LeadMinutes
	for _, c := range r.Services {
		lead = max(lead, c.Service.LeadMinutes)
	}
	early := r.StartAt.Before(r.Now.Add(minutes(lead)))
	far := r.StartAt.After(policy.horizon(r.Now))
	if r.Actor.Role.Desk() {
		if r.StartAt.Before(r.Now.Add(-minutes(backdating))) {
			return nil, errPast()
		}
		return noted(r.Overrides, early, far), nil
	}
	switch {
	case early:
		return nil, Refuse(Unprocessable, CodeLeadTime, "book at least %d minutes ahead", lead).With("leadMinutes", lead)
	case far:
		return nil, errHorizon(policy)
	case r.ActiveBookings >= policy.ActiveCap:
		return nil, Refuse(Conflict, CodeActiveCap, "at most %d bookings may be open at once", policy.ActiveCap).
			With("activeCap", policy.ActiveCap)
	case r.Overlapping:
		return nil, errOwnOverlap()
	}
	return nil, nil
}

// horizon is the last moment that customers may book.
func (p Policy) horizon(now time.Time) time.Time {
	return now.Add(time.Duration(p.HorizonDays) * 24 * time.Hour)
}

func errHorizon(p Policy) *Refusal {
	return Refuse(Unprocessable, CodeHorizon, "book at most %d days ahead", p.HorizonDays).With("horizonDays", p.HorizonDays)
}

func errOwnOverlap() *Refusal {
	return Refuse(Conflict, CodeOverlap, "you have another booking at this time")
}

// noted adds the limits that the desk exceeded to those that it asked to pass over.
func noted(asked []Override, early, far bool) []Override {
	var out []Override
	if early {
		out = append(out, OverrideLeadTime)
	}
	if far {
		out = append(out, OverrideHorizon)
	}
	for _, o := range asked {
		if o == OverrideHours || o == OverrideBuffer {
			out = append(out, o)
		}
	}
	return out
}
