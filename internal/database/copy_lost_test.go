package database_test

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/database/databasetest"
)

// TestNobodyIsAskedForRowsOfACopyThatIsOver, because what they are made of is somebody else's by then. The driver does not wait for
// its reading goroutine where the connection is lost.
func TestNobodyIsAskedForRowsOfACopyThatIsOver(t *testing.T) {
	t.Parallel()
	_, set := things(database.PostgreSQL)
	db := databasetest.Reopen(t, databasetest.Place(t, database.PostgreSQL), set)
	for range 30 {
		var n int64 // the race detector objects as well, if it is used too late
		var over, late atomic.Bool
		err := db.InTx(t.Context(), func(ctx context.Context, tx bun.Tx) error {
			var backend int
			if err := tx.NewRaw("SELECT pg_backend_pid()").Scan(ctx, &backend); err != nil {
				return err
			}
			_, err := db.CopyFrom(ctx, tx, "things", columns(), func(r *database.Row) (bool, error) { // who never comes to an end
				if n++; n == 1000 {
					if _, err := db.Read.ExecContext(ctx, "SELECT pg_terminate_backend(?)", backend); err != nil {
						return false, err
					}
				}
				thing{ID: n, Blob: []byte{}}.write(r)
				late.CompareAndSwap(false, over.Load())
				return true, nil
			})
			over.Store(true)
			return err
		})
		if err == nil || n < 1000 {
			t.Fatalf("the connection was not lost: %v after %d rows", err, n)
		}
		if late.Load() {
			t.Fatal("a row was asked for when the copy was over")
		}
	}
}
