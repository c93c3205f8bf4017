package database_test

import (
	"testing"

	"github.com/royalglow/booking/internal/database"
)

func TestADatabaseInMemoryIsItsOwn(t *testing.T) {
	t.Parallel()
	for range 2 { // a table that is there already could not be made
		db, err := database.OpenMemory()
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		}()
		if _, err := db.ExecContext(t.Context(), "CREATE TABLE t (n INTEGER) STRICT"); err != nil {
			t.Fatal(err)
		}
		if _, err := db.ExecContext(t.Context(), "INSERT INTO t VALUES (1)"); err != nil {
			t.Fatal(err)
		}
		var n int
		if err := db.QueryRowContext(t.Context(), "SELECT sum(n) FROM t").Scan(&n); err != nil || n != 1 {
			t.Errorf("%d, %v", n, err)
		}
	}
}
