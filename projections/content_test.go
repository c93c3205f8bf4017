package projections_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/database"
)

// tables lists the tables of all read models, in a fixed order.
func tables(tb testing.TB, db *database.DB) []string {
	tb.Helper()
	var names []string
	err := db.Read.NewSelect().ColumnExpr("name").TableExpr("sqlite_master").
		Where("type = 'table' AND name LIKE '%\\_v1' ESCAPE '\\'").OrderExpr("name").Scan(tb.Context(), &names)
	if err != nil {
		tb.Fatal(err)
	}
	if len(names) != 8 {
		tb.Fatalf("the read models have 8 tables, not %q", names)
	}
	return names
}

// wipe empties the read models and forgets how far they were.
func wipe(tb testing.TB, db *database.DB) {
	tb.Helper()
	all := append(tables(tb, db), "checkpoints")
	err := db.InTx(tb.Context(), func(ctx context.Context, tx bun.Tx) error {
		for _, table := range all {
			if _, err := tx.NewDelete().TableExpr("?", bun.Ident(table)).Where("1 = 1").Exec(ctx); err != nil {
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
		h.Write(fmt.Appendln(nil, table))
		hashRows(tb, h, db, table)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func hashRows(tb testing.TB, h hash.Hash, db *database.DB, table string) {
	tb.Helper()
	var keys []string
	err := db.Read.NewSelect().ColumnExpr("name").TableExpr("pragma_table_info(?)", table).Where("pk > 0").
		OrderExpr("pk").Scan(tb.Context(), &keys)
	if err != nil || len(keys) == 0 {
		tb.Fatalf("keys of %s: %q, %v", table, keys, err)
	}
	rows, err := db.Read.NewSelect().TableExpr("?", bun.Ident(table)).OrderExpr(strings.Join(keys, ", ")).Rows(tb.Context())
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
