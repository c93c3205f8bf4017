// Package claimtest checks logs for the promises that the claim protocol keeps. It is for tests; it folds facts and knows
// nothing of how commands or the keeper work.
package claimtest

import (
	"fmt"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// checker is a log as far as it was folded.
type checker struct {
	bookings map[string]domain.Booking
	standing map[string]map[string]domain.DayClaim // by staff-day stream and claim id
}

// Check checks every prefix of the log; settled says that nothing is under way any more, so that no claim may stand
// without a booking that names it.
func Check(log []eventstore.Recorded, settled bool) error {
	c := checker{bookings: map[string]domain.Booking{}, standing: map[string]map[string]domain.DayClaim{}}
	for i, r := range log {
		c.fold(r)
		if err := c.check(); err != nil {
			return fmt.Errorf("after event %d (%s on %s): %w", i, r.Event.EventType(), r.Stream, err)
		}
	}
	if settled {
		return c.strays()
	}
	return nil
}

func (c *checker) fold(r eventstore.Recorded) {
	switch e := r.Event.(type) { //nolint:gochecksumtype // the catalogue holds no time
	case domain.BookingEvent:
		c.bookings[r.Stream] = c.bookings[r.Stream].Evolve(e)
	case domain.StaffDayClaimed:
		if c.standing[r.Stream] == nil {
			c.standing[r.Stream] = map[string]domain.DayClaim{}
		}
		c.standing[r.Stream][e.ClaimID] = domain.DayClaim{Claim: e.Claim, BookingID: e.BookingID}
	case domain.StaffDayReleased:
		delete(c.standing[r.Stream], e.ClaimID)
	}
}

func (c *checker) check() error {
	for stream, b := range c.bookings {
		if err := c.backed(b); err != nil {
			return err
		}
		for other, o := range c.bookings {
			if stream < other {
				if err := apart(b, o); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// apart objects where two bookings hold one member at one time. It looks at bookings alone, never at claims.
func apart(a, b domain.Booking) error {
	for _, x := range a.Slots() {
		for _, y := range b.Slots() {
			if x.StaffID == y.StaffID && x.StartAt.Before(y.EndAt) && y.StartAt.Before(x.EndAt) {
				return fmt.Errorf("%s and %s both hold %s at %v", a.BookingID, b.BookingID, x.StaffID, y.StartAt)
			}
		}
	}
	return nil
}

// backed objects where a booking does not name exactly a claim for each segment, or one that it names does not stand.
func (c *checker) backed(b domain.Booking) error {
	if !b.Status.Occupies() {
		if len(b.Claims) > 0 {
			return fmt.Errorf("%s is %s and names claims", b.BookingID, b.Status)
		}
		return nil
	}
	if len(b.Claims) != len(b.Segments) {
		return fmt.Errorf("%s has %d segments and names %d claims", b.BookingID, len(b.Segments), len(b.Claims))
	}
	for i, s := range b.Segments {
		k := b.Claims[i]
		if k.SegmentID != s.SegmentID || k.StaffID != s.StaffID || !k.StartAt.Equal(s.StartAt) || !k.EndAt.Equal(s.EndAt) {
			return fmt.Errorf("%s names a claim that is not of %s", b.BookingID, s.SegmentID)
		}
		for _, day := range k.Days() {
			if _, ok := c.standing[domain.StaffDayStream(k.StaffID, day)][k.ClaimID]; !ok {
				return fmt.Errorf("%s is %s and its claim %s does not stand on %s", b.BookingID, b.Status, k.ClaimID, day)
			}
		}
	}
	return nil
}

// strays objects to a claim that its booking does not name: nobody else could ever have that time.
func (c *checker) strays() error {
	for stream, claims := range c.standing {
		for id, k := range claims {
			named := false
			for _, have := range c.bookings[domain.BookingStream(k.BookingID)].Claims {
				named = named || have.ClaimID == id
			}
			if !named {
				return fmt.Errorf("%s blocks %s for ever", id, stream)
			}
		}
	}
	return nil
}
