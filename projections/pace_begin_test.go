package projections

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestABuildDoesNotPayForWhatWasBeforeIt: the time that nothing was built in is no work to rest from.
func TestABuildDoesNotPayForWhatWasBeforeIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPace(func() (time.Duration, bool) { return time.Millisecond, true })
		time.Sleep(24 * time.Hour)
		began := time.Now()
		p.begin()
		time.Sleep(2 * workAtOnce)
		p.after(t.Context(), time.Millisecond)
		if rest := time.Since(began); rest > time.Second {
			t.Errorf("the first piece of work takes %v", rest)
		}
		if time.Since(began) == 2*workAtOnce {
			t.Error("it does not rest at all")
		}
	})
}
