package publishers

import (
	"testing"
	"time"
)

// TestTheCircuitOpensAndClosesWhenItShould walks through what it goes by, at times of its own.
func TestTheCircuitOpensAndClosesWhenItShould(t *testing.T) {
	t.Parallel()
	begin := time.Date(2026, 6, 15, 10, 0, 0, 0, time.UTC)
	t.Run("ten in a row", func(t *testing.T) {
		t.Parallel()
		var c circuit
		for range circuitInRow - 1 {
			c.answered(true, begin)
		}
		if c.open {
			t.Fatal("open after nine")
		}
		c.answered(false, begin)
		for range circuitInRow - 1 {
			c.answered(true, begin)
		}
		if c.open {
			t.Fatal("open although one between them succeeded and there are less than twenty")
		}
		c.answered(true, begin)
		if !c.open || c.left(begin) != circuitFirstWait {
			t.Fatalf("after ten in a row open is %v, for %v", c.open, c.left(begin))
		}
	})
	t.Run("half of twenty", func(t *testing.T) {
		t.Parallel()
		var c circuit
		for n := range circuitLeast - 1 {
			c.answered(n%2 == 0, begin)
		}
		if c.open {
			t.Fatal("open after nineteen")
		}
		c.answered(true, begin)
		if !c.open {
			t.Fatal("closed although eleven of twenty failed")
		}
	})
	t.Run("what is long ago does not count", func(t *testing.T) {
		t.Parallel()
		var c circuit
		for n := range 100 {
			c.answered(n%2 == 0, begin.Add(time.Duration(n)*time.Second))
		}
		if c.open || len(c.recent) > 10 {
			t.Fatalf("open is %v after one attempt a second, half of them in vain; %d remembered", c.open, len(c.recent))
		}
	})
	t.Run("one request at a time finds out", func(t *testing.T) {
		t.Parallel()
		var c circuit
		for range circuitInRow {
			c.answered(true, begin)
		}
		now := begin
		for _, wait := range []time.Duration{5, 10, 20, 40, 60, 60} {
			wait *= time.Second
			if got := c.left(now); got != wait {
				t.Fatalf("waits %v, want %v", got, wait)
			}
			c.answered(true, now) // of a request that was on its way
			if got := c.left(now); got != wait {
				t.Fatalf("waits %v after an old answer, want %v", got, wait)
			}
			now = now.Add(wait)
			if c.left(now) != 0 {
				t.Fatal("nobody may find out")
			}
			c.launched()
			if c.left(now) == 0 {
				t.Fatal("a second may find out as well")
			}
			c.answered(true, now)
		}
		c.launched()
		c.answered(false, now)
		if c.open || c.left(now) != 0 || c.closed != now {
			t.Fatalf("after an answer %+v", c)
		}
	})
}
