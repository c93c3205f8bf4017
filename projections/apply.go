package projections

import (
	"fmt"

	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
)

// errCannotApply halts the read model at an event that does not fit what the tables hold: the log or the fold is wrong,
// and going on would hide it.
func errCannotApply(e eventstore.Recorded, why string) error {
	return &subscription.HaltError{
		Err: fmt.Errorf("apply %s (%s@%d): %s", e.Event.EventType(), e.Stream, e.Revision, why),
	}
}
