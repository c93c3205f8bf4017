package aggregate

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestOneAtATimeOnAStream(t *testing.T) {
	t.Parallel()
	var l locks
	var wg sync.WaitGroup
	inside, most, turns := 0, 0, 0
	for range 50 {
		wg.Go(func() {
			unlock, err := l.lock(t.Context(), "booking-a")
			if err != nil {
				t.Error(err)
				return
			}
			defer unlock()
			inside++
			most = max(most, inside)
			turns++
			inside--
		})
	}
	wg.Wait()
	if most != 1 || turns != 50 || len(l.held) != 0 {
		t.Errorf("%d at once, %d turns, %d locks left", most, turns, len(l.held))
	}
}

func TestAnotherStreamDoesNotWait(t *testing.T) {
	t.Parallel()
	var l locks
	a, err := l.lock(t.Context(), "booking-a")
	if err != nil {
		t.Fatal(err)
	}
	defer a()
	b, err := l.lock(t.Context(), "booking-b")
	if err != nil {
		t.Fatal(err)
	}
	b()
}

func TestWhoWaitsTooLongGoesAndLeavesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l locks
		unlock, err := l.lock(t.Context(), "booking-a")
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := l.lock(ctx, "booking-a"); err == nil {
			t.Error("two have the lock")
		}
		unlock()
		if len(l.held) != 0 {
			t.Errorf("%d locks left", len(l.held))
		}
	})
}
