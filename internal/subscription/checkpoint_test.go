package subscription_test

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/database/databasetest"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
	"github.com/royalglow/booking/migrations"
)

func openDatabase(t *testing.T) *database.DB {
	t.Helper()
	return databasetest.Open(t, migrations.Engine)
}

func TestCheckpoints(t *testing.T) {
	databasetest.Each(t, migrations.Engine, func(t *testing.T, db *database.DB) {
		save := func(name, store string, pos eventstore.Position) error {
			return db.InTx(t.Context(), func(ctx context.Context, tx bun.Tx) error {
				return subscription.SaveCheckpoint(ctx, tx, name, store, pos)
			})
		}
		load := func(name string) eventstore.Position {
			t.Helper()
			pos, err := subscription.LoadCheckpoint(t.Context(), db.Read, name, "store-a")
			if err != nil {
				t.Fatal(err)
			}
			return pos
		}
		if pos := load("bookings"); pos != 0 {
			t.Errorf("a consumer that has not begun stands at %d", pos)
		}
		for _, pos := range []eventstore.Position{0, 10, 10, math.MaxInt64 - 1} {
			if err := save("bookings", "store-a", pos); err != nil {
				t.Fatalf("save %d: %v", pos, err)
			}
			if got := load("bookings"); got != pos {
				t.Errorf("saved %d, loaded %d", pos, got)
			}
		}
		if err := save("bookings", "store-a", 10); !errors.Is(err, subscription.ErrCheckpointBack) {
			t.Errorf("going back: %v", err)
		}
		if err := save("bookings", "store-a", math.MaxUint64); err == nil {
			t.Error("a position beyond the database's numbers was saved")
		}
		if pos := load("bookings"); pos != math.MaxInt64-1 {
			t.Errorf("after refusals the checkpoint is %d", pos)
		}
		if pos := load("schedule"); pos != 0 {
			t.Errorf("consumers share a checkpoint: %d", pos)
		}
	})
}

func TestADatabaseOfAnotherStoreIsRefused(t *testing.T) {
	databasetest.Each(t, migrations.Engine, func(t *testing.T, db *database.DB) {
		if err := subscription.SaveCheckpoint(t.Context(), db.Write, "bookings", "store-a", 10); err != nil {
			t.Fatal(err)
		}
		_, loading := subscription.LoadCheckpoint(t.Context(), db.Read, "bookings", "store-b")
		for name, err := range map[string]error{
			"load":  loading,
			"save":  subscription.SaveCheckpoint(t.Context(), db.Write, "bookings", "store-b", 20),
			"check": subscription.CheckStore(t.Context(), db.Read, "store-b"),
		} {
			foreign, ok := errors.AsType[*subscription.ForeignStoreError](err)
			if !ok {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if foreign.Have != "store-a" || foreign.Want != "store-b" || foreign.Name != "bookings" {
				t.Errorf("%s: %+v", name, foreign)
			}
			want := `the database belongs to event store store-a but store-b is connected (checkpoint "bookings"): ` +
				`connect that store, use another data folder, or, if its log was imported here, let the database belong here with "booking adopt"`
			if foreign.Error() != want {
				t.Errorf("%s says %q", name, foreign.Error())
			}
		}
		if err := subscription.CheckStore(t.Context(), db.Read, "store-a"); err != nil {
			t.Errorf("check of the own store: %v", err)
		}
	})
}

func TestCheckpointsNameTheirErrors(t *testing.T) {
	databasetest.Each(t, migrations.Engine, func(t *testing.T, db *database.DB) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := subscription.LoadCheckpoint(ctx, db.Read, "x", "s"); !errors.Is(err, context.Canceled) {
			t.Errorf("load: %v", err)
		}
		if err := subscription.SaveCheckpoint(ctx, db.Write, "x", "s", 1); !errors.Is(err, context.Canceled) {
			t.Errorf("save: %v", err)
		}
		if err := subscription.CheckStore(ctx, db.Read, "s"); !errors.Is(err, context.Canceled) {
			t.Errorf("check: %v", err)
		}
	})
}
