package projections_test

import (
	"context"
	"slices"
	"testing"

	"github.com/uptrace/bun"
	"pgregory.net/rapid"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
)

// crash is a query hook that ends the context before the n-th statement from now: the transaction dies half-way.
type crash struct {
	after  int
	cancel context.CancelFunc
	struck int
}

func (c *crash) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context {
	if c.cancel == nil {
		return ctx
	}
	if c.after--; c.after < 0 {
		c.cancel()
		c.cancel = nil
		c.struck++
	}
	return ctx
}

func (*crash) AfterQuery(context.Context, *bun.QueryEvent) {}

// TestScenario47AnyDeliveryGivesTheSameRows folds a random log once in one batch and once in random batches, some of which die
// half-way, come twice, or lie before the checkpoint. Both end with the same rows, and these say what the aggregates say.
func TestScenario47AnyDeliveryGivesTheSameRows(t *testing.T) {
	t.Parallel()
	struck := 0
	whole, pieces := openDB(t), openDB(t)
	plain := *pieces
	rapid.Check(t, func(r *rapid.T) {
		wipe(t, whole)
		wipe(t, &plain)
		h := randomHistory(t, r, 70)
		project(t, models(whole), h.events)
		fault := &crash{}
		pieces.Write = plain.Write.WithQueryHook(fault)
		for i := range models(pieces).Handlers() {
			deliver(t, r, func() subscription.Handler { return models(pieces).Handlers()[i] }, fault, h.events)
		}
		struck += fault.struck
		if contentHash(t, whole) != contentHash(t, pieces) {
			r.Fatal("the rows differ")
		}
		checkModels(t, r, models(pieces), h)
	})
	if struck == 0 {
		t.Error("no delivery was interrupted: the test proves nothing")
	}
}

// TestRandomHistoriesHaveEveryEvent: what never happens is not tested.
func TestRandomHistoriesHaveEveryEvent(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	missing := func() (names []string) {
		for _, e := range domain.Catalogue() {
			if seen[e.EventType()] == 0 {
				names = append(names, e.EventType())
			}
		}
		return names
	}
	for round := 0; round < 400 && len(missing()) > 0; round++ {
		rapid.Check(t, func(r *rapid.T) {
			for _, e := range randomHistory(t, r, 70).events {
				seen[e.Event.EventType()]++
			}
		})
	}
	if names := missing(); len(names) > 0 {
		t.Errorf("no history has %q", names)
	}
}

// deliver gives a consumer the whole log in random pieces, from its checkpoint or from before it. Now and then the program begins
// again, and remembers nothing.
func deliver(t *testing.T, r *rapid.T, begin func() subscription.Handler, fault *crash, events []eventstore.Recorded) {
	t.Helper()
	p := begin()
	last := events[len(events)-1].Position
	for {
		at, err := p.Checkpoint(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if at == last {
			return
		}
		// As a subscription would: from the checkpoint, or from a little before it.
		next := slices.IndexFunc(events, func(e eventstore.Recorded) bool { return e.Position > at })
		from := max(0, next-rapid.IntRange(0, 20).Draw(r, "again"))
		most := []int{5, 60, 500}[below(3).Draw(r, "most")]
		to := min(len(events), next+1+below(most).Draw(r, "size"))
		ctx, cancel := context.WithCancel(t.Context())
		if rapid.IntRange(0, 2).Draw(r, "crash") == 2 {
			fault.after, fault.cancel = rapid.IntRange(0, 12).Draw(r, "statements"), cancel
		}
		err = p.Handle(ctx, batch(events[from:to]))
		if err != nil && ctx.Err() == nil {
			t.Fatal(err)
		}
		fault.cancel = nil
		cancel()
		if rapid.IntRange(0, 3).Draw(r, "restart") == 3 {
			p = begin()
		}
	}
}
