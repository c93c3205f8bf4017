package subscription_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
)

// breaking is a source whose log ends in an event that cannot be decoded.
type breaking struct{ *fakeSource }

func (s breaking) Subscribe(ctx context.Context, after eventstore.Position) (subscription.Stream, error) {
	inner, err := s.fakeSource.Subscribe(ctx, after)
	return breakingStream{inner}, err
}

type breakingStream struct{ subscription.Stream }

func (s breakingStream) Recv() (subscription.Item, error) {
	item, err := s.Stream.Recv()
	if item.CaughtUp {
		return subscription.Item{}, &eventstore.DecodeError{
			ID: uuid.NameSpaceURL, Type: "booking.unheard_of", Stream: "booking-bkg_1", Revision: 3, Position: item.Position + 10,
			Err: errors.New("unknown event type"),
		}
	}
	return item, err
}

// foreign is a source that does not know the position that it is asked to go on from.
type foreign struct{ *fakeSource }

func (s foreign) Subscribe(ctx context.Context, after eventstore.Position) (subscription.Stream, error) {
	inner, err := s.fakeSource.Subscribe(ctx, after)
	return foreignStream{inner}, err
}

type foreignStream struct{ subscription.Stream }

func (foreignStream) Recv() (subscription.Item, error) {
	return subscription.Item{}, fmt.Errorf("receive: %w", eventstore.ErrForeignPosition)
}

func TestAHaltShowsAndSkipsNothing(t *testing.T) {
	for _, c := range []struct {
		name    string
		prepare func(s *fakeSource, r *subscription.Runner)
		handled int
		event   *subscription.Event
	}{
		{"at an event that cannot be decoded, after those before it", func(s *fakeSource, r *subscription.Runner) {
			r.Source = breaking{s}
		}, 3, &subscription.Event{
			ID: uuid.NameSpaceURL, Type: "booking.unheard_of", Stream: "booking-bkg_1", Revision: 3, Position: 40, Undecodable: true,
		}},
		{"at an event that the handler cannot apply", func(_ *fakeSource, r *subscription.Runner) {
			r.MaxBatch = 1
			handlerOf(r).handle = func(_ context.Context, b subscription.Batch) error {
				if b.Position == 20 {
					return fmt.Errorf("fold: %w", subscription.HaltAt(b.Events[0], errors.New("cannot be")))
				}
				return nil
			}
		}, 1, &subscription.Event{Type: "branch.opened", Stream: "branch-br_fakes1", Revision: 1, Position: 20}},
		{"for a reason that is no event's", func(_ *fakeSource, r *subscription.Runner) {
			handlerOf(r).handle = func(context.Context, subscription.Batch) error {
				return &subscription.HaltError{Err: errors.New("cannot be")}
			}
		}, 0, nil},
		{"at a position that the log does not have", func(s *fakeSource, r *subscription.Runner) {
			r.Source = foreign{s}
		}, 0, nil},
		{"at the checkpoint of another store", func(_ *fakeSource, r *subscription.Runner) {
			handlerOf(r).checkpoint = func() error { return &subscription.ForeignStoreError{Name: "x", Have: "a", Want: "b"} }
		}, 0, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out bytes.Buffer
			inBubble(t, func(_ *testing.T, s *fakeSource, r *subscription.Runner) {
				s.add(3)
				r.Logger = slog.New(slog.NewTextHandler(&out, nil))
				c.prepare(s, r)
			}, func(t *testing.T, s *fakeSource, r *subscription.Runner, stop func()) {
				t.Helper()
				time.Sleep(time.Hour) // virtual
				synctest.Wait()
				got := r.Status()
				if got.State != subscription.Halted || got.Err == nil {
					t.Fatalf("status %+v", got)
				}
				select {
				case <-r.Halted():
				default:
					t.Error("nobody is told of the halt")
				}
				if (got.Event == nil) != (c.event == nil) || c.event != nil && *got.Event != *c.event {
					t.Errorf("halted at %+v, want %+v", got.Event, c.event)
				}
				if err := handlerOf(r).inOrder(c.handled); err != nil {
					t.Error(err)
				}
				if int(got.Position) != 10*c.handled {
					t.Errorf("position %d", got.Position)
				}
				if err := r.WaitFor(t.Context(), 1000); err == nil || errors.Is(err, context.Canceled) {
					t.Errorf("wait: %v, want the reason of the halt", err)
				}
				if n := len(s.subscriptions()); n > 1 {
					t.Errorf("a halted consumer subscribed %d times", n)
				}
				if n := strings.Count(out.String(), "consumer halted"); n != 1 {
					t.Errorf("logged %d times:\n%s", n, out.String())
				}
				stop()
				if got := r.Status().State; got != subscription.Halted {
					t.Errorf("after the end the state is %v", got)
				}
			})
		})
	}
}

func TestAHaltIsReturnedWhereThatIsWanted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := newSource()
		source.add(2)
		r := &subscription.Runner{Source: breaking{source}, Handler: &recorder{}, ReturnOnHalt: true}
		err := r.Run(t.Context())
		if _, ok := errors.AsType[*eventstore.DecodeError](err); !ok || r.Status().State != subscription.Halted {
			t.Errorf("run: %v, status %+v", err, r.Status())
		}
	})
}

func TestWaitersWakeWithTheCommit(t *testing.T) {
	inBubble(t, func(_ *testing.T, _ *fakeSource, r *subscription.Runner) {
		handlerOf(r).handle = func(context.Context, subscription.Batch) error {
			time.Sleep(time.Second) // virtual
			return nil
		}
	}, func(t *testing.T, s *fakeSource, r *subscription.Runner, _ func()) {
		t.Helper()
		woken := make([]time.Duration, 5)
		began := time.Now()
		done := make(chan int)
		for i := range woken {
			go func() {
				defer func() { done <- i }()
				if err := r.WaitFor(t.Context(), eventstore.Position(10*i)); err != nil {
					t.Errorf("wait: %v", err)
				}
				woken[i] = time.Since(began)
			}()
		}
		for range 4 {
			s.add(1)
			synctest.Wait()
			time.Sleep(time.Second) // virtual
		}
		for range woken {
			<-done
		}
		for i, d := range woken {
			if d != time.Duration(i)*time.Second {
				t.Errorf("the waiter for event %d woke after %v", i, d)
			}
		}
		late, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := r.WaitFor(late, 50); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("wait for what does not come: %v", err)
		}
	})
}

func TestLagIsTheAgeOfWhatWaits(t *testing.T) {
	inBubble(t, func(_ *testing.T, s *fakeSource, r *subscription.Runner) {
		s.add(1)
		time.Sleep(time.Minute) // virtual: history is a minute old
		handlerOf(r).handle = func(context.Context, subscription.Batch) error {
			time.Sleep(4 * time.Second)
			return nil
		}
	}, func(t *testing.T, s *fakeSource, r *subscription.Runner, _ func()) {
		t.Helper()
		want := func(state subscription.State, lag time.Duration) {
			t.Helper()
			if got := r.Status(); got.State != state || got.Lag != lag {
				t.Errorf("state %v with lag %v, want %v with %v", got.State, got.Lag, state, lag)
			}
		}
		time.Sleep(time.Second)
		want(subscription.CatchingUp, 61*time.Second)
		<-r.CaughtUp()
		synctest.Wait()
		want(subscription.Live, 0)
		s.add(1)
		time.Sleep(3 * time.Second)
		want(subscription.Live, 3*time.Second)
		time.Sleep(2 * time.Second)
		want(subscription.Live, 0)
		if got := r.Status(); got.LastEventAt.IsZero() || got.Name != "recorder" {
			t.Errorf("status %+v", got)
		}
	})
}

func TestStatesHaveNames(t *testing.T) {
	seen := map[string]bool{}
	for s := subscription.Stopped; s <= subscription.Standby; s++ {
		if name := s.String(); name == "unknown" || seen[name] {
			t.Errorf("state %d is called %q", int(s), name)
		}
		seen[s.String()] = true
	}
	if got := subscription.State(99).String(); got != "unknown" {
		t.Errorf("no state is called %q", got)
	}
}
