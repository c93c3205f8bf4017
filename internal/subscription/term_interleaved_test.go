package subscription_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/database/databasetest"
	"github.com/royalglow/booking/internal/subscription"
	"github.com/royalglow/booking/migrations"
)

// TestASnapshotOfBeforeDoesNotHideTheNextTerm: on PostgreSQL a transaction that has begun in a term checks it after another has taken
// over, in a snapshot in which nobody has. A lock that is asked for no change of the key would let that pass, were the lease not
// locked for more before it is taken.
func TestASnapshotOfBeforeDoesNotHideTheNextTerm(t *testing.T) {
	t.Parallel()
	for name, expires := range map[string]bool{"after it was resigned": false, "after it ran out": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := databasetest.OpenKind(t, database.PostgreSQL, migrations.Engine)
			lease := func(owner string) *subscription.Lease {
				return &subscription.Lease{DB: db, StoreID: "store-a", Name: "thing", Owner: owner, TTL: time.Minute}
			}
			owned, resigned := make(chan context.Context), make(chan error)
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			go func() {
				resigned <- lease("a").Run(ctx, func(ctx context.Context) error {
					owned <- ctx
					<-ctx.Done()
					return nil
				})
			}()
			a := context.WithoutCancel(<-owned)
			tries := 0
			err := db.InTx(a, func(ctx context.Context, tx bun.Tx) error {
				if tries++; tries > 1 {
					return subscription.CheckTerm(ctx, tx)
				}
				if _, err := subscription.LoadCheckpoint(ctx, tx, "thing", "store-a"); err != nil { // the snapshot is of now
					return err
				}
				// It is prolonged once more, and given up, or taken for lost.
				if _, err := db.Write.ExecContext(ctx, "UPDATE leases SET expires_at = expires_at + 1"); err != nil {
					return err
				}
				if expires {
					if _, err := db.Write.ExecContext(ctx, "UPDATE leases SET expires_at = 1"); err != nil {
						return err
					}
				} else {
					stop()
					if err := <-resigned; err != nil {
						return err
					}
				}
				next, end := context.WithCancel(ctx)
				defer end()
				err := lease("b").Run(next, func(context.Context) error {
					end()
					return nil
				})
				if err != nil {
					return err
				}
				err = subscription.SaveCheckpoint(ctx, tx, "thing", "store-a", 1)
				if err == nil {
					t.Error("in the term that is over a checkpoint was saved")
				}
				return err
			})
			if !errors.Is(err, subscription.ErrTermOver) || tries != 2 {
				t.Errorf("%v, after %d tries", err, tries)
			}
			if expires {
				stop()
				if err := <-resigned; err != nil {
					t.Error(err)
				}
			}
		})
	}
}
