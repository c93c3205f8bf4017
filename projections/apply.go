package projections

import (
	"errors"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
)

// errCannotApply halts the read model at an event that does not fit what the tables hold: the log or the fold is wrong,
// and going on would hide it.
func errCannotApply(e eventstore.Recorded, why string) error {
	return subscription.HaltAt(e, errors.New(why))
}

// isFirst reports whether an event, of a booking that has no row, is the one by which it comes to exist. It is false for a fence, by
// which none does, and an error for all others.
func isFirst(e eventstore.Recorded, fact domain.BookingEvent) (bool, error) {
	if domain.IsFence(fact) {
		return false, nil
	}
	if !begins(fact) {
		return false, errCannotApply(e, "the booking was never requested")
	}
	return true, nil
}

// follows reports whether an event is the next one of its stream, of which a row has seen the events up to a revision. It
// is false for one that is folded already, because a revision never goes down, and an error after a gap.
func follows(e eventstore.Recorded, seen eventstore.Revision) (bool, error) {
	switch {
	case e.Revision <= seen:
		return false, nil
	case e.Revision > seen+1:
		return false, errCannotApply(e, "an event before it is missing")
	}
	return true, nil
}
