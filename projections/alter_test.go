package projections_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/database/databasetest"
	"github.com/royalglow/booking/internal/subscription"
	"github.com/royalglow/booking/projections"
)

// TestWhoseTermIsOverMakesNoIndex: who builds in the next term may be making the same at this moment, and PostgreSQL refuses the second of
// two that are made beside each other, as if the rows were in the way.
func TestWhoseTermIsOverMakesNoIndex(t *testing.T) {
	t.Parallel()
	db := openKind(t, database.PostgreSQL) // a SQLite file has one writer: nobody takes over in the middle
	p := models(db).Bookings
	generation, err := p.Rebuild(t.Context(), projections.Rebuild{})
	if err != nil {
		t.Fatal(err)
	}
	lease := func(owner string) *subscription.Lease {
		return &subscription.Lease{DB: db, StoreID: storeID, Name: "thing", Owner: owner, TTL: time.Minute}
	}
	owned, resigned := make(chan context.Context), make(chan error)
	ctx, stop := context.WithCancel(t.Context())
	defer func() {
		stop()
		if err := <-resigned; err != nil {
			t.Error(err)
		}
	}()
	go func() {
		resigned <- lease("a").Run(ctx, func(ctx context.Context) error {
			owned <- ctx
			<-ctx.Done()
			return nil
		})
	}()
	tries := 0
	err = projections.Alter(context.WithoutCancel(<-owned), p, generation, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.ExecContext(ctx, "CREATE INDEX probe ON checkpoints (position)"); err != nil {
			return err
		}
		if tries++; tries > 1 {
			return nil
		}
		if _, err := db.Write.ExecContext(ctx, "UPDATE leases SET expires_at = 1"); err != nil {
			return err
		}
		next, end := context.WithCancel(ctx)
		defer end()
		return lease("b").Run(next, func(context.Context) error {
			end()
			return nil
		})
	})
	if !errors.Is(err, subscription.ErrTermOver) {
		t.Errorf("%v, after %d tries", err, tries)
	}
	there, err := db.Read.NewSelect().TableExpr("pg_indexes").Where("indexname = 'probe'").Exists(t.Context())
	if err != nil || there {
		t.Errorf("the index is there: %t, %v", there, err)
	}
}

// TestABuildEndsWhereItsGenerationIsUnknown: nobody has any use for it, and the next waits for its end.
func TestABuildEndsWhereItsGenerationIsUnknown(t *testing.T) {
	t.Parallel()
	for _, kind := range databasetest.Kinds() {
		p := models(openKind(t, kind)).Bookings
		nothing := func(context.Context, bun.Tx) error { return nil }
		if err := projections.Alter(t.Context(), p, 99, nothing); !errors.Is(err, projections.ErrGone) {
			t.Errorf("%s: %v", kind, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), longEnough)
		if err := projections.RunBuild(ctx, p, 99); err != nil || ctx.Err() != nil {
			t.Errorf("%s: %v, %v", kind, err, ctx.Err())
		}
		cancel()
	}
}

// TestARefusedIndexIsNoEventsFault: the build is given up, and does not look for an event that it would name.
func TestARefusedIndexIsNoEventsFault(t *testing.T) {
	t.Parallel()
	for _, kind := range databasetest.Kinds() {
		db := openKind(t, kind)
		p := models(db).Bookings
		generation, err := p.Rebuild(t.Context(), projections.Rebuild{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.Write.ExecContext(t.Context(), "CREATE TABLE twice AS SELECT 1 AS n UNION ALL SELECT 1"); err != nil {
			t.Fatal(err)
		}
		err = projections.Alter(t.Context(), p, generation, func(ctx context.Context, tx bun.Tx) error {
			_, err := tx.ExecContext(ctx, "CREATE UNIQUE INDEX once ON twice (n)")
			return err
		})
		if _, known := subscription.HaltedAt(err); known || !subscription.Halts(err) || database.IsRefused(err) {
			t.Errorf("%s: %v", kind, err)
		}
	}
}
