package httpapi_test

import (
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/royalglow/booking/internal/httpapi"
)

// TestWhoAsksMostIsNotForgotten: others come and go, and his bucket stays empty.
func TestWhoAsksMostIsNotForgotten(t *testing.T) {
	t.Parallel()
	l := httpapi.NewUserLimits(time.Hour, 1, 2)
	check(t, l.Take(ada, opening))
	for i := range 1000 {
		check(t, l.Take(fmt.Sprintf("usr_other%04d", i), opening))
		if l.Take(ada, opening) == nil {
			t.Fatalf("served again after %d others", i+1)
		}
	}
	if l.Kept() != 2 {
		t.Errorf("%d buckets are kept", l.Kept())
	}
}

// TestNobodyGetsMoreThanHisRate asks at any times: over any while no more than a burst and the rate is given, and who waits as long as he is
// told is served.
func TestNobodyGetsMoreThanHisRate(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		burst := rapid.IntRange(1, 5).Draw(t, "burst")
		every := time.Duration(rapid.IntRange(1, 5000).Draw(t, "every")) * time.Millisecond
		l := httpapi.NewUserLimits(every, burst, 10)
		now := opening
		var given []time.Time
		for range rapid.IntRange(1, 60).Draw(t, "asks") {
			now = now.Add(time.Duration(rapid.IntRange(0, 3000).Draw(t, "later")) * time.Millisecond)
			err := l.Take(ada, now)
			if err != nil {
				p, ok := errors.AsType[*httpapi.Problem](err)
				if !ok {
					t.Fatalf("error %v", err)
				}
				seconds, err := strconv.Atoi(p.GetHeaders().Get("Retry-After"))
				if err != nil || seconds < 1 {
					t.Fatalf("Retry-After %q", p.GetHeaders().Get("Retry-After"))
				}
				if now = now.Add(time.Duration(seconds) * time.Second); l.Take(ada, now) != nil {
					t.Fatalf("not served after %d s", seconds)
				}
			}
			given = append(given, now)
		}
		for i := range given {
			for j := i; j < len(given); j++ {
				// A microsecond for what is lost by counting in fractions.
				if most := burst + int((given[j].Sub(given[i])+time.Microsecond)/every); j-i+1 > most {
					t.Fatalf("%d within %v, at most %d", j-i+1, given[j].Sub(given[i]), most)
				}
			}
		}
	})
}

// TestLimitsHoldForRequestsAtOnce: as many as there are, and not one more.
func TestLimitsHoldForRequestsAtOnce(t *testing.T) {
	t.Parallel()
	l := httpapi.NewUserLimits(time.Hour, 50, 10)
	served := make(chan bool, 200)
	var all sync.WaitGroup
	for range cap(served) {
		all.Go(func() { served <- l.Take(ada, opening) == nil })
	}
	all.Wait()
	close(served)
	n := 0
	for ok := range served {
		if ok {
			n++
		}
	}
	if n != 50 {
		t.Errorf("%d were served", n)
	}
}
