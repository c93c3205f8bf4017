package projections_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/database"
)

// tables lists the tables of all read models, in a fixed order.
func tables(t testing.TB, db *database.DB) []string {
	t.Helper()
	var names []string
	err := db.Read.NewSelect().ColumnExpr("name").TableExpr("sqlite_master").
		Where("type = 'table' AND name LIKE '%\\_v1' ESCAPE '\\'").OrderExpr("name").Scan(t.Context(), &names)
	if err != nil {
		t.Fatal(err)
	}
	if len(names) != 8 {
		t.Fatalf("the read models have 8 tables, not %q", names)
	}
	return names
}

// wipe empties the read models and forgets how far they were.
func wipe(t testing.TB, db *database.DB) {
	t.Helper()
	err := db.InTx(t.Context(), func(ctx context.Context, tx bun.Tx) error {
		for _, table := range append(tables(t, db), "checkpoints") {
			if _, err := tx.NewDelete().TableExpr("?", bun.Ident(table)).Where("1 = 1").Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// contentHash digests every row of every read model, in the order of the primary keys.
func contentHash(t testing.TB, db *database.DB) string {
	t.Helper()
	h := sha256.New()
	for _, table := range tables(t, db) {
		fmt.Fprintf(h, "%s\n", table)
		hashRows(t, h, db, table)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func hashRows(t testing.TB, w io.Writer, db *database.DB, table string) {
	t.Helper()
	var keys []string
	err := db.Read.NewSelect().ColumnExpr("name").TableExpr("pragma_table_info(?)", table).Where("pk > 0").
		OrderExpr("pk").Scan(t.Context(), &keys)
	if err != nil || len(keys) == 0 {
		t.Fatalf("keys of %s: %q, %v", table, keys, err)
	}
	rows, err := db.Read.NewSelect().TableExpr("?", bun.Ident(table)).OrderExpr(strings.Join(keys, ", ")).Rows(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close() //nolint:errcheck // the error of the iteration is checked
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	values, targets := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		targets[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(w, "%q\n", values)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}
