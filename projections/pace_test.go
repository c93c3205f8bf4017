package projections_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/royalglow/booking/projections"
)

// share returns which part of ten seconds a build works whose pieces take a while each, when commands take as long as the share
// of its work makes them.
func share(t *testing.T, budget time.Duration, latency func(busy float64) (time.Duration, bool)) (part float64) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		const piece = 10 * time.Millisecond
		busy := 0.0
		pace := projections.NewPace(func() (time.Duration, bool) { return latency(busy) })
		pace.Observe()
		began, worked := time.Now(), time.Duration(0)
		for time.Since(began) < 10*time.Second {
			before := time.Now()
			time.Sleep(piece) // the work
			worked += piece
			pace.After(t.Context(), budget)
			busy = float64(piece) / float64(time.Since(before))
		}
		part = float64(worked) / float64(time.Since(began))
	})
	return part
}

func TestABuildTakesWhatCommandsLeave(t *testing.T) {
	t.Parallel()
	const budget = 5 * time.Millisecond
	slowed := func(per time.Duration) func(busy float64) (time.Duration, bool) {
		return func(busy float64) (time.Duration, bool) {
			return 8*time.Millisecond + time.Duration(busy*float64(per)), true
		}
	}
	harmless, harmful := share(t, budget, slowed(time.Millisecond)), share(t, budget, slowed(50*time.Millisecond))
	alone := share(t, budget, func(float64) (time.Duration, bool) { return 0, false })
	full := share(t, 0, slowed(50*time.Millisecond))
	if harmless < 0.5 || harmful > 0.12 || harmful < 0.02 || alone < 0.9 || full < 0.999 {
		t.Errorf("harmless %.3f, harmful %.3f, alone %.3f, at full speed %.3f", harmless, harmful, alone, full)
	}
}
