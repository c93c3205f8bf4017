package domain

import (
	"cmp"
	"slices"
	"time"
)

// The tiers of no-shows.
const (
	// NoShowLimit no-shows within NoShowWindow make a customer's bookings need a manager.
	NoShowLimit  = 4
	NoShowWindow = 90 * 24 * time.Hour
	// ClearingVisits completed visits in a row clear him.
	ClearingVisits = 3
)

// Customer is a customer's standing. The zero Customer is in good standing.
type Customer struct {
	CustomerID string
	// NoShows and LateCancellations that count, by booking: when each was.
	NoShows, LateCancellations map[string]time.Time
	// NeedsApproval: his bookings need a manager, since RequiredAt.
	NeedsApproval bool
	RequiredAt    time.Time
	// ForgivenAt is when he was last cleared: no-shows before it no longer count toward the limit.
	ForgivenAt time.Time
	Erased     bool
}

// Evolve folds one fact. It is total.
func (c Customer) Evolve(e CustomerEvent) Customer {
	c.CustomerID = CustomerOf(e)
	switch e := e.(type) {
	case CustomerNoShowCounted:
		c.NoShows = counted(c.NoShows, e.BookingID, e.At, e.Withdrawn)
	case CustomerLateCancellationCounted:
		c.LateCancellations = counted(c.LateCancellations, e.BookingID, e.At, e.Withdrawn)
	case CustomerApprovalRequired:
		c.NeedsApproval, c.RequiredAt = true, e.At
	case CustomerApprovalCleared:
		c.NeedsApproval, c.RequiredAt = false, time.Time{}
		if e.By != ClearedByCorrection {
			c.ForgivenAt = e.At
		}
	case CustomerErased:
		c.Erased = true
	}
	return c
}

func counted(have map[string]time.Time, bookingID string, at time.Time, withdrawn bool) map[string]time.Time {
	m := with(have, bookingID, at)
	if withdrawn {
		delete(m, bookingID)
	}
	return m
}

// Outcome is how one booking of a customer ended, as the log of bookings has it. Bookings that count neither way are left out.
type Outcome struct {
	BookingID string
	Kind      OutcomeKind
	At        time.Time
}

// OutcomeKind is what a booking's end says of its customer.
type OutcomeKind string

// The kinds of outcome.
const (
	OutcomeCompleted  OutcomeKind = "completed"
	OutcomeNoShow     OutcomeKind = "no_show"
	OutcomeLateCancel OutcomeKind = "late_cancel"
)

// Account returns the facts that bring the standing in line with all outcomes of the customer's bookings: it may be called with
// any of them, in any order, any number of times, and finds the same.
func (c Customer) Account(customerID string, outcomes []Outcome, now time.Time) []CustomerEvent {
	sorted := slices.SortedFunc(slices.Values(outcomes), func(a, b Outcome) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.BookingID, b.BookingID))
	})
	var facts []CustomerEvent
	add := func(e CustomerEvent) {
		facts = append(facts, e)
		c = c.Evolve(e)
	}
	for _, e := range c.outdated(customerID, sorted) {
		add(e)
	}
	for _, o := range sorted {
		if e := c.count(customerID, o); e != nil {
			add(e)
		}
	}
	if e := c.judge(customerID, sorted, now); e != nil {
		add(e)
	}
	return facts
}

// outdated withdraws what was counted and has been corrected since.
func (c Customer) outdated(customerID string, outcomes []Outcome) []CustomerEvent {
	stands := func(id string, kind OutcomeKind) bool {
		return slices.ContainsFunc(outcomes, func(o Outcome) bool { return o.BookingID == id && o.Kind == kind })
	}
	var facts []CustomerEvent
	for _, id := range sortedKeys(c.NoShows) {
		if !stands(id, OutcomeNoShow) {
			facts = append(facts, CustomerNoShowCounted{CustomerID: customerID, BookingID: id, At: c.NoShows[id], Withdrawn: true})
		}
	}
	for _, id := range sortedKeys(c.LateCancellations) {
		if !stands(id, OutcomeLateCancel) {
			facts = append(facts, CustomerLateCancellationCounted{
				CustomerID: customerID, BookingID: id, At: c.LateCancellations[id], Withdrawn: true, Count: len(c.LateCancellations) - 1,
			})
		}
	}
	return facts
}

// count returns the fact that an outcome counts, if it does and has not been counted.
func (c Customer) count(customerID string, o Outcome) CustomerEvent {
	switch o.Kind {
	case OutcomeNoShow:
		if _, done := c.NoShows[o.BookingID]; done {
			return nil
		}
		n, first := c.window(o.At)
		if first.IsZero() {
			first = o.At
		}
		return CustomerNoShowCounted{CustomerID: customerID, BookingID: o.BookingID, At: o.At, Count: n + 1, WindowStart: first}
	case OutcomeLateCancel:
		if _, done := c.LateCancellations[o.BookingID]; done {
			return nil
		}
		return CustomerLateCancellationCounted{
			CustomerID: customerID, BookingID: o.BookingID, At: o.At, Count: len(c.LateCancellations) + 1,
		}
	case OutcomeCompleted:
	}
	return nil
}

// window counts the no-shows, not forgiven, of the 90 days up to an instant, and tells when the first of them was.
func (c Customer) window(until time.Time) (n int, first time.Time) {
	for _, at := range c.NoShows {
		if at.After(until) || at.Before(until.Add(-NoShowWindow)) || !at.After(c.ForgivenAt) {
			continue
		}
		if n++; first.IsZero() || at.Before(first) {
			first = at
		}
	}
	return n, first
}

// judge returns the fact that the customer needs approval from now on, or no more.
func (c Customer) judge(customerID string, outcomes []Outcome, now time.Time) CustomerEvent {
	id, at, over := c.overLimit()
	switch {
	case over && !c.NeedsApproval:
		if visitsSince(outcomes, at) >= ClearingVisits {
			return nil // he has made up for it before anybody looked
		}
		return CustomerApprovalRequired{CustomerID: customerID, BookingID: id, At: now}
	case !c.NeedsApproval:
		return nil
	case !over:
		return CustomerApprovalCleared{CustomerID: customerID, By: ClearedByCorrection, At: now}
	case visitsSince(outcomes, at) >= ClearingVisits:
		return CustomerApprovalCleared{CustomerID: customerID, By: ClearedByVisits, At: now}
	}
	return nil
}

// overLimit finds the latest no-show that was one too many within its window.
func (c Customer) overLimit() (bookingID string, at time.Time, over bool) {
	for _, id := range sortedKeys(c.NoShows) {
		when := c.NoShows[id]
		if n, _ := c.window(when); n >= NoShowLimit && when.After(at) {
			bookingID, at, over = id, when, true
		}
	}
	return bookingID, at, over
}

// visitsSince counts the completed visits at the end of the outcomes, after an instant and without a no-show among them.
func visitsSince(outcomes []Outcome, since time.Time) int {
	n := 0
	for _, o := range outcomes {
		switch {
		case !o.At.After(since):
		case o.Kind == OutcomeNoShow:
			n = 0
		case o.Kind == OutcomeCompleted:
			n++
		}
	}
	return n
}

// Clear returns the fact that a manager clears the customer.
func (c Customer) Clear(reason string, now time.Time) ([]CustomerEvent, error) {
	if !c.NeedsApproval {
		return nil, Refuse(Conflict, CodeConflict, "the customer's bookings need no manager")
	}
	return []CustomerEvent{CustomerApprovalCleared{
		CustomerID: c.CustomerID, By: ClearedByManager, Reason: reason, At: now.UTC(),
	}}, nil
}

// Erase returns the fact that what is known of the customer as a person is deleted. It may be asked for again: what came since
// is deleted then.
func (c Customer) Erase(customerID string, now time.Time) []CustomerEvent {
	return []CustomerEvent{CustomerErased{CustomerID: customerID, At: now.UTC()}}
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
