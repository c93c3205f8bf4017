package projections_test

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// count notes a round. What did not come about while the program was stopped is zero, and no figure.
func (w *stopWorld) count(stop string, byServer, byTerm int, took ...time.Duration) {
	w.stops[stop]++
	w.byServer += byServer
	w.byTerm += byTerm
	for i, d := range took {
		if d > 0 {
			w.figures[i] = append(w.figures[i], d)
		}
	}
}

// report says what the rounds have come to.
func (w *stopWorld) report(t *testing.T, stops int, all []step) {
	t.Helper()
	takeovers, terms := 0, 0
	for _, n := range w.stops {
		takeovers += n
	}
	for _, s := range all {
		if s.Taken {
			terms++
		}
	}
	t.Logf("%d takeovers in %d stops (%v), %d terms, %d checkpoints", takeovers, stops, w.stops, terms, len(all)-terms)
	t.Logf("transactions refused: %d ended by the server meanwhile, %d undone when the program went on", w.byServer, w.byTerm)
	for i, what := range []string{"all taken over", "all moved by the other", "lag recovered"} {
		t.Logf("%s: %s", what, spread(w.figures[i]))
	}
}

// spread is the median of some durations and the longest.
func spread(all []time.Duration) string {
	slices.Sort(all)
	if len(all) == 0 {
		return "never"
	}
	return fmt.Sprintf("p50 %v, max %v, n %d", all[len(all)/2].Round(time.Millisecond), all[len(all)-1].Round(time.Millisecond), len(all))
}
