package subscription_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/royalglow/booking/internal/subscription"
)

// Whatever breaks and whenever, the handler is committed to every event once and in order.
func TestNothingIsLostRepeatedOrReordered(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		history := rapid.IntRange(0, 40).Draw(rt, "history")
		live := rapid.SliceOfN(rapid.IntRange(0, 7), 0, 8).Draw(rt, "live")
		budgets := rapid.SliceOfN(rapid.IntRange(0, 12), 0, 12).Draw(rt, "drops")
		refuse := rapid.IntRange(0, 3).Draw(rt, "refuse")
		fails := rapid.SliceOfN(rapid.Bool(), 0, 30).Draw(rt, "fails")
		maxBatch := rapid.IntRange(1, 15).Draw(rt, "max batch")
		slow := rapid.IntRange(0, 3).Draw(rt, "slow")

		// rapid's own T must not be used in the bubble, so what is wrong comes out of it.
		var wrong error
		inBubble(t, func(_ *testing.T, s *fakeSource, r *subscription.Runner) {
			s.add(history)
			s.budgets, s.refuse = budgets, refuse
			r.MaxBatch = maxBatch
			handlerOf(r).handle = func(_ context.Context, b subscription.Batch) error {
				if len(b.Events) > maxBatch {
					return &subscription.HaltError{Err: errors.New("batch too large")}
				}
				time.Sleep(time.Duration(slow) * time.Millisecond)
				if len(fails) > 0 {
					fail := fails[0]
					fails = fails[1:]
					if fail {
						return errors.New("failed by the test")
					}
				}
				return nil
			}
		}, func(_ *testing.T, s *fakeSource, r *subscription.Runner, _ func()) {
			total := history
			for _, n := range live {
				time.Sleep(time.Duration(n) * 30 * time.Millisecond)
				s.add(n)
				total += n
			}
			time.Sleep(time.Hour)
			wrong = handlerOf(r).inOrder(total)
			if got := r.Status(); wrong == nil && (got.State != subscription.Live || got.Lag != 0 || int(got.Position) != 10*total) {
				wrong = errors.New("not live at the end: " + got.State.String())
			}
		})
		if wrong != nil {
			rt.Fatal(wrong)
		}
	})
}
