package projections_test

import (
	"slices"
	"testing"
	"time"

	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
)

// TestALongBatchLetsCommandsIn hands over a batch whose last event cannot be applied: what was durable before that shows where
// transactions have ended.
func TestALongBatchLetsCommandsIn(t *testing.T) {
	t.Parallel()
	h := requested(t)
	for len(h.events) < 1200 {
		h.fence(first)
	}
	wrong := h.events[len(h.events)-1]
	wrong.Position += 100
	wrong.Revision += 2
	events := append(slices.Clip(h.events), wrong)
	for name, c := range map[string]struct {
		commands bool
		durable  eventstore.Position
	}{
		"at full speed":   {false, 0},
		"beside commands": {true, events[999].Position},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := models(openDB(t))
			m.Bookings.Heed(func() (time.Duration, bool) { return time.Millisecond, c.commands })
			err := m.Bookings.Handle(t.Context(), subscription.Batch{Events: events, Position: wrong.Position})
			if !subscription.Halts(err) {
				t.Fatalf("an event that does not fit: %v", err)
			}
			at, err := m.Bookings.Checkpoint(t.Context())
			if err != nil || at != c.durable {
				t.Errorf("durable up to %d, not %d: %v", at, c.durable, err)
			}
		})
	}
}
