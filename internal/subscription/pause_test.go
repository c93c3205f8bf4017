package subscription_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
)

func TestAPauseFinishesTheBatchAndClosesTheSubscription(t *testing.T) {
	inBubble(t, func(_ *testing.T, s *fakeSource, r *subscription.Runner) {
		s.add(2)
		handlerOf(r).handle = func(ctx context.Context, _ subscription.Batch) error {
			select {
			case <-time.After(3 * time.Second):
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}, func(t *testing.T, s *fakeSource, r *subscription.Runner, _ func()) {
		t.Helper()
		time.Sleep(time.Second) // virtual
		r.Pause()
		r.Pause() // twice is once
		synctest.Wait()
		if got := r.Status().State; got != subscription.CatchingUp {
			t.Errorf("with a batch in hand the state is %v", got)
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		done := len(handlerOf(r).revisions())
		if got := r.Status(); got.State != subscription.Paused || done == 0 || s.open != 0 {
			t.Errorf("state %v, %d events handled, %d subscriptions", got.State, done, s.open)
		}
		s.add(3)
		time.Sleep(time.Hour)
		if got := r.Status(); got.Lag < time.Hour || len(handlerOf(r).revisions()) != done {
			t.Errorf("lag %v, %d events handled", got.Lag, len(handlerOf(r).revisions()))
		}
		r.Resume()
		r.Resume()
		time.Sleep(time.Minute)
		synctest.Wait()
		if err := handlerOf(r).inOrder(5); err != nil {
			t.Error(err)
		}
		if got := r.Status(); got.State != subscription.Live || got.Lag != 0 {
			t.Errorf("status %+v", got)
		}
	})
}

func TestAConsumerMayBePausedBeforeItRuns(t *testing.T) {
	inBubble(t, func(_ *testing.T, s *fakeSource, r *subscription.Runner) {
		s.add(1)
		r.Pause()
		if got := r.Status().State; got != subscription.Stopped {
			t.Errorf("before it runs the state is %v", got)
		}
	}, func(t *testing.T, s *fakeSource, r *subscription.Runner, stop func()) {
		t.Helper()
		time.Sleep(time.Minute)
		if got := r.Status(); got.State != subscription.Paused || got.Lag != time.Minute || len(s.subscriptions()) != 0 {
			t.Errorf("status %+v, %d subscriptions", got, len(s.subscriptions()))
		}
		r.Resume()
		<-r.CaughtUp()
		r.Pause()
		synctest.Wait()
		stop() // a paused one stops as well
		if err := handlerOf(r).inOrder(1); err != nil {
			t.Error(err)
		}
	})
}

// A batch that fails all the time would never be over: it is given up, and given again after the pause.
func TestAPauseEndsTheRepetitionOfABatch(t *testing.T) {
	inBubble(t, func(_ *testing.T, s *fakeSource, r *subscription.Runner) {
		s.add(1)
		handlerOf(r).handle = func(context.Context, subscription.Batch) error { return errors.New("away") }
	}, func(t *testing.T, _ *fakeSource, r *subscription.Runner, _ func()) {
		t.Helper()
		time.Sleep(time.Minute)
		r.Pause()
		synctest.Wait()
		if got := r.Status(); got.State != subscription.Paused || got.Err != nil || got.Position != 0 {
			t.Errorf("status %+v", got)
		}
		handlerOf(r).handle = nil
		r.Resume()
		<-r.CaughtUp()
		if err := handlerOf(r).inOrder(1); err != nil {
			t.Error(err)
		}
	})
}

// An operator may move the checkpoint of a consumer that is paused.
func TestAfterAPauseTheHandlerIsAskedWhereItStands(t *testing.T) {
	inBubble(t, func(_ *testing.T, s *fakeSource, _ *subscription.Runner) {
		s.add(2)
	}, func(t *testing.T, s *fakeSource, r *subscription.Runner, _ func()) {
		t.Helper()
		<-r.CaughtUp()
		r.Pause()
		synctest.Wait()
		s.add(3)
		h := handlerOf(r)
		h.mu.Lock()
		h.at = 40
		h.mu.Unlock()
		r.Resume()
		synctest.Wait()
		if got := h.revisions(); !slices.Equal(got, []eventstore.Revision{0, 1, 4}) {
			t.Errorf("handled %v", got)
		}
		if got := s.subscriptions(); !slices.Equal(got, []eventstore.Position{0, 40}) {
			t.Errorf("subscribed after %v", got)
		}
	})
}

func TestAHaltedConsumerStaysHaltedInAPause(t *testing.T) {
	inBubble(t, func(_ *testing.T, s *fakeSource, r *subscription.Runner) {
		s.add(1)
		r.Source = breaking{s}
	}, func(t *testing.T, _ *fakeSource, r *subscription.Runner, _ func()) {
		t.Helper()
		<-r.Halted()
		r.Pause()
		synctest.Wait()
		r.Resume()
		time.Sleep(time.Minute)
		if got := r.Status().State; got != subscription.Halted {
			t.Errorf("state %v", got)
		}
	})
}
