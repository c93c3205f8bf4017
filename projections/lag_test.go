package projections_test

import (
	"testing"
	"time"

	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/projections"
)

// TestLagIsHowLongTheNextEventHasBeenThere: also of an event that nobody can decode, at which a read model may stand for days.
func TestLagIsHowLongTheNextEventHasBeenThere(t *testing.T) {
	t.Parallel()
	h := requested(t)
	h.confirm(first, nil)
	l, last := newLog(h.events...), h.events[len(h.events)-1]
	before := h.events[len(h.events)-2].Position
	lag := projections.LagOf(l, func() time.Time { return last.Created.Add(time.Hour) })
	check := func(what string, after eventstore.Position, want time.Duration) {
		t.Helper()
		if got, err := lag(t.Context(), after); err != nil || got != want {
			t.Errorf("%s: %v, %v; want %v", what, got, err, want)
		}
	}
	check("an event", before, time.Hour)
	check("none", last.Position, 0)
	l.spoil(last, errGarbled)
	check("an event that cannot be decoded", before, time.Hour)
	last.Created = time.Time{}
	l.spoil(last, errGarbled)
	check("one of which nobody knows how old it is", before, time.Nanosecond)
}
