package demo

import (
	"cmp"
	"slices"

	"github.com/royalglow/booking/internal/demo/check"
)

// want is something that somebody is about to do.
type want struct {
	salon  *salon
	action check.Action
	by     *person
	// booking is what shall change; nil for a request.
	booking *booking
	seen    entry // what the actor's page shows of it

	// Of a request: when, what, and with whom.
	hold       hold
	treatments []treatment
	// Of an assign, and of an approval that changes the member: who shall do it instead.
	other hold
}

// next decides who does what next in the salon, or returns nil when nothing sensible can be done right now. What it
// returns is reserved: the diary has its place and the booking is busy, until settle.
//
// Each verb earns its share of every command as credit and the verb with the most credit that somebody can use is used,
// so that even a short run has all of them and the mix is even throughout.
func (s *salon) next() *want {
	s.mu.Lock()
	defer s.mu.Unlock()
	for a, share := range s.shares() {
		s.credit[a] = min(s.credit[a]+share, maxCredit)
	}
	if first := s.rival; first != nil {
		s.rival = nil
		s.credit[check.Request]--
		return s.alsoWants(first)
	}
	for _, a := range s.byCredit() {
		if s.credit[a] < -maxDebt {
			break
		}
		if w := s.find(a); w != nil {
			s.credit[a]--
			return w
		}
	}
	return nil
}

const (
	// maxCredit keeps a verb that could not be used for a while from being used in a row afterwards.
	maxCredit = 3
	// maxDebt bounds how far requests, which are always possible, may run ahead of the other verbs while the pages lag: past
	// it people wait for their pages.
	maxDebt = 15
	// crowd is how many bookings a salon is meant to have. Past it more of them are ended than begun, so that neither the
	// diary nor a customer's cap ever fills.
	crowd = 40
	// rivalOneIn counts requests: every so many, another customer wants the same member at the same time.
	rivalOneIn = 12
	// pooledOneIn counts requests: every so many leave the choice of the staff to the salon.
	pooledOneIn = 4
	// pairOneIn counts requests: every so many are for two treatments.
	pairOneIn = 5
)

// shares is the mix of verbs; the numbers add up to 1.
func (s *salon) shares() map[check.Action]float64 {
	if len(s.bookings) < crowd {
		return map[check.Action]float64{
			check.Request: 0.40, check.Approve: 0.22, check.Assign: 0.10, check.Reject: 0.09, check.Cancel: 0.19,
		}
	}
	return map[check.Action]float64{
		check.Request: 0.28, check.Approve: 0.22, check.Assign: 0.10, check.Reject: 0.12, check.Cancel: 0.28,
	}
}

// byCredit lists the verbs, the most deserving first; equals keep the order of a booking's life.
func (s *salon) byCredit() []check.Action {
	actions := check.Actions()
	slices.SortStableFunc(actions, func(a, b check.Action) int { return cmp.Compare(s.credit[b], s.credit[a]) })
	return actions
}

// find returns a want of the verb, or nil.
func (s *salon) find(a check.Action) *want {
	switch a {
	case check.Request:
		return s.wantsBooking()
	case check.Approve:
		return s.wantsApproval()
	case check.Assign:
		return s.wantsColleague()
	case check.Reject:
		return s.wantsRejection()
	case check.Cancel:
		return s.wantsCancellation()
	}
	return nil
}
