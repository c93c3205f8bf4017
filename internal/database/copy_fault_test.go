package database_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/database/databasetest"
)

// copyMade copies rows whose ids make tells, until it tells no more or an error.
func copyMade(ctx context.Context, db *database.DB, made func(n int64) (id int64, more bool, err error)) error {
	return db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		n := int64(0)
		_, err := db.CopyFrom(ctx, tx, "things", columns(), func(r *database.Row) (bool, error) {
			id, more, err := made(n)
			if err != nil || !more {
				return false, err
			}
			n++
			thing{ID: id, Blob: []byte{}}.write(r)
			return true, nil
		})
		return err
	})
}

// TestWhatIsWrongWithACopyIsSeen, whoever has found it, and whatever else happens meanwhile.
func TestWhatIsWrongWithACopyIsSeen(t *testing.T) {
	t.Parallel()
	for _, kind := range databasetest.Kinds() {
		_, set := things(kind)
		db := databasetest.Reopen(t, databasetest.Place(t, kind), set)
		for _, after := range []int64{0, 3, 5000} {
			for _, failed := range []error{io.EOF, io.ErrUnexpectedEOF, io.ErrClosedPipe, fmt.Errorf("read rows: %w", io.EOF)} {
				err := copyMade(t.Context(), db, func(n int64) (int64, bool, error) {
					if n == after {
						return 0, false, failed
					}
					return n, true, nil
				})
				if !errors.Is(err, failed) || database.IsRefused(err) {
					t.Errorf("%s: %q after %d rows: %v", kind, failed, after, err)
				}
			}
			for name, last := range map[string]int64{"the last row": after + 1, "a row": 1 << 40} {
				err := copyMade(t.Context(), db, func(n int64) (int64, bool, error) {
					if n > after {
						n-- // it is there already
					}
					return n, n < last, nil
				})
				if !database.IsRefused(err) {
					t.Errorf("%s: %s is there already after %d rows: %v", kind, name, after, err)
				}
			}
		}
		var n int
		if err := db.Read.QueryRowContext(t.Context(), "SELECT count(*) FROM things").Scan(&n); err != nil || n != 0 {
			t.Errorf("%s: %d rows are left, %v", kind, n, err)
		}
	}
}
