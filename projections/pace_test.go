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

// TestABuildIsNotHeldUpByWhatItDoesNotCause: commands that took 8 ms take 40 ms from the second on in which it begins, because
// something else is going on. It must not crawl for that, and yet not slow them down any further.
func TestABuildIsNotHeldUpByWhatItDoesNotCause(t *testing.T) {
	t.Parallel()
	const budget, piece, total = 5 * time.Millisecond, 10 * time.Millisecond, 3 * time.Minute
	for name, c := range map[string]struct {
		per         time.Duration // by how much commands are slowed down by a build that works all the time
		least, most float64
	}{
		"a build that harms nobody": {time.Millisecond, 0.5, 1},
		"one that does":             {50 * time.Millisecond, 0.02, 0.12},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var worked []time.Time
				began := time.Now()
				pace := projections.NewPace(func() (time.Duration, bool) {
					busy, usual := 0, 8*time.Millisecond
					for i := len(worked) - 1; i >= 0 && time.Since(worked[i]) < time.Second; i-- {
						busy++
					}
					if time.Since(began) > time.Second {
						usual = 40 * time.Millisecond
					}
					return usual + c.per*time.Duration(busy)*piece/time.Second, true
				})
				pace.Observe()
				for time.Since(began) < total {
					time.Sleep(piece) // the work
					worked = append(worked, time.Now())
					pace.After(t.Context(), budget)
				}
				part := float64(len(worked)) * piece.Seconds() / time.Since(began).Seconds()
				if part < c.least || part > c.most {
					t.Errorf("it works %.3f of the time", part)
				}
			})
		})
	}
}

// TestTheLeastBudgetIsOne: what is less than a microsecond is not taken for no budget, which is full speed.
func TestTheLeastBudgetIsOne(t *testing.T) {
	t.Parallel()
	db := openDB(t)
	if _, err := models(db).Bookings.Rebuild(t.Context(), projections.Rebuild{Budget: 1}); err != nil {
		t.Fatal(err)
	}
	var budget int
	err := db.Read.NewRaw("SELECT budget_us FROM generations WHERE name = 'bookings' AND generation = 2").Scan(t.Context(), &budget)
	if err != nil || budget != 1 {
		t.Errorf("%d µs, %v", budget, err)
	}
}
