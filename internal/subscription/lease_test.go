package subscription_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
)

func eventPosition(n int) eventstore.Position { return eventstore.Position(n) } //nolint:gosec // small

func TestOneOwnsAndTheOtherFollowsWhenItResigns(t *testing.T) {
	inLeases(t, func(t *testing.T, w *leaseWorld) {
		t.Helper()
		a := w.compete("a", nil)
		first := a.owns()
		b := w.compete("b", nil)
		time.Sleep(100 * ttl) // virtual
		b.ownsNot()
		if first.ctx.Err() != nil || b.waited() == 0 {
			t.Errorf("after a long time: %v, the other was told %d times", context.Cause(first.ctx), b.waited())
		}
		if got := w.row(); got.Owner != "a" || got.Term != 1 || got.StoreID != "store-a" || !got.TakenAt.Equal(first.at) ||
			!got.ExpiresAt.After(time.Now()) || got.ExpiresAt.After(time.Now().Add(ttl)) {
			t.Errorf("the row is %+v", got)
		}
		stopped := time.Now()
		a.stop()
		second := b.owns()
		if took := second.at.Sub(stopped); took > time.Second || second.term != 2 {
			t.Errorf("followed after %v in term %d", took, second.term)
		}
		if err := <-a.ended; err != nil {
			t.Errorf("run: %v", err)
		}
		b.stop()
		b.over()
		if got := w.row(); got.Owner != "" || got.Term != 2 || got.ExpiresAt.After(time.Now()) {
			t.Errorf("after all have resigned the row is %+v", got)
		}
	})
}

func TestALeaseThatNobodyTookIsNobodys(t *testing.T) {
	inLeases(t, func(t *testing.T, w *leaseWorld) {
		t.Helper()
		if got := w.row(); got != (subscription.LeaseStatus{Name: "thing"}) {
			t.Errorf("the row is %+v", got)
		}
	})
}

// The owner cannot reach the database: it must have stopped before another may begin, by its own clock alone.
func TestAnOwnerThatCannotRenewStopsBeforeOthersBegin(t *testing.T) {
	inLeases(t, func(t *testing.T, w *leaseWorld) {
		t.Helper()
		a := w.compete("a", nil)
		first := a.owns()
		b := w.compete("b", nil)
		time.Sleep(5 * time.Minute)
		a.away(errors.New("the database is away"))
		<-first.ctx.Done()
		stopped := time.Now()
		if err := context.Cause(first.ctx); !errors.Is(err, subscription.ErrLeaseLost) {
			t.Errorf("the context has ended with %v", err)
		}
		second := b.owns()
		if lead := second.at.Sub(stopped); lead < ttl/10 || lead > ttl {
			t.Errorf("the next owner began %v after the last one stopped", lead)
		}
		if err := first.save(w, 10); !errors.Is(err, subscription.ErrTermOver) {
			t.Errorf("the old owner writes: %v", err)
		}
		over, ok := errors.AsType[*subscription.TermOverError](first.save(w, 10))
		if !ok || over.Name != "thing" || over.Term != 1 {
			t.Errorf("the error says %+v", over)
		}
		if err := second.save(w, 10); err != nil {
			t.Errorf("the new owner writes: %v", err)
		}
		a.away(nil)
		b.stop()
		if third := a.owns(); third.term != 3 {
			t.Errorf("the old owner is back in term %d", third.term)
		}
	})
}

func TestARenewalThatFailsIsRepeatedInTime(t *testing.T) {
	inLeases(t, func(t *testing.T, w *leaseWorld) {
		t.Helper()
		a := w.compete("a", nil)
		o := a.owns()
		for range 20 {
			time.Sleep(ttl)
			a.away(errors.New("busy"))
			time.Sleep(ttl / 3)
			a.away(nil)
		}
		synctest.Wait()
		if o.ctx.Err() != nil {
			t.Errorf("lost: %v", context.Cause(o.ctx))
		}
	})
}

// One whose clock is ahead takes what is not free yet. Time decides nothing but who works: the old term is over all the same.
func TestAClockThatIsAheadTakesOverEarlyAndHarmsNothing(t *testing.T) {
	inLeases(t, func(t *testing.T, w *leaseWorld) {
		t.Helper()
		a := w.compete("a", nil)
		first := a.owns()
		if err := first.save(w, 1); err != nil {
			t.Fatal(err)
		}
		ahead := w.compete("ahead", func(l *subscription.Lease) {
			l.Now = func(context.Context, bun.IDB) (time.Time, error) { return time.Now().Add(time.Hour), nil }
		})
		second := ahead.owns()
		if second.term != 2 {
			t.Errorf("term %d", second.term)
		}
		if err := first.save(w, 2); !errors.Is(err, subscription.ErrTermOver) {
			t.Errorf("the old owner writes: %v", err)
		}
		<-first.ctx.Done()
		cause := context.Cause(first.ctx)
		if !errors.Is(cause, subscription.ErrLeaseLost) || !errors.Is(cause, subscription.ErrTermOver) {
			t.Errorf("the context has ended with %v", cause)
		}
		if wait := time.Since(second.at); wait > ttl/3 {
			t.Errorf("the old owner noticed after %v", wait)
		}
		if err := second.save(w, 2); err != nil {
			t.Errorf("the new owner writes: %v", err)
		}
	})
}

func TestAnOwnerThatFailsRestsAndLetsOthersTry(t *testing.T) {
	inLeases(t, func(t *testing.T, w *leaseWorld) {
		t.Helper()
		a := w.compete("a", nil)
		a.owns().end <- errors.New("cannot apply")
		failed := time.Now()
		second := a.owns()
		if rest := second.at.Sub(failed); rest != subscription.DefaultRest {
			t.Errorf("alone, it tries again after %v", rest)
		}
		b := w.compete("b", nil)
		synctest.Wait()
		second.end <- errors.New("cannot apply")
		failed = time.Now()
		if third := b.owns(); third.at.Sub(failed) > time.Second || third.term != 3 {
			t.Errorf("another tries after %v in term %d", third.at.Sub(failed), third.term)
		}
		time.Sleep(time.Hour)
		a.ownsNot()
	})
}

func TestAnOwnerThatReturnsCompetesAtOnce(t *testing.T) {
	inLeases(t, func(t *testing.T, w *leaseWorld) {
		t.Helper()
		a := w.compete("a", nil)
		a.owns().end <- nil
		returned := time.Now()
		if again := a.owns(); !again.at.Equal(returned) || again.term != 2 {
			t.Errorf("it competes again after %v, term %d", again.at.Sub(returned), again.term)
		}
	})
}

// What an owner has in hand when its program stops is still its own.
func TestTheLeaseIsKeptWhileTheOwnerFinishes(t *testing.T) {
	inLeases(t, func(t *testing.T, w *leaseWorld) {
		t.Helper()
		a := w.compete("a", nil)
		o := a.owns()
		o.stay = true
		b := w.compete("b", nil)
		a.stop()
		time.Sleep(5 * ttl)
		b.ownsNot()
		if err := o.save(w, 10); err != nil || !errors.Is(context.Cause(o.ctx), context.Canceled) {
			t.Errorf("while it finishes: %v, %v", err, context.Cause(o.ctx))
		}
		o.end <- nil
		b.owns()
	})
}

func TestTheExclusiveOwnerWaitsForNobody(t *testing.T) {
	inLeases(t, func(t *testing.T, w *leaseWorld) {
		t.Helper()
		killed := w.compete("killed", nil)
		old := killed.owns()
		old.stay = true // as the killed cannot resign
		killed.away(errors.New("dead"))
		exclusive := func(l *subscription.Lease) { l.Exclusive = true }
		began := time.Now()
		b := w.compete("b", exclusive)
		o := b.owns()
		if !o.at.Equal(began) || o.term != 2 {
			t.Errorf("taken after %v, term %d", o.at.Sub(began), o.term)
		}
		if got := w.row(); got.Owner != "b" || !got.ExpiresAt.IsZero() {
			t.Errorf("the row is %+v", got)
		}
		b.away(errors.New("away")) // it is not renewed, so that is no matter
		time.Sleep(100 * ttl)
		if o.ctx.Err() != nil {
			t.Errorf("lost: %v", context.Cause(o.ctx))
		}
		late := w.compete("late", nil)
		time.Sleep(100 * ttl)
		late.ownsNot()
		late.stop()
		if err := old.save(w, 1); !errors.Is(err, subscription.ErrTermOver) {
			t.Errorf("the killed writes: %v", err)
		}
		again := w.compete("again", exclusive)
		if o := again.owns(); o.term != 3 {
			t.Errorf("term %d", o.term)
		}
		old.end <- nil
	})
}

func TestALeaseOfAnotherStoreIsRefused(t *testing.T) {
	inLeases(t, func(t *testing.T, w *leaseWorld) {
		t.Helper()
		a := w.compete("a", nil)
		a.owns()
		a.stop()
		a.over()
		for _, exclusive := range []bool{false, true} {
			b := w.compete("b", func(l *subscription.Lease) { l.StoreID, l.Exclusive = "store-b", exclusive })
			foreign, ok := errors.AsType[*subscription.ForeignStoreError](<-b.ended)
			if !ok || foreign.Name != "thing" || foreign.Have != "store-a" || foreign.Want != "store-b" {
				t.Errorf("run: %+v", foreign)
			}
		}
		if _, ok := errors.AsType[*subscription.ForeignStoreError](subscription.CheckStore(t.Context(), w.db.Read, "store-b")); !ok {
			t.Error("the check at the start does not look at leases")
		}
		if got := w.row(); got.Term != 1 {
			t.Errorf("the row is %+v", got)
		}
	})
}

func TestTroubleOfTheDatabaseIsWaitedOutBeforeALeaseIsTaken(t *testing.T) {
	inLeases(t, func(t *testing.T, w *leaseWorld) {
		t.Helper()
		a := w.competitor("a", func(l *subscription.Lease) { l.TTL = time.Hour })
		a.away(errors.New("away"))
		a.start()
		time.Sleep(time.Minute)
		a.ownsNot()
		mended := time.Now()
		a.away(nil)
		if o := a.owns(); o.at.Sub(mended) > time.Second || o.term != 1 {
			t.Errorf("taken after %v in term %d", o.at.Sub(mended), o.term)
		}
	})
}

// A row that somebody has removed must not make terms begin anew: what the checkpoint notes would be above them.
func TestTermsFollowTheCheckpointWhenTheRowIsGone(t *testing.T) {
	inLeases(t, func(t *testing.T, w *leaseWorld) {
		t.Helper()
		a := w.compete("a", nil)
		a.owns().end <- nil
		o := a.owns()
		if err := o.save(w, 5); err != nil {
			t.Fatal(err)
		}
		if _, err := w.db.Write.ExecContext(t.Context(), `DELETE FROM leases`); err != nil {
			t.Fatal(err)
		}
		if err := o.save(w, 6); !errors.Is(err, subscription.ErrTermOver) {
			t.Errorf("without a row: %v", err)
		}
		if next := a.owns(); next.term != o.term+1 {
			t.Errorf("term %d follows %d", next.term, o.term)
		}
	})
}
