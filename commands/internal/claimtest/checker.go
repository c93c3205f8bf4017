// Package claimtest checks logs for the promises that the claim protocol and the keepers keep. It is for tests; it folds facts
// and knows nothing of how commands or keepers work.
package claimtest

import (
	"fmt"
	"slices"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// checker is a log as far as it was folded.
type checker struct {
	bookings map[string]domain.Booking
	standing map[string]map[string]domain.DayClaim // by staff-day stream and claim id
	leaves   map[string]domain.Leave               // by id
	blocks   map[string]map[string]domain.Interval // by staff-day stream and leave id
}

// Check checks every prefix of the log; settled says that nothing is under way any more, so that no claim may stand
// without a booking that names it.
func Check(log []eventstore.Recorded, settled bool) error {
	c := checker{
		bookings: map[string]domain.Booking{}, standing: map[string]map[string]domain.DayClaim{},
		leaves: map[string]domain.Leave{}, blocks: map[string]map[string]domain.Interval{},
	}
	for i, r := range log {
		err := c.over(r)
		if c.fold(r); err == nil {
			err = c.check()
		}
		if err != nil {
			return fmt.Errorf("after event %d (%s on %s): %w", i, r.Event.EventType(), r.Stream, err)
		}
	}
	if settled {
		return c.settled()
	}
	return nil
}

// settled objects to what the keepers should have brought in order.
func (c *checker) settled() error {
	if err := c.strays(); err != nil {
		return err
	}
	return c.off()
}

func (c *checker) fold(r eventstore.Recorded) {
	switch e := r.Event.(type) { //nolint:gochecksumtype // the catalogue and the customers hold no time
	case domain.BookingEvent:
		c.bookings[r.Stream] = c.bookings[r.Stream].Evolve(e)
	case domain.StaffDayClaimed:
		if c.standing[r.Stream] == nil {
			c.standing[r.Stream] = map[string]domain.DayClaim{}
		}
		c.standing[r.Stream][e.ClaimID] = domain.DayClaim{Claim: e.Claim, BookingID: e.BookingID}
	case domain.StaffDayReleased:
		delete(c.standing[r.Stream], e.ClaimID)
	case domain.StaffDayBlocked:
		if c.blocks[r.Stream] == nil {
			c.blocks[r.Stream] = map[string]domain.Interval{}
		}
		c.blocks[r.Stream][e.LeaveID] = domain.Interval{StartAt: e.StartAt, EndAt: e.EndAt}
	case domain.StaffDayUnblocked:
		delete(c.blocks[r.Stream], e.LeaveID)
	case domain.LeaveEvent:
		id := domain.LeaveOf(e).LeaveID
		c.leaves[id] = c.leaves[id].Evolve(e)
	}
}

// over objects to a claim over a block that stood before it, unless its booking had that time already: what it had before the
// block it may keep in part.
func (c *checker) over(r eventstore.Recorded) error {
	e, ok := r.Event.(domain.StaffDayClaimed)
	if !ok {
		return nil
	}
	for _, k := range c.standing[r.Stream] {
		if k.BookingID == e.BookingID && k.Interval().Contains(e.Interval()) {
			return nil
		}
	}
	for id, block := range c.blocks[r.Stream] {
		if block.Overlaps(e.Interval()) {
			return fmt.Errorf("%s of %s is placed over the block of %s, which stood before", e.ClaimID, e.BookingID, id)
		}
	}
	return nil
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
	for _, x := range a.Held {
		for _, y := range b.Held {
			if x.StaffID == y.StaffID && x.StartAt.Before(y.EndAt) && y.StartAt.Before(x.EndAt) {
				return fmt.Errorf("%s and %s both hold %s at %v", a.BookingID, b.BookingID, x.StaffID, y.StartAt)
			}
		}
	}
	return nil
}

// backed objects where a booking does not name exactly a claim for each slot that it shows, or one that it names does not stand.
func (c *checker) backed(b domain.Booking) error {
	if len(b.Claims) != len(b.Held) {
		return fmt.Errorf("%s is %s, shows %d slots and names %d claims", b.BookingID, b.Status, len(b.Held), len(b.Claims))
	}
	for _, k := range b.Claims {
		if !slices.ContainsFunc(b.Held, func(s domain.Slot) bool {
			return k.SegmentID == s.SegmentID && k.StaffID == s.StaffID && k.StartAt.Equal(s.StartAt) && k.EndAt.Equal(s.EndAt)
		}) {
			return fmt.Errorf("%s names the claim %s, for which it shows no slot", b.BookingID, k.ClaimID)
		}
		for _, day := range k.Days() {
			if _, ok := c.standing[domain.StaffDayStream(k.StaffID, day)][k.ClaimID]; !ok {
				return fmt.Errorf("%s is %s and its claim %s does not stand on %s", b.BookingID, b.Status, k.ClaimID, day)
			}
		}
	}
	return nil
}

// off objects to an approved leave without one of its blocks, and to a block without an approved leave.
func (c *checker) off() error {
	for id, l := range c.leaves {
		if l.Status != domain.LeaveGranted {
			continue
		}
		for _, day := range l.Days() {
			if _, blocks := c.blocks[domain.StaffDayStream(l.StaffID, day)][id]; !blocks {
				return fmt.Errorf("%s is approved and does not block %s", id, day)
			}
		}
	}
	for stream, blocks := range c.blocks {
		for id := range blocks {
			if c.leaves[id].Status != domain.LeaveGranted {
				return fmt.Errorf("%s is %q and blocks %s", id, c.leaves[id].Status, stream)
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
