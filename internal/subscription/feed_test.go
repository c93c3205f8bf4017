package subscription_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
)

// piped is a source of one subscription, which delivers what a test puts in.
type piped struct {
	items chan subscription.Item
	ctx   context.Context //nolint:containedctx // as in every Stream
	at    eventstore.Position
}

// newPiped returns one in which more can wait than any of these tests puts in.
func newPiped() *piped { return &piped{items: make(chan subscription.Item, 100)} }

// Subscribe begins with what was put in first.
func (p *piped) Subscribe(ctx context.Context, _ eventstore.Position) (subscription.Stream, error) {
	p.ctx = ctx
	return p, nil
}

// Recv returns the next item, or errDropped once the pipe is closed.
func (p *piped) Recv() (subscription.Item, error) {
	select {
	case item, ok := <-p.items:
		if !ok {
			return item, errDropped
		}
		return item, nil
	case <-p.ctx.Done():
		return subscription.Item{}, context.Cause(p.ctx)
	}
}

// Close gives the subscription back.
func (*piped) Close() error { return nil }

// put puts in an event for each e, a notice of the position for each n, the notice that history is over for c, and the end for x.
func (p *piped) put(what string) {
	for _, c := range what {
		if c == 'x' {
			close(p.items)
			return
		}
		if c != 'c' {
			p.at++
		}
		item := subscription.Item{Position: p.at, CaughtUp: c == 'c'}
		if c == 'e' {
			item.Event = &eventstore.Recorded{Position: p.at, Event: domain.BranchOpened{}}
		}
		p.items <- item
	}
}

// lateAfter is how long these tests wait at most.
const lateAfter = 50 * time.Millisecond

// some is what GatherSome returned, and after how long.
type some struct {
	events   int
	at       eventstore.Position
	caughtUp bool
	over     bool
	took     time.Duration
}

func gatherSome(ctx context.Context, f *subscription.Feed, want int) some {
	began := time.Now()
	b, caughtUp, over := f.GatherSome(ctx, want, time.After(lateAfter))
	return some{len(b.Events), b.Position, caughtUp, over != nil, time.Since(began)}
}

func feedOf(t *testing.T, ctx context.Context, p *piped, maxBatch int) *subscription.Feed { //nolint:revive // t first, as everywhere
	t.Helper()
	f, err := subscription.NewFeed(ctx, p, 0, maxBatch)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestGatherSomeWaitsForAsManyAsAreWanted(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		put     string // before anybody waits
		want    int
		expects []some
	}{
		{"", 3, []some{{took: lateAfter}}},
		{"ee", 3, []some{{events: 2, at: 2, took: lateAfter}}},
		{"eee", 3, []some{{events: 3, at: 3}}},
		{"eeeee", 3, []some{{events: 4, at: 4}, {events: 1, at: 5, took: lateAfter}}}, // four are all that the feed holds
		{"eeeee", 100, []some{{events: 4, at: 4}, {events: 1, at: 5, took: lateAfter}}},
		{"nnnnnnnnn", 3, []some{{at: 9, took: lateAfter}}},
		{"enen", 3, []some{{events: 2, at: 4, took: lateAfter}}},
		{"enenn", 1, []some{{events: 2, at: 5}}},
		{"n", 1, []some{{at: 1}}},
		{"c", 3, []some{{caughtUp: true}, {took: lateAfter}}},
		{"ec", 3, []some{{events: 1, at: 1, caughtUp: true}}},
		{"ece", 3, []some{{events: 1, at: 1, caughtUp: true}, {events: 1, at: 2, took: lateAfter}}},
		{"x", 3, []some{{over: true}, {over: true}}},
		{"eex", 3, []some{{events: 2, at: 2, over: true}, {at: 2, over: true}}},
		{"ecex", 3, []some{{events: 1, at: 1, caughtUp: true}, {events: 1, at: 2, over: true}}},
	} {
		synctest.Test(t, func(t *testing.T) {
			p := newPiped()
			f := feedOf(t, t.Context(), p, 4)
			p.put(c.put)
			for i, expects := range c.expects {
				synctest.Wait() // for whatever can be received
				if got := gatherSome(t.Context(), f, c.want); got != expects {
					t.Errorf("%q, %d wanted: the batch %d is %+v, not %+v", c.put, c.want, i, got, expects)
				}
			}
			if err := f.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestWhoWaitsIsWokenByTheLastOfThoseHeWants, whatever was wanted before.
func TestWhoWaitsIsWokenByTheLastOfThoseHeWants(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPiped()
		f := feedOf(t, t.Context(), p, 4)
		for _, want := range []int{3, 100, 1, 2, 4, 1, 3} {
			if got := gatherSome(t.Context(), f, want); got.events != 0 || got.took != lateAfter {
				t.Errorf("there was nothing: %+v", got)
			}
			got := make(chan some, 1)
			go func() { got <- gatherSome(t.Context(), f, want) }()
			for range min(want, 4) - 1 {
				p.put("e")
				synctest.Wait()
				if len(got) > 0 {
					t.Fatalf("%d wanted, and got %+v", want, <-got)
				}
			}
			p.put("e")
			if got := <-got; got.events != min(want, 4) || got.took != 0 {
				t.Errorf("%d wanted, and got %+v", want, got)
			}
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
}

// TestAFullFeedEndsWithItsContext, although nobody takes what it has, and whoever waits for more hears of it at once.
func TestAFullFeedEndsWithItsContext(t *testing.T) {
	t.Parallel()
	errEnough := errors.New("enough")
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		p := newPiped()
		f := feedOf(t, ctx, p, 2)
		p.put("eee")
		synctest.Wait()
		cancel(errEnough)
		synctest.Wait()
		if b, _, over := f.GatherSome(t.Context(), 100, nil); len(b.Events) != 2 || !errors.Is(over, errEnough) {
			t.Errorf("%d events, then %v", len(b.Events), over)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		f := feedOf(t, t.Context(), newPiped(), 2)
		time.AfterFunc(time.Second, func() { cancel(errEnough) })
		began := time.Now()
		if _, _, over := f.GatherSome(ctx, 100, nil); !errors.Is(over, errEnough) || time.Since(began) != time.Second {
			t.Errorf("%v after %s", over, time.Since(began))
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
}
