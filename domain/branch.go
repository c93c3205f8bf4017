package domain

import (
	"maps"
	"slices"
	"time"
)

// Branch is one salon of the chain: its clock, its money, its rules, its hours and what it offers. The zero Branch is not
// open. Its maps are never changed in place.
type Branch struct {
	BranchID string
	Name     string
	TimeZone string
	Currency string
	Policy   Policy
	Services map[string]Service // those offered, by id
	// Hours are on the branch's clocks. A branch that has set none never closes.
	Hours    Timetable
	Closures map[string]Closure // those that hold, by id
}

// Open reports whether the branch takes bookings.
func (b Branch) Open() bool { return b.BranchID != "" }

// Evolve folds one fact. It is total.
func (b Branch) Evolve(e BranchEvent) Branch {
	switch e := e.(type) {
	case BranchOpened:
		b.BranchID, b.Name, b.TimeZone, b.Currency, b.Policy = e.BranchID, e.Name, e.TimeZone, e.Currency, e.Policy
	case BranchHoursSet:
		b.Hours = b.Hours.apply(e.TimetableChange)
	case BranchPolicySet:
		b.Policy = e.Policy
	case BranchServiceOffered:
		b.Services = with(b.Services, e.ServiceID, e.Service)
	case BranchServiceWithdrawn:
		b.Services = maps.Clone(b.Services)
		delete(b.Services, e.ServiceID)
	case BranchClosureDeclared:
		b.Closures = with(b.Closures, e.ClosureID, e.Closure)
	case BranchClosureLifted:
		b.Closures = maps.Clone(b.Closures)
		delete(b.Closures, e.ClosureID)
	}
	return b
}

// with returns a copy of m in which key has the value.
func with[V any](m map[string]V, key string, value V) map[string]V {
	c := maps.Clone(m)
	if c == nil {
		c = map[string]V{}
	}
	c[key] = value
	return c
}

// OpenWithin returns when the branch is open during a stretch of time: its hours without its closures, merged. loc is the
// branch's.
func (b Branch) OpenWithin(during Interval, loc *time.Location) []Interval {
	closed := make([]Interval, 0, len(b.Closures))
	for _, c := range b.Closures {
		closed = append(closed, Interval{c.StartAt, c.EndAt})
	}
	return SubtractIntervals(b.Hours.Within(during, loc), MergeIntervals(closed))
}

// OpenDuring reports whether the branch is open all through.
func (b Branch) OpenDuring(during Interval, loc *time.Location) bool {
	return covered(b.OpenWithin(during, loc), during)
}

// OpenBranch is the wish that a branch exists on these terms.
type OpenBranch struct {
	BranchID string
	Name     string
	TimeZone string // IANA; the caller has checked that it exists
	Currency string
	Policy   Policy
}

// Establish returns the facts that make the branch what o says: nothing when it is that already. A branch never moves to
// another zone or currency, because its bookings carry both.
func (b Branch) Establish(o OpenBranch) ([]BranchEvent, error) {
	if !b.Open() {
		return []BranchEvent{BranchOpened{
			BranchID: o.BranchID, Name: o.Name, TimeZone: o.TimeZone, Currency: o.Currency, Policy: o.Policy,
		}}, nil
	}
	if b.Name != o.Name || b.TimeZone != o.TimeZone || b.Currency != o.Currency {
		return nil, Refuse(Conflict, CodeConflict, "an open branch keeps its name, time zone and currency")
	}
	return b.SetPolicy(o.Policy)
}

// SetPolicy returns the fact that other rules hold for new bookings; none when they hold already.
func (b Branch) SetPolicy(p Policy) ([]BranchEvent, error) {
	switch {
	case !b.Open():
		return nil, ErrBranchNotFound()
	case b.Policy == p:
		return nil, nil
	}
	return []BranchEvent{BranchPolicySet{BranchID: b.BranchID, Policy: p}}, nil
}

// SetHours returns the fact that the branch is open at other times; none when it is so already.
func (b Branch) SetHours(c TimetableChange) ([]BranchEvent, error) {
	if !b.Open() {
		return nil, ErrBranchNotFound()
	}
	change, err := c.Check()
	if err != nil {
		return nil, err
	}
	if b.Hours.apply(change).equal(b.Hours) {
		return nil, nil
	}
	return []BranchEvent{BranchHoursSet{BranchID: b.BranchID, TimetableChange: change}}, nil
}

// Offer returns the fact that the branch offers s on these terms; none when it does so already.
func (b Branch) Offer(s Service) ([]BranchEvent, error) {
	if !b.Open() {
		return nil, ErrBranchNotFound()
	}
	s, err := s.check()
	if err != nil {
		return nil, err
	}
	if have, ok := b.Services[s.ServiceID]; ok && have.equal(s) {
		return nil, nil
	}
	return []BranchEvent{BranchServiceOffered{BranchID: b.BranchID, Service: s}}, nil
}

// Withdraw returns the fact that the branch offers the service no more; none when it does not.
func (b Branch) Withdraw(serviceID string) ([]BranchEvent, error) {
	if !b.Open() {
		return nil, ErrBranchNotFound()
	}
	if _, ok := b.Services[serviceID]; !ok {
		return nil, nil
	}
	return []BranchEvent{BranchServiceWithdrawn{BranchID: b.BranchID, ServiceID: serviceID}}, nil
}

// Service returns what the branch offers under the id, on today's terms.
func (b Branch) Service(id string) (Service, error) {
	if !b.Open() {
		return Service{}, ErrBranchInactive()
	}
	service, ok := b.Services[id]
	if !ok {
		return Service{}, Refuse(Unprocessable, CodeBusinessRule, "the branch does not offer this service").With("serviceId", id)
	}
	return service, nil
}

// ServiceIDs lists what the branch offers, sorted.
func (b Branch) ServiceIDs() []string { return slices.Sorted(maps.Keys(b.Services)) }

// ErrBranchInactive is the answer to requests at a branch that takes no bookings, be it unknown or closed.
func ErrBranchInactive() *Refusal {
	return Refuse(Unprocessable, CodeBranchInactive, "the branch does not take bookings")
}

// ErrBranchNotFound is the answer for a branch that does not exist.
func ErrBranchNotFound() *Refusal { return Refuse(NotFound, CodeNotFound, "there is no such branch") }
