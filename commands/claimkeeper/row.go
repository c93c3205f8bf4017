package claimkeeper

import (
	"slices"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// state is what the keeper has seen of a claim.
type state string

const (
	placed  state = "placed"  // no booking has named it yet
	named   state = "named"   // its booking names it: nothing to do
	dropped state = "dropped" // its booking named it and does so no more
	fenced  state = "fenced"  // its booking can never name it
)

// key identifies a claim on one of its days.
type key struct{ claimID, day string }

// row is a claim that stands on a day.
type row struct {
	domain.Claim
	day       string
	bookingID string
	state     state
	due       time.Time // when to look at it; zero while it is named
}

// graces are the times after which a claim is looked at.
type graces struct {
	placed  time.Duration // for a command to come to its append
	dropped time.Duration // for a command to release what it dropped
}

// ledger is the standing claims of some bookings. It is folded from the log in order.
type ledger map[key]row

// apply folds one event that was seen at now. Events of other kinds change nothing.
func (l ledger) apply(r eventstore.Recorded, now time.Time, g graces) {
	switch e := r.Event.(type) { //nolint:gochecksumtype // the catalogue holds no claims
	case domain.StaffDayClaimed:
		l[key{e.ClaimID, e.Day}] = row{
			Claim: e.Claim, day: e.Day, bookingID: e.BookingID, state: placed, due: now.Add(g.placed),
		}
	case domain.StaffDayReleased:
		delete(l, key{e.ClaimID, e.Day})
	case domain.BookingClaimFenced:
		l.fence(e.ClaimIDs, now)
	case domain.BookingAbandoned:
		l.fence(e.ClaimIDs, now)
	case domain.BookingEvent:
		if held, ok := domain.HoldingOf(e); ok {
			l.name(domain.BookingOf(e), held.Claims, now.Add(g.dropped))
		}
	}
}

// fence makes claims due at once: they are certain to be strays.
func (l ledger) fence(claimIDs []string, now time.Time) {
	for k, r := range l {
		if slices.Contains(claimIDs, k.claimID) {
			r.state, r.due = fenced, now
			l[k] = r
		}
	}
}

// name compares what a booking names from now on with what stands. A claim that it has never named stays as it is: its
// command may be under way.
func (l ledger) name(bookingID string, claims []domain.Claim, due time.Time) {
	for k, r := range l {
		if r.bookingID != bookingID {
			continue
		}
		switch {
		case slices.ContainsFunc(claims, func(c domain.Claim) bool { return c.ClaimID == k.claimID }):
			r.state, r.due = named, time.Time{}
		case r.state == named:
			r.state, r.due = dropped, due
		}
		l[k] = r
	}
}

// subject returns the booking whose claims an event may change, or "" for all other events.
func subject(e domain.Event) string {
	switch e := e.(type) { //nolint:gochecksumtype // the catalogue holds no claims
	case domain.StaffDayClaimed:
		return e.BookingID
	case domain.StaffDayReleased:
		return e.BookingID
	case domain.BookingEvent:
		return domain.BookingOf(e)
	}
	return ""
}
