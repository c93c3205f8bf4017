package subscription_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/subscription"
)

func TestACheckpointNotesItsTermAndNeverLowersIt(t *testing.T) {
	inLeases(t, func(t *testing.T, w *leaseWorld) {
		t.Helper()
		term := func() (n int) {
			t.Helper()
			err := w.db.Read.QueryRowContext(t.Context(), `SELECT term FROM checkpoints WHERE name = 'thing'`).Scan(&n)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		a := w.compete("a", nil)
		a.owns().end <- nil
		o := a.owns()
		if err := o.save(w, 1); err != nil || term() != 2 {
			t.Errorf("under the lease: %v, term %d", err, term())
		}
		// An operator's command has no lease.
		err := w.db.InTx(t.Context(), func(ctx context.Context, tx bun.Tx) error {
			return subscription.SaveCheckpoint(ctx, tx, "thing", "store-a", 2)
		})
		if err != nil || term() != 2 {
			t.Errorf("without a lease: %v, term %d", err, term())
		}
		o.end <- nil
		next := a.owns()
		// Whoever gives no transaction gets one.
		if err := subscription.SaveCheckpoint(next.ctx, w.db.Write, "thing", "store-a", 3); err != nil || term() != 3 {
			t.Errorf("without a transaction: %v, term %d", err, term())
		}
		if err := subscription.SaveCheckpoint(context.WithoutCancel(o.ctx), w.db.Write, "thing", "store-a", 4); !errors.Is(err, subscription.ErrTermOver) {
			t.Errorf("an old term without a transaction: %v", err)
		}
		if err := subscription.CheckTerm(t.Context(), w.db.Read); err != nil || subscription.Term(t.Context()) != 0 {
			t.Errorf("without a lease there is nothing to check: %v", err)
		}
	})
}

// A resigned owner has no term any more, although nobody has followed him.
func TestAfterResigningNothingIsWritten(t *testing.T) {
	inLeases(t, func(t *testing.T, w *leaseWorld) {
		t.Helper()
		a := w.compete("a", nil)
		o := a.owns()
		a.stop()
		a.over()
		if err := o.save(w, 1); !errors.Is(err, subscription.ErrTermOver) {
			t.Errorf("it writes: %v", err)
		}
	})
}

func TestARunnerEndsWithItsTerm(t *testing.T) {
	inLeases(t, func(t *testing.T, w *leaseWorld) {
		t.Helper()
		source := newSource()
		source.add(1)
		handled := 0
		h := &recorder{handle: func(ctx context.Context, b subscription.Batch) error {
			handled++
			return subscription.SaveCheckpoint(ctx, w.db.Write, "thing", "store-a", b.Position)
		}}
		ends := make(chan error, 1)
		lease := subscription.Lease{DB: w.db, StoreID: "store-a", Name: "thing", Owner: "a", TTL: ttl}
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		terms := 0
		w.running.Go(func() {
			ends <- lease.Run(ctx, func(ctx context.Context) error {
				if terms++; terms > 1 {
					<-ctx.Done()
					return nil
				}
				r := &subscription.Runner{Source: source, Handler: h, Jitter: full}
				return r.Run(ctx)
			})
		})
		synctest.Wait()
		other := w.compete("b", func(l *subscription.Lease) { l.Exclusive = true }).owns()
		source.add(1)
		synctest.Wait()
		if handled != 2 {
			t.Errorf("tried %d times: a term that is over is over for good", handled)
		}
		if err := h.inOrder(1); err != nil {
			t.Error(err)
		}
		if err := other.save(w, 20); err != nil {
			t.Error(err)
		}
		stop()
		if err := <-ends; err != nil || terms != 1 {
			t.Errorf("run: %v, %d terms", err, terms)
		}
	})
}

// Time to finish is for an orderly end. Here somebody else is about to do the same work.
func TestAHandlerIsCutOffWhenTheLeaseMayBeLost(t *testing.T) {
	inLeases(t, func(t *testing.T, w *leaseWorld) {
		t.Helper()
		source := newSource()
		source.add(1)
		var began, cut time.Time
		h := &recorder{handle: func(ctx context.Context, _ subscription.Batch) error {
			began = time.Now()
			<-ctx.Done()
			cut = time.Now()
			if !errors.Is(context.Cause(ctx), subscription.ErrLeaseLost) {
				return &subscription.HaltError{Err: context.Cause(ctx)}
			}
			return ctx.Err()
		}}
		fail := make(chan struct{})
		lease := subscription.Lease{DB: w.db, StoreID: "store-a", Name: "thing", Owner: "a", TTL: ttl}
		lease.Now = func(context.Context, bun.IDB) (time.Time, error) {
			select {
			case <-fail:
				return time.Time{}, errors.New("away")
			default:
				return time.Now(), nil
			}
		}
		ctx, stop := context.WithCancel(t.Context())
		ends := make(chan error, 1)
		var state subscription.Status
		w.running.Go(func() {
			ends <- lease.Run(ctx, func(ctx context.Context) error {
				r := &subscription.Runner{Source: source, Handler: h, Drain: time.Hour}
				defer stop()
				defer func() { state = r.Status() }()
				return r.Run(ctx)
			})
		})
		synctest.Wait()
		close(fail)
		if err := <-ends; err != nil {
			t.Errorf("run: %v", err)
		}
		if took := cut.Sub(began); took != ttl-ttl/10 || state.State != subscription.Stopped {
			t.Errorf("cut off after %v, state %v, %v", took, state.State, state.Err)
		}
	})
}
