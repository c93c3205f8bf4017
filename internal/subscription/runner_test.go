package subscription_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
)

// full takes the jitter out of the backoff: each wait is the whole bound.
func full() float64 { return 1 }

func inBubble(t *testing.T, fill func(t *testing.T, s *fakeSource, r *subscription.Runner), test func(*testing.T, *fakeSource, *subscription.Runner, func())) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := newSource()
		r := &subscription.Runner{Source: s, Handler: &recorder{}, Jitter: full}
		fill(t, s, r)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- r.Run(ctx) }()
		stop := sync.OnceFunc(func() {
			cancel()
			if err := <-ended; err != nil {
				t.Errorf("run: %v", err)
			}
		})
		defer stop()
		test(t, s, r, stop)
		stop()
		if s.open != 0 {
			t.Errorf("%d subscriptions left open", s.open)
		}
	})
}

func handlerOf(r *subscription.Runner) *recorder { return r.Handler.(*recorder) }

func TestHistoryComesInBatchesAndThenEachEventAtOnce(t *testing.T) {
	inBubble(t, func(_ *testing.T, s *fakeSource, r *subscription.Runner) {
		s.add(25)
		r.MaxBatch = 10
	}, func(t *testing.T, s *fakeSource, r *subscription.Runner, _ func()) {
		t.Helper()
		<-r.CaughtUp()
		synctest.Wait()
		h := handlerOf(r)
		if err := h.inOrder(25); err != nil {
			t.Fatal(err)
		}
		for _, b := range h.given() {
			if len(b.Events) > 10 || b.Live || b.Position != b.Events[len(b.Events)-1].Position {
				t.Errorf("batch of %d, live %t, position %d", len(b.Events), b.Live, b.Position)
			}
		}
		before, began := len(h.given()), time.Now()
		s.add(1)
		synctest.Wait()
		if b := h.given()[before:]; len(b) != 1 || len(b[0].Events) != 1 || !b[0].Live {
			t.Errorf("a new event came as %+v", b)
		}
		if waited := time.Since(began); waited != 0 {
			t.Errorf("a new event lingered for %v", waited)
		}
	})
}

func TestAPositionWithoutEventsIsCommitted(t *testing.T) {
	inBubble(t, func(_ *testing.T, s *fakeSource, _ *subscription.Runner) {
		s.add(1)
	}, func(t *testing.T, s *fakeSource, r *subscription.Runner, _ func()) {
		t.Helper()
		synctest.Wait()
		s.advance()
		synctest.Wait()
		got := r.Status()
		if got.Position != 20 || got.EventPosition != 10 {
			t.Errorf("status %+v, want position 20 and event position 10", got)
		}
		last := handlerOf(r).given()[1]
		if last.Position != 20 || len(last.Events) != 0 {
			t.Errorf("batch %+v", last)
		}
	})
}

func TestAConsumerBeginsBehindItsCheckpoint(t *testing.T) {
	inBubble(t, func(_ *testing.T, s *fakeSource, r *subscription.Runner) {
		s.add(5)
		handlerOf(r).at = 30
	}, func(t *testing.T, s *fakeSource, r *subscription.Runner, _ func()) {
		t.Helper()
		synctest.Wait()
		if got := handlerOf(r).revisions(); !slices.Equal(got, []eventstore.Revision{3, 4}) {
			t.Errorf("handled %v", got)
		}
		if got := s.subscriptions(); !slices.Equal(got, []eventstore.Position{30}) {
			t.Errorf("subscribed after %v", got)
		}
	})
}

func TestRefusedSubscriptionsAreRepeatedEverMoreSlowly(t *testing.T) {
	inBubble(t, func(_ *testing.T, s *fakeSource, r *subscription.Runner) {
		s.refuse = 6
		r.Backoff = subscription.Backoff{Base: 100 * time.Millisecond, Max: time.Second}
	}, func(t *testing.T, s *fakeSource, r *subscription.Runner, _ func()) {
		t.Helper()
		time.Sleep(450 * time.Millisecond) // virtual
		if got := r.Status(); got.State != subscription.Connecting || !errors.Is(got.Err, errDropped) || got.Lag != 450*time.Millisecond {
			t.Errorf("status %+v", got)
		}
		<-r.CaughtUp()
		var waits []time.Duration
		for i := 1; i < len(s.openAt); i++ {
			waits = append(waits, s.openAt[i].Sub(s.openAt[i-1]))
		}
		ms := time.Millisecond
		if want := []time.Duration{100 * ms, 200 * ms, 400 * ms, 800 * ms, 1000 * ms, 1000 * ms}; !slices.Equal(waits, want) {
			t.Errorf("waits %v, want %v", waits, want)
		}
		if got := r.Status(); got.State != subscription.Live || got.Err != nil || got.Lag != 0 {
			t.Errorf("status %+v", got)
		}
	})
}

func TestABrokenSubscriptionIsReplacedBehindTheLastCommit(t *testing.T) {
	inBubble(t, func(_ *testing.T, s *fakeSource, _ *subscription.Runner) {
		s.add(3)
	}, func(t *testing.T, s *fakeSource, r *subscription.Runner, _ func()) {
		t.Helper()
		synctest.Wait()
		s.drop()
		synctest.Wait()
		s.add(2)
		time.Sleep(time.Second) // virtual
		if got := s.subscriptions(); !slices.Equal(got, []eventstore.Position{0, 30}) {
			t.Errorf("subscribed after %v", got)
		}
		if err := handlerOf(r).inOrder(5); err != nil {
			t.Error(err)
		}
	})
}

func TestProgressMakesTheBackoffBeginAnew(t *testing.T) {
	inBubble(t, func(_ *testing.T, s *fakeSource, _ *subscription.Runner) {
		s.refuse = 5
	}, func(t *testing.T, s *fakeSource, r *subscription.Runner, _ func()) {
		t.Helper()
		<-r.CaughtUp()
		synctest.Wait()
		dropped := time.Now()
		s.drop()
		time.Sleep(time.Minute) // virtual
		synctest.Wait()
		if wait := s.openAt[len(s.openAt)-1].Sub(dropped); wait != 100*time.Millisecond {
			t.Errorf("after a while of quiet it took %v to subscribe again", wait)
		}
	})
}

func TestAFailedBatchIsGivenAgainUnchanged(t *testing.T) {
	trouble := errors.New("database is away")
	inBubble(t, func(_ *testing.T, s *fakeSource, r *subscription.Runner) {
		s.add(3)
		fails := 3
		handlerOf(r).handle = func(context.Context, subscription.Batch) error {
			if fails == 0 {
				return nil
			}
			fails--
			return trouble
		}
	}, func(t *testing.T, s *fakeSource, r *subscription.Runner, _ func()) {
		t.Helper()
		synctest.Wait()
		s.add(4) // what arrives meanwhile must not grow the batch
		if got := r.Status(); got.State != subscription.Retrying || !errors.Is(got.Err, trouble) {
			t.Errorf("status %+v", got)
		}
		<-r.CaughtUp()
		given := handlerOf(r).given()
		for i, b := range given[:4] {
			if len(b.Events) != len(given[0].Events) || b.Position != given[0].Position {
				t.Errorf("try %d: %d events to %d, first %d to %d", i, len(b.Events), b.Position, len(given[0].Events), given[0].Position)
			}
		}
		synctest.Wait()
		if err := handlerOf(r).inOrder(7); err != nil {
			t.Error(err)
		}
		if got := s.subscriptions(); len(got) != 1 {
			t.Errorf("subscribed %d times: trouble of the handler is none of the store's", len(got))
		}
	})
}

func TestACheckpointThatCannotBeReadIsAskedForAgain(t *testing.T) {
	inBubble(t, func(_ *testing.T, s *fakeSource, r *subscription.Runner) {
		s.add(1)
		fails := 3
		handlerOf(r).checkpoint = func() error {
			if fails == 0 {
				return nil
			}
			fails--
			return errors.New("busy")
		}
	}, func(t *testing.T, _ *fakeSource, r *subscription.Runner, _ func()) {
		t.Helper()
		synctest.Wait()
		if got := r.Status(); got.State != subscription.Retrying {
			t.Errorf("state %v", got.State)
		}
		<-r.CaughtUp()
		if got := r.Status(); got.State != subscription.Live || got.Err != nil {
			t.Errorf("status %+v", got)
		}
	})
}

func TestASourceThatGoesBackIsReplaced(t *testing.T) {
	inBubble(t, func(_ *testing.T, s *fakeSource, _ *subscription.Runner) {
		s.add(4)
		s.log[2], s.log[3] = s.log[3], s.log[2]
	}, func(t *testing.T, s *fakeSource, r *subscription.Runner, _ func()) {
		t.Helper()
		time.Sleep(time.Second) // virtual
		for _, b := range handlerOf(r).given() {
			for i := 1; i < len(b.Events); i++ {
				if b.Events[i].Position <= b.Events[i-1].Position {
					t.Errorf("handled %d after %d", b.Events[i].Position, b.Events[i-1].Position)
				}
			}
		}
		if n := len(s.subscriptions()); n < 2 {
			t.Errorf("%d subscriptions", n)
		}
	})
}

func TestAHandlerThatIsAtWorkMayFinish(t *testing.T) {
	inBubble(t, func(_ *testing.T, s *fakeSource, r *subscription.Runner) {
		s.add(1)
		handlerOf(r).handle = func(ctx context.Context, _ subscription.Batch) error {
			select {
			case <-time.After(3 * time.Second):
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}, func(t *testing.T, s *fakeSource, r *subscription.Runner, stop func()) {
		t.Helper()
		synctest.Wait()
		s.add(1)
		began := time.Now()
		stop()
		if took := time.Since(began); took != 3*time.Second {
			t.Errorf("ended after %v", took)
		}
		if err := handlerOf(r).inOrder(1); err != nil {
			t.Error(err)
		}
		if got := r.Status(); got.State != subscription.Stopped || got.Position != 10 {
			t.Errorf("status %+v", got)
		}
	})
}

func TestAHandlerThatHangsIsCutOff(t *testing.T) {
	inBubble(t, func(_ *testing.T, s *fakeSource, r *subscription.Runner) {
		s.add(1)
		r.Drain = 2 * time.Second
		handlerOf(r).handle = func(ctx context.Context, _ subscription.Batch) error {
			<-ctx.Done()
			return ctx.Err()
		}
	}, func(t *testing.T, _ *fakeSource, r *subscription.Runner, stop func()) {
		t.Helper()
		synctest.Wait()
		began := time.Now()
		stop()
		if took := time.Since(began); took != 2*time.Second {
			t.Errorf("ended after %v", took)
		}
		if err := handlerOf(r).inOrder(0); err != nil {
			t.Error(err)
		}
	})
}
