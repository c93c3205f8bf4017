package database_test

import (
	"context"
	"errors"
	"testing"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/database/databasetest"
)

// TestALostCommitIsInDoubt breaks the connection in the middle of a commit, once on each side of it: the error is the same, and what has
// happened is not.
func TestALostCommitIsInDoubt(t *testing.T) {
	for name, heard := range map[string]bool{"the server has heard": true, "the server has not heard": false} {
		t.Run(name, func(t *testing.T) {
			where := databasetest.Place(t, database.PostgreSQL)
			direct := open(t, where)
			cut, behind := databasetest.BeforeServer(t, where, databasetest.CutOptions{Unheard: !heard})
			db := open(t, behind)
			runs := 0
			cut.Arm()
			err := db.InTx(t.Context(), func(ctx context.Context, tx bun.Tx) error {
				runs++
				_, err := tx.ExecContext(ctx, "INSERT INTO notes (text) VALUES ('?')")
				return err
			})
			if !errors.Is(err, database.ErrInDoubt) || !errors.Is(err, database.ErrUnavailable) || runs != 1 || cut.Cuts() != 1 {
				t.Errorf("%v, after %d runs and %d cuts", err, runs, cut.Cuts())
			}
			// The server may still be at it: whoever asks for the same row waits for it.
			if _, err := direct.Write.ExecContext(t.Context(), "LOCK TABLE notes IN SHARE MODE; SELECT 1"); err != nil {
				t.Fatal(err)
			}
			if n := count(t.Context(), t, direct.Read); (n == 1) != heard {
				t.Errorf("%d rows", n)
			}
			add(t, db, "the pool has healed")
		})
	}
}
