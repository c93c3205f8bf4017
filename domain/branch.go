package domain

import "maps"

// Branch is one salon of the chain: its clock, its money, its rules and what it offers. The zero Branch is not open.
type Branch struct {
	BranchID string
	Name     string
	TimeZone string
	Currency string
	Policy   Policy
	Services map[string]Service // by service id; never changed in place
}

// Open reports whether the branch takes bookings.
func (b Branch) Open() bool { return b.BranchID != "" }

// Evolve folds one fact. It is total.
func (b Branch) Evolve(e BranchEvent) Branch {
	switch e := e.(type) {
	case BranchOpened:
		b.BranchID, b.Name, b.TimeZone, b.Currency, b.Policy = e.BranchID, e.Name, e.TimeZone, e.Currency, e.Policy
	case BranchPolicySet:
		b.Policy = e.Policy
	case BranchServiceOffered:
		services := maps.Clone(b.Services)
		if services == nil {
			services = map[string]Service{}
		}
		services[e.ServiceID] = e.Service
		b.Services = services
	}
	return b
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
	if b.Policy == o.Policy {
		return nil, nil
	}
	return []BranchEvent{BranchPolicySet{BranchID: b.BranchID, Policy: o.Policy}}, nil
}

// Offer returns the fact that the branch offers s on these terms; none when it does so already.
func (b Branch) Offer(s Service) ([]BranchEvent, error) {
	if !b.Open() {
		return nil, Refuse(NotFound, CodeNotFound, "there is no such branch")
	}
	if have, ok := b.Services[s.ServiceID]; ok && have == s {
		return nil, nil
	}
	return []BranchEvent{BranchServiceOffered{BranchID: b.BranchID, Service: s}}, nil
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

// ErrBranchInactive is the answer to requests at a branch that takes no bookings, be it unknown or closed.
func ErrBranchInactive() *Refusal {
	return Refuse(Unprocessable, CodeBranchInactive, "the branch does not take bookings")
}
