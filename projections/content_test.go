package projections_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"strings"
	"sync"
	"testing"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/database"
)

// table is one of a read model, with the columns of its primary key in their order.
type table struct{ name, key string }

// schema caches the tables of all read models, which are the same in every database.
var schema struct {
	once   sync.Once
	tables []table
}

// tables lists the tables of all read models, in a fixed order.
func tables(tb testing.TB, db *database.DB) []table {
	tb.Helper()
	schema.once.Do(func() {
		var names []string
		err := db.Read.NewSelect().ColumnExpr("name").TableExpr("sqlite_master").
			Where("type = 'table' AND name LIKE '%\\_v1' ESCAPE '\\'").OrderExpr("name").Scan(tb.Context(), &names)
		if err != nil {
			tb.Fatal(err)
		}
		for _, name := range names {
			var key []string
			err := db.Read.NewSelect().ColumnExpr("name").TableExpr("pragma_table_info(?)", name).Where("pk > 0").
				OrderExpr("pk").Scan(tb.Context(), &key)
			if err != nil || len(key) == 0 {
				tb.Fatalf("keys of %s: %q, %v", name, key, err)
			}
			schema.tables = append(schema.tables, table{name, strings.Join(key, ", ")})
		}
	})
	if len(schema.tables) != 18 {
		tb.Fatalf("the read models have 18 tables, not %d: %q", len(schema.tables), schema.tables)
	}
	return schema.tables
}

// wipe empties the read models and forgets how far they were.
func wipe(tb testing.TB, db *database.DB) {
	tb.Helper()
	all := append(tables(tb, db)[:18:18], table{name: "checkpoints"})
	err := db.InTx(tb.Context(), func(ctx context.Context, tx bun.Tx) error {
		for _, table := range all {
			if _, err := tx.ExecContext(ctx, "DELETE FROM "+table.name); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
}

// contentHash digests every row of every read model, in the order of the primary keys.
func contentHash(tb testing.TB, db *database.DB) string {
	tb.Helper()
	h := sha256.New()
	for _, table := range tables(tb, db) {
		h.Write(fmt.Appendln(nil, table.name))
		hashRows(tb, h, db, table)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func hashRows(tb testing.TB, h hash.Hash, db *database.DB, t table) {
	tb.Helper()
	rows, err := db.Read.DB.QueryContext(tb.Context(), "SELECT * FROM "+t.name+" ORDER BY "+t.key)
	if err != nil {
		tb.Fatal(err)
	}
	defer rows.Close() //nolint:errcheck // the error of the iteration is checked
	columns, err := rows.Columns()
	if err != nil {
		tb.Fatal(err)
	}
	values, targets := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		targets[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			tb.Fatal(err)
		}
		h.Write(fmt.Appendf(nil, "%q\n", values))
	}
	if err := rows.Err(); err != nil {
		tb.Fatal(err)
	}
}
