package projections

import (
	"fmt"

	"github.com/royalglow/booking/internal/eventstore"
)

// errCannotApply says that an event does not fit what the tables hold: the log or the fold is wrong, and going on would
// hide it.
func errCannotApply(e eventstore.Recorded, why string) error {
	return fmt.Errorf("apply %s (%s@%d): %s", e.Event.EventType(), e.Stream, e.Revision, why)
}
