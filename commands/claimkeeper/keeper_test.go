package claimkeeper_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/royalglow/booking/commands/claimkeeper"
	"github.com/royalglow/booking/commands/internal/claimtest"
	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/database/databasetest"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
	"github.com/royalglow/booking/migrations"
)

// clock is a time that a test moves.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

func openDB(tb testing.TB) *database.DB {
	tb.Helper()
	return databasetest.Open(tb, migrations.Engine)
}

const deadline = 10 * time.Second

// newKeeper returns a keeper of the world's log on the database, as it is after each start.
func newKeeper(tb testing.TB, w *world, db *database.DB, c *clock) *claimkeeper.Keeper {
	tb.Helper()
	k, err := claimkeeper.New(claimkeeper.Config{
		Store: w.stage.store, DB: db, StoreID: w.stage.store.ID, Deadline: deadline, Now: c.Now,
		Jitter: func(time.Duration) time.Duration { return 0 },
	})
	if err != nil {
		tb.Fatal(err)
	}
	return k
}

// follow hands the keeper what it has not seen yet.
func follow(tb testing.TB, w *world, k *claimkeeper.Keeper) {
	tb.Helper()
	at, err := k.Checkpoint(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	log := w.stage.store.All()
	log = slices.DeleteFunc(log, func(r eventstore.Recorded) bool { return r.Position <= at })
	if len(log) == 0 {
		return
	}
	if err := k.Handle(tb.Context(), subscription.Batch{Events: log, Position: log[len(log)-1].Position}); err != nil {
		tb.Fatal(err)
	}
}

// leftover makes a command crash at its append, so that its claim stands and no booking names it.
func leftover(tb testing.TB, d deed) *world {
	tb.Helper()
	w := newWorld(tb, bugs{})
	a := w.do(d)
	w.stage.meet = func(*actor, int) fate {
		if claims(w) > 2 { // those of the two bookings and the new one
			return crashes
		}
		return goesOn
	}
	w.stage.play()
	w.stage.meet = func(*actor, int) fate { return goesOn }
	if !a.done || claimtest.Check(w.stage.store.All(), true) == nil {
		tb.Fatal("nothing was left over")
	}
	return w
}

// claims counts how often a claim was placed on a day.
func claims(w *world) (n int) {
	for _, r := range w.stage.store.All() {
		if _, ok := r.Event.(domain.StaffDayClaimed); ok {
			n++
		}
	}
	return n
}

func settle(tb testing.TB, k *claimkeeper.Keeper, want claimkeeper.Report) {
	tb.Helper()
	if got, err := k.SettleDue(tb.Context()); err != nil || got != want {
		tb.Fatalf("settled %+v, %v; want %+v", got, err, want)
	}
}

func TestAClaimThatNoBookingNamesIsFencedAndReleasedAfterTheGrace(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, migrations.Engine, func(t *testing.T, db *database.DB) {
		w, c := leftover(t, deed{verb: request, member: 2}), &clock{now: now}
		k := newKeeper(t, w, db, c)
		follow(t, w, k)
		c.now = now.Add(2*deadline - time.Millisecond)
		settle(t, k, claimkeeper.Report{})
		c.now = now.Add(2 * deadline)
		settle(t, k, claimkeeper.Report{Bookings: 1, Released: 1, Fenced: 1})
		if err := claimtest.Check(w.stage.store.All(), true); err != nil {
			t.Fatal(err)
		}
		// Before the keeper has seen its own work it looks again, and finds nothing to do.
		before := len(w.stage.store.All())
		c.now = c.now.Add(time.Minute)
		settle(t, k, claimkeeper.Report{Bookings: 1, Released: 1})
		if after := len(w.stage.store.All()); after != before {
			t.Fatalf("settling again wrote %d events", after-before)
		}
		follow(t, w, k)
		c.now = c.now.Add(time.Hour)
		settle(t, k, claimkeeper.Report{})
	})
}

func TestTheGraceOutlivesARestart(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, migrations.Engine, func(t *testing.T, db *database.DB) {
		w, c := leftover(t, deed{verb: approve, member: 2}), &clock{now: now}
		follow(t, w, newKeeper(t, w, db, c))
		c.now = now.Add(2 * deadline)
		settle(t, newKeeper(t, w, db, c), claimkeeper.Report{Bookings: 1, Released: 1, Fenced: 1})
	})
}

func TestADroppedClaimIsReleasedWithoutAFence(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, migrations.Engine, func(t *testing.T, db *database.DB) {
		w, c := newWorld(t, bugs{}), &clock{now: now}
		a := w.do(deed{verb: cancel})
		w.meets(a, steps(t, deed{verb: cancel})-3, crashes) // the cancellation stands, its release never began
		w.stage.play()
		k := newKeeper(t, w, db, c)
		follow(t, w, k)
		settle(t, k, claimkeeper.Report{})
		c.now = now.Add(3 * time.Second)
		settle(t, k, claimkeeper.Report{Bookings: 1, Released: 1})
		if err := claimtest.Check(w.stage.store.All(), true); err != nil {
			t.Fatal(err)
		}
	})
}

func TestASweepLeavesWhatIsNamed(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, migrations.Engine, func(t *testing.T, db *database.DB) {
		w := leftover(t, deed{verb: assign, member: 2})
		k := newKeeper(t, w, db, &clock{now: now})
		follow(t, w, k)
		got, err := k.Sweep(t.Context())
		if want := (claimkeeper.Report{Bookings: 2, Kept: 2, Released: 1, Fenced: 1}); err != nil || got != want {
			t.Fatalf("swept %+v, %v; want %+v", got, err, want)
		}
		if err := claimtest.Check(w.stage.store.All(), true); err != nil {
			t.Fatal(err)
		}
	})
}

func TestAStoreThatIsAwayIsAskedAgain(t *testing.T) {
	t.Parallel()
	w, db, c := leftover(t, deed{verb: request, member: 2}), openDB(t), &clock{now: now}
	k := newKeeper(t, w, db, c)
	follow(t, w, k)
	c.now = now.Add(2 * deadline)
	w.stage.store.Hook = func(string, string) error { return eventstore.ErrUnavailable }
	if _, err := k.SettleDue(t.Context()); !errors.Is(err, eventstore.ErrUnavailable) {
		t.Fatalf("got %v, want the store's error", err)
	}
	w.stage.store.Hook = nil
	settle(t, k, claimkeeper.Report{}) // left alone for a while
	c.now = c.now.Add(5 * time.Second)
	settle(t, k, claimkeeper.Report{Bookings: 1, Released: 1, Fenced: 1})
}

func TestADatabaseOfAnotherStoreIsRefused(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, migrations.Engine, func(t *testing.T, db *database.DB) {
		w := leftover(t, deed{verb: request, member: 2})
		follow(t, w, newKeeper(t, w, db, &clock{now: now}))
		w.stage.store.ID = "00000000-0000-4000-8000-00000000000f"
		_, err := newKeeper(t, w, db, &clock{now: now}).Checkpoint(t.Context())
		if _, ok := errors.AsType[*subscription.ForeignStoreError](err); !ok {
			t.Fatalf("got %v, want a *ForeignStoreError", err)
		}
	})
}

// Whatever the batches and however often the keeper starts anew, its rows are the fold of the log.
func TestTheRowsAreTheFoldOfTheLog(t *testing.T) {
	t.Parallel()
	for _, kind := range databasetest.Kinds() {
		t.Run(kind.String(), func(t *testing.T) {
			for seed := range uint64(8) {
				r := rand.New(rand.NewPCG(seed, 2)) //nolint:gosec // a test wants the same histories each time
				w := history(t, randomChoices(r, 200), bugs{})
				compareWithFold(t, r, w, databasetest.OpenKind(t, kind, migrations.Engine))
			}
		})
	}
}

// compareWithFold hands the world's log to keepers in batches, a new one each time, and compares their rows with the fold.
func compareWithFold(t *testing.T, r *rand.Rand, w *world, db *database.DB) {
	t.Helper()
	log := w.stage.store.All()
	var fold claimkeeper.Instant
	for len(log) > 0 {
		n := min(1+r.IntN(6), len(log))
		k := newKeeper(t, w, db, &clock{now: now})
		batch := subscription.Batch{Events: log[:n], Position: log[n-1].Position}
		handle(t, k, batch)
		fold.Fold(log[:n])
		log = log[n:]
		rows, err := k.Rows(t.Context())
		if err != nil || !slices.Equal(rows, fold.Rows()) {
			t.Fatalf("the table holds\n%v (%v), the log makes\n%v", rows, err, fold.Rows())
		}
	}
}

// handle fails once before the batch is handled: nothing of it may stay.
func handle(tb testing.TB, k *claimkeeper.Keeper, b subscription.Batch) {
	tb.Helper()
	gone, cancel := context.WithCancel(tb.Context())
	cancel()
	if err := k.Handle(gone, b); err == nil {
		tb.Fatal("a batch was handled without a context")
	}
	if err := k.Handle(tb.Context(), b); err != nil {
		tb.Fatal(err)
	}
}
