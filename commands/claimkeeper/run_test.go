package claimkeeper_test

import (
	"context"
	"testing"
	"time"

	"github.com/royalglow/booking/commands/claimkeeper"
	"github.com/royalglow/booking/commands/internal/claimtest"
	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/subscription"
)

// The keeper runs as in the engine, beside a runner, and releases a leftover in time of its own.
func TestTheKeeperRunsBesideItsRunner(t *testing.T) {
	t.Parallel()
	w, db := leftover(t, deed{verb: request, member: 2}), openDB(t)
	k, err := claimkeeper.New(claimkeeper.Config{
		Store: w.stage.store, DB: db, StoreID: w.stage.store.ID, Deadline: time.Millisecond, Retry: time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	head, err := w.stage.store.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	released, err := w.stage.store.Subscribe(ctx, head)
	if err != nil {
		t.Fatal(err)
	}
	runner := &subscription.Runner{Source: subscription.FromStore(w.stage.store), Handler: k}
	ended := make(chan error, 2)
	go func() { ended <- runner.Run(ctx) }()
	go func() { ended <- k.Run(ctx) }()
	for {
		m, err := released.Recv()
		if err != nil {
			t.Fatal(err)
		}
		if m.Event == nil {
			continue
		}
		if _, ok := m.Event.Event.(domain.StaffDayReleased); ok {
			break
		}
	}
	cancel()
	for range cap(ended) {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	if err := claimtest.Check(w.stage.store.All(), true); err != nil {
		t.Fatal(err)
	}
}
