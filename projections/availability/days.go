package availability

import (
	"context"
	"slices"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// Limits of a query.
const (
	MaxDays     = 31
	MaxServices = 10
)

// Query asks for free times at a branch.
type Query struct {
	BranchID string
	// FromDate and ToDate are branch-local and inclusive (YYYY-MM-DD), MaxDays at most.
	FromDate, ToDate string
	// ServiceIDs are done one after the other; StaffIDs name who shall do each, empty or missing: anyone.
	ServiceIDs, StaffIDs []string
	// ExceptBookingID is a booking whose own time does not count: the one that is to be moved.
	ExceptBookingID string
	// Customer holds the answer to the policy's lead time, horizon and cap; Avoid is the customer's own time, and Ahead how many
	// bookings he has ahead that count.
	Customer bool
	Avoid    []domain.Interval
	Ahead    int
	// Lowest is the log position that the answer must have seen.
	Lowest eventstore.Position
}

// Reason says why nothing is free on a date.
type Reason string

// The reasons.
const (
	ReasonClosed      Reason = "closed"
	ReasonFullyBooked Reason = "fully_booked"
	ReasonNobody      Reason = "no_qualified_staff"
	ReasonPast        Reason = "past"
	ReasonHorizon     Reason = "outside_horizon"
	ReasonCap         Reason = "active_limit"
)

// Answer is the free times of some dates.
type Answer struct {
	TimeZone string
	Location *time.Location // of TimeZone
	Position eventstore.Position
	Step     time.Duration // of the grid
	Days     []Day
}

// Day is the free times of one date.
type Day struct {
	Date   string
	Closed bool
	Reason Reason // set where there are no slots
	Slots  []FreeSlot
}

// FreeSlot is a time at which what was asked for is free.
type FreeSlot struct {
	StartAt, EndAt time.Time
	// Remaining is how many could be booked at this time at most: the least number of members that one of the services has.
	Remaining int
	Segments  []FreeSegment
}

// FreeSegment is one service of a slot, with all members who could do it.
type FreeSegment struct {
	ServiceID      string
	StartAt, EndAt time.Time
	StaffIDs       []string
}

// Days answers a query. It fails with NOT_FOUND for a branch that is not there, with the refusals of domain.Roster for services
// that cannot be booked, and with READ_BEHIND.
func (x *Index) Days(ctx context.Context, q Query) (a Answer, err error) {
	err = x.at(ctx, q.Lowest, func() error {
		b := x.branches[q.BranchID]
		if b == nil || !b.Open() {
			return domain.ErrBranchNotFound()
		}
		t, lead, err := x.wanted(b, q)
		if err != nil {
			return err
		}
		a = Answer{
			TimeZone: b.TimeZone, Location: b.loc, Position: x.position,
			Step: time.Duration(b.Policy.SlotStepMinutes) * time.Minute,
		}
		s := x.sweep(b, t, q, lead)
		for i := range MaxDays {
			date := domain.AddDays(q.FromDate, i)
			if date > q.ToDate { // dates in this form sort as text
				break
			}
			a.Days = append(a.Days, s.day(date))
		}
		return nil
	})
	return a, err
}

// wanted lays the services out as a booking would, and returns how long ahead they are booked.
func (x *Index) wanted(b *branch, q Query) (template, time.Duration, error) {
	lead := b.Policy.LeadMinutes
	choices := make([]domain.ServiceChoice, 0, len(q.ServiceIDs))
	for i, id := range q.ServiceIDs {
		service, err := b.Service(id)
		if err != nil {
			return template{}, 0, err
		}
		lead = max(lead, service.LeadMinutes)
		c := domain.ServiceChoice{Service: service}
		if i < len(q.StaffIDs) {
			c.StaffID = q.StaffIDs[i]
		}
		choices = append(choices, c)
	}
	roster := domain.Roster{Branch: b.Branch, Location: b.loc}
	segments, err := roster.Segments(choices, time.Unix(0, 0), nil)
	if err != nil {
		return template{}, 0, err
	}
	return newTemplate(segments, b.Policy.BufferPastShift), time.Duration(lead) * time.Minute, nil
}

// sweep is a search while it goes on: the starts that each member has for each service, over all dates at once.
type sweep struct {
	x        *Index
	b        *branch
	t        template
	q        Query
	capped   bool      // the customer can book no more
	earliest int64     // the first start that is early enough
	latest   int64     // the last that is near enough
	open     []span    // starts at which the branch is open all through
	avoid    []span    // starts at which the customer is elsewhere
	members  [][]*part // by service
}

// part is a member's starts for a service. They are asked for in ascending order, so that those that are over are left behind.
type part struct {
	staffID string
	starts  []span
	next    int
}

// has reports whether the member can start then.
func (p *part) has(at int64) bool {
	for p.next < len(p.starts) && p.starts[p.next].to <= at {
		p.next++
	}
	return p.next < len(p.starts) && p.starts[p.next].from <= at
}

func (x *Index) sweep(b *branch, t template, q Query, lead time.Duration) *sweep {
	now := x.cfg.Now()
	s := &sweep{x: x, b: b, t: t, q: q, earliest: now.Unix(), latest: 1 << 62, members: make([][]*part, len(t.segments))}
	if q.Customer {
		s.capped = q.Ahead >= b.Policy.ActiveCap
		s.earliest = now.Add(lead).Unix()
		s.latest = now.Add(time.Duration(b.Policy.HorizonDays) * 24 * time.Hour).Unix()
	}
	from, _, _ := domain.ResolveLocal(q.FromDate, 0, b.loc)
	to, _, _ := domain.ResolveLocal(domain.AddDays(q.ToDate, 1), 0, b.loc)
	window := span{from.Unix(), to.Unix()}
	reach := span{window.from, window.to + t.length}
	s.open = fit(x.open(b, reach), []span{{0, t.length}}, window)
	for _, i := range q.Avoid {
		s.avoid = append(s.avoid, span{i.StartAt.Unix() - t.length + 1, i.EndAt.Unix()})
	}
	s.avoid = merge(s.avoid)
	window = span{max(window.from, s.earliest), min(window.to, s.latest+1)}
	if window.empty() || s.capped {
		return s
	}
	// What a member has is looked up once, however many services there are.
	reach = t.around(window)
	dates, members := datesOf(b, reach), map[string]room{}
	for i, w := range t.segments {
		for _, id := range x.able(b, w) {
			r, known := members[id]
			if !known {
				r = x.roomOf(b, id, reach, dates, q.ExceptBookingID)
				members[id] = r
			}
			if starts := r.starts(w, window); len(starts) > 0 {
				s.members[i] = append(s.members[i], &part{staffID: id, starts: starts})
			}
		}
	}
	return s
}

// day answers one date. Dates are asked for in ascending order.
func (s *sweep) day(date string) Day {
	during := spanOf(domain.LocalDay(date, s.b.loc))
	d := Day{Date: date, Closed: len(intersect(s.x.open(s.b, during), []span{during})) == 0}
	step := int64(s.b.Policy.SlotStepMinutes) * 60
	// The grid is counted from the first instant of the date. Where clocks change by less than a step it shifts with them.
	for at := during.from; at < during.to; at += step {
		if slot, ok := s.slot(at); ok {
			d.Slots = append(d.Slots, slot)
		}
	}
	if len(d.Slots) == 0 {
		d.Reason = s.why(d, during)
	}
	return d
}

// slot returns what is free at a start.
func (s *sweep) slot(at int64) (FreeSlot, bool) {
	if at < s.earliest || at > s.latest || !contains(s.open, span{at, at + 1}) || contains(s.avoid, span{at, at + 1}) {
		return FreeSlot{}, false
	}
	slot := FreeSlot{StartAt: instant(at), EndAt: instant(at + s.t.length), Segments: make([]FreeSegment, len(s.t.segments))}
	for i, w := range s.t.segments {
		segment := FreeSegment{
			ServiceID: w.serviceID, StartAt: instant(at + w.from), EndAt: instant(at + w.to),
			StaffIDs: make([]string, 0, len(s.members[i])),
		}
		for _, p := range s.members[i] {
			if p.has(at) {
				segment.StaffIDs = append(segment.StaffIDs, p.staffID)
			}
		}
		n := len(segment.StaffIDs)
		if n == 0 {
			return FreeSlot{}, false
		}
		if i == 0 || n < slot.Remaining {
			slot.Remaining = n
		}
		slot.Segments[i] = segment
	}
	return slot, true
}

// why says why nothing is free on a date. What counts as past, or as too far, are the times at which the branch is open: an hour
// before closing nobody has an hour and a half left.
func (s *sweep) why(d Day, during span) Reason {
	if starts := intersect(s.open, []span{during}); len(starts) > 0 {
		during = span{starts[0].from, starts[len(starts)-1].to}
	}
	switch {
	case d.Closed:
		return ReasonClosed
	case s.capped:
		return ReasonCap
	case during.to <= s.earliest:
		return ReasonPast
	case during.from > s.latest:
		return ReasonHorizon
	}
	if slices.ContainsFunc(s.t.segments, func(w want) bool { return len(s.x.able(s.b, w)) == 0 }) {
		return ReasonNobody
	}
	return ReasonFullyBooked
}
