package publishers_test

import (
	"context"
	"errors"
	"reflect"
	"testing"

	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
)

// owns calls fn as the owner of the publisher's next term.
func (b *bench) owns(owner string, fn func(ctx context.Context)) {
	b.tb.Helper()
	ctx, stop := context.WithCancel(b.tb.Context())
	defer stop()
	lease := subscription.Lease{DB: b.db, StoreID: storeID, Name: "publisher", Owner: owner, Exclusive: true}
	err := lease.Run(ctx, func(ctx context.Context) error {
		defer stop()
		fn(ctx)
		return nil
	})
	if err != nil {
		b.tb.Error(err)
	}
}

// Two instances take turns over one database. Each goes on where the other was, whatever it remembers, and one whose term is
// over begins no plan.
func TestInstancesTakeTurns(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := dayStory(t)
	first, second := open(t, b.config()), open(t, b.config())
	const one, two = 2, 4
	var old context.Context
	b.owns("first", func(ctx context.Context) {
		old = context.WithoutCancel(ctx)
		if err := handle(ctx, first, s.log[:one], one); err != nil {
			t.Error(err)
		}
	})
	b.owns("second", func(ctx context.Context) {
		if at, err := second.Checkpoint(ctx); err != nil || at != s.log[one-1].Position {
			t.Errorf("the second begins at %d, %v", at, err)
		}
		if err := handle(ctx, second, s.log[one:two], 1); err != nil {
			t.Error(err)
		}
	})
	if at, err := first.Published(t.Context()); err != nil || at < s.log[two-2].Position || at != second.Planned() {
		t.Errorf("to the first, what the second has published ends at %d, %v", at, err)
	}
	sent := len(b.messages())
	if err := handle(old, first, s.log[one:], 1); !errors.Is(err, subscription.ErrTermOver) {
		t.Errorf("the first goes on in its old term: %v", err)
	}
	if n := len(b.messages()); n != sent {
		t.Errorf("%d messages were sent in an old term", n-sent)
	}
	b.owns("first", func(ctx context.Context) {
		if at, err := first.Checkpoint(ctx); err != nil || at != s.log[two-1].Position {
			t.Errorf("the first is back at %d, %v", at, err)
		}
		if err := handle(ctx, first, s.log, 3); err != nil { // it is given some of them again
			t.Error(err)
		}
	})
	if got, want := shown(t, b.messages()), expected(t, s.log); !reflect.DeepEqual(got, want) {
		t.Errorf("channels show\n%v\nwant\n%v", got, want)
	}
}

// Two instances start for the first time at once: the later must not move the beginning, or what came between would never be
// published.
func TestTheFirstOfTwoFirstStartsCounts(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := dayStory(t)
	cfg := b.config()
	cfg.Head = func(context.Context) (eventstore.Position, error) { return s.log[0].Position, nil }
	other := open(t, cfg)
	cfg.Head = func(ctx context.Context) (eventstore.Position, error) {
		if at, err := other.Checkpoint(ctx); err != nil || at != s.log[0].Position {
			t.Errorf("the other began at %d, %v", at, err)
		}
		return s.log[3].Position, nil // there was more by the time that this one asked
	}
	if at, err := open(t, cfg).Checkpoint(t.Context()); err != nil || at != s.log[0].Position {
		t.Errorf("begun at %d, %v; want %d", at, err, s.log[0].Position)
	}
}
