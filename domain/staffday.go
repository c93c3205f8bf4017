package domain

import (
	"slices"
	"time"
)

// DayClaim is a claim as a staff-day holds it.
type DayClaim struct {
	Claim
	BookingID string
}

// StaffDay is one member's time on one UTC day: the boundary that keeps bookings apart. Its claims are in the order in
// which they were placed. The zero StaffDay is free.
type StaffDay struct {
	Claims []DayClaim
}

// Evolve folds one fact. It is total.
func (d StaffDay) Evolve(e StaffDayEvent) StaffDay {
	switch e := e.(type) {
	case StaffDayClaimed:
		// Clip keeps a copy of the state from sharing the appended element.
		d.Claims = append(slices.Clip(d.Claims), DayClaim{Claim: e.Claim, BookingID: e.BookingID})
	case StaffDayReleased:
		d.Claims = slices.DeleteFunc(slices.Clone(d.Claims), func(c DayClaim) bool { return c.ClaimID == e.ClaimID })
	}
	return d
}

// Place returns the facts that claims of a booking stand on the given UTC day. It refuses all of them when one overlaps a
// claim of another booking; nothing overrides an overlap.
func (d StaffDay) Place(bookingID, day string, claims []Claim) ([]StaffDayEvent, error) {
	facts := make([]StaffDayEvent, 0, len(claims))
	for _, c := range claims {
		if !c.StartAt.Before(c.EndAt) {
			return nil, Refuse(Invalid, CodeValidation, "a slot ends after it starts")
		}
		if d.taken(bookingID, c.StartAt, c.EndAt) {
			return nil, ErrSlotUnavailable()
		}
		facts = append(facts, StaffDayClaimed{Claim: c, Day: day, BookingID: bookingID})
	}
	return facts, nil
}

// taken reports whether another booking holds part of [start, end). A booking's own claims do not count: a change places
// its new claims before it drops the old ones.
func (d StaffDay) taken(bookingID string, start, end time.Time) bool {
	return slices.ContainsFunc(d.Claims, func(c DayClaim) bool {
		return c.BookingID != bookingID && c.StartAt.Before(end) && start.Before(c.EndAt)
	})
}

// Release returns the facts that free those of the given claims that stand on this day. Releasing twice frees once.
func (d StaffDay) Release(day string, claimIDs []string, why ReleaseReason) []StaffDayEvent {
	var facts []StaffDayEvent
	for _, c := range d.Claims {
		if slices.Contains(claimIDs, c.ClaimID) {
			facts = append(facts, StaffDayReleased{
				ClaimID: c.ClaimID, StaffID: c.StaffID, Day: day, BookingID: c.BookingID, Why: why,
			})
		}
	}
	return facts
}

// ErrSlotUnavailable is the answer when a member's time is taken. It names no other booking.
func ErrSlotUnavailable() *Refusal {
	return Refuse(Conflict, CodeSlotUnavailable, "this time is taken").With("alternatives", []any{})
}
