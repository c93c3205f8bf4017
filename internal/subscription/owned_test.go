package subscription_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
)

// instance is one engine with a consumer that all instances share.
type instance struct {
	owned  *subscription.Owned
	source subscription.Source
	handle func(b subscription.Batch) error
	beside atomic.Int32 // loops that run beside
	seen   []eventstore.Revision
	stop   context.CancelFunc
	ended  chan error
	db     keepsPlace
}

func (i *instance) Name() string { return "thing" }

func (i *instance) Checkpoint(ctx context.Context) (eventstore.Position, error) {
	return subscription.LoadCheckpoint(ctx, i.db.db.Read, "thing", "store-a")
}

func (i *instance) Handle(ctx context.Context, b subscription.Batch) error {
	if i.handle != nil {
		if err := i.handle(b); err != nil {
			return err
		}
	}
	if err := subscription.SaveCheckpoint(ctx, i.db.db.Write, "thing", "store-a", b.Position); err != nil {
		return err
	}
	for _, e := range b.Events {
		i.seen = append(i.seen, e.Revision)
	}
	return nil
}

func (w *leaseWorld) instance(owner string, source subscription.Source) *instance {
	i := &instance{source: source, ended: make(chan error, 1), db: keepsPlace{counting{w.db, "store-a"}}}
	i.owned = &subscription.Owned{
		Lease: subscription.Lease{DB: w.db, StoreID: "store-a", Name: "thing", Owner: owner, TTL: ttl},
		NewRunner: func() *subscription.Runner {
			return &subscription.Runner{Source: i.source, Handler: i, Jitter: full}
		},
		Beside: func(ctx context.Context) error {
			i.beside.Add(1)
			<-ctx.Done()
			i.beside.Add(-1)
			return nil
		},
	}
	return i
}

func (w *leaseWorld) run(i *instance) *instance {
	var ctx context.Context
	ctx, i.stop = context.WithCancel(w.ctx)
	w.running.Go(func() { i.ended <- i.owned.Run(ctx) })
	return i
}

func (i *instance) wants(t *testing.T, state subscription.State, beside int) {
	t.Helper()
	synctest.Wait()
	if got := i.owned.Status(); got.State != state || got.Name != "thing" || int(i.beside.Load()) != beside {
		t.Errorf("state %v (%v), %d loops beside; want %v, %d", got.State, got.Err, i.beside.Load(), state, beside)
	}
}

func TestAConsumerRunsInOneInstance(t *testing.T) {
	inLeases(t, func(t *testing.T, w *leaseWorld) {
		t.Helper()
		source := newSource()
		source.add(3)
		a, b := w.instance("a", source), w.instance("b", source)
		a.wants(t, subscription.Stopped, 0)
		w.run(a)
		<-a.owned.CaughtUp()
		w.run(b)
		<-b.owned.CaughtUp()
		a.wants(t, subscription.Live, 1)
		b.wants(t, subscription.Standby, 0)
		source.add(2)
		synctest.Wait()
		a.stop()
		if err := <-a.ended; err != nil {
			t.Errorf("run: %v", err)
		}
		a.wants(t, subscription.Stopped, 0)
		source.add(1)
		time.Sleep(2 * time.Second)
		b.wants(t, subscription.Live, 1)
		if len(a.seen) != 5 || len(b.seen) != 1 || b.seen[0] != 5 {
			t.Errorf("one has handled %v, the other %v", a.seen, b.seen)
		}
	})
}

// Two versions run at once, as while a new one is rolled out: the one that understands the log comes to own it.
func TestAnOwnerThatHaltsLeavesTheConsumerToAnother(t *testing.T) {
	inLeases(t, func(t *testing.T, w *leaseWorld) {
		t.Helper()
		source := newSource()
		source.add(3)
		old := w.instance("old", source)
		old.handle = func(subscription.Batch) error {
			return subscription.HaltAt(*source.log[0].Event, errors.New("unheard of"))
		}
		w.run(old)
		old.wants(t, subscription.Halted, 0)
		time.Sleep(10 * subscription.DefaultRest)
		old.wants(t, subscription.Halted, 0)
		if got := old.owned.Status().Event; got == nil || got.Position != 10 {
			t.Errorf("halted at %+v", got)
		}
		fresh := w.run(w.instance("fresh", source))
		<-fresh.owned.CaughtUp()
		fresh.wants(t, subscription.Live, 1)
		time.Sleep(subscription.DefaultRest)
		old.wants(t, subscription.Standby, 0)
		if len(old.seen) != 0 || len(fresh.seen) != 3 {
			t.Errorf("the old one has handled %v, the new one %v", old.seen, fresh.seen)
		}
	})
}

func TestALoopBesideThatFailsEndsTheTerm(t *testing.T) {
	inLeases(t, func(t *testing.T, w *leaseWorld) {
		t.Helper()
		a, fails := w.instance("a", newSource()), 1
		wait := a.owned.Beside
		a.owned.Beside = func(ctx context.Context) error {
			if fails--; fails < 0 {
				return wait(ctx)
			}
			return errors.New("broken")
		}
		w.run(a)
		a.wants(t, subscription.Connecting, 0)
		time.Sleep(subscription.DefaultRest)
		a.wants(t, subscription.Live, 1)
	})
}
