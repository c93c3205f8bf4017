package database_test

import (
	"context"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/database/databasetest"
)

// TestWhoWaitsForAConnectionIsNotHarmedByThoseWhoGiveUp: a statement that is given up costs its connection, and the pool only finds that
// out with whoever is next.
func TestWhoWaitsForAConnectionIsNotHarmedByThoseWhoGiveUp(t *testing.T) {
	t.Parallel()
	db := open(t, databasetest.Place(t, database.PostgreSQL))
	const writers = 8
	for round := range 5 {
		waited := db.Write.DB.Stats().WaitCount
		ctx, giveUp := context.WithCancel(t.Context())
		var sleeping, work sync.WaitGroup
		sleeping.Add(writers)
		for range writers {
			work.Go(func() {
				_ = db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
					sleeping.Done()
					_, err := tx.ExecContext(ctx, "SELECT pg_sleep(60)")
					return err
				})
			})
		}
		sleeping.Wait()
		for range writers {
			work.Go(func() {
				if err := db.InTx(t.Context(), func(context.Context, bun.Tx) error { return nil }); err != nil {
					t.Error(err)
				}
			})
		}
		for end := time.Now().Add(time.Minute); db.Write.DB.Stats().WaitCount < waited+writers; {
			if time.Now().After(end) {
				t.Fatalf("in round %d nobody waits for a connection", round)
			}
			runtime.Gosched()
		}
		giveUp()
		work.Wait()
	}
}
