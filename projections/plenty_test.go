package projections_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/database"
)

// How the year of two salons becomes the years of a chain: copies of all rows, of which every tenth is of the same salons, in a later
// period.
const (
	copies     = 50
	chains     = 10
	periodDays = 170                                // more than the year of busy lasts
	lastPeriod = (copies - 1) / chains * periodDays // begins so many days after the first
)

// plenty is a chain of twenty salons with 100,000 bookings, and all the rows that go with them. Rows are multiplied in the database:
// to fold as much would take minutes.
func plenty(tb testing.TB) (*database.DB, *history) {
	tb.Helper()
	db, h := busy(tb)
	all := tables(tb, db)
	err := db.InTx(tb.Context(), func(ctx context.Context, tx bun.Tx) error {
		remake := withoutIndexes(ctx, tb, tx, db.Kind())
		for _, table := range all {
			if _, err := tx.ExecContext(ctx, multiply(ctx, tb, tx, db.Kind(), table)); err != nil {
				return fmt.Errorf("%s: %w", table, err)
			}
		}
		for _, statement := range remake {
			if _, err := tx.ExecContext(ctx, statement); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	return db, h
}

// withoutIndexes drops the indexes but for those of the keys, because a full table takes them faster, and returns how to make them.
func withoutIndexes(ctx context.Context, tb testing.TB, tx bun.Tx, kind database.Kind) (remake []string) {
	tb.Helper()
	for _, i := range indexes(ctx, tb, tx, kind) {
		if _, err := tx.ExecContext(ctx, "DROP INDEX "+i.Name); err != nil {
			tb.Fatal(err)
		}
		remake = append(remake, i.SQL)
	}
	return remake
}

// tableIndex is an index as the database's catalogue has it.
type tableIndex struct{ Name, SQL string }

// indexes lists those of the read models, but for those of primary keys.
func indexes(ctx context.Context, tb testing.TB, tx bun.Tx, kind database.Kind) (list []tableIndex) {
	tb.Helper()
	find := `SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND name LIKE '%\_v_\_g1\_%' ESCAPE '\'`
	if kind == database.PostgreSQL {
		find = `SELECT indexname AS name, indexdef AS sql FROM pg_indexes WHERE schemaname = current_schema()
			AND indexname LIKE '%\_v_\_g1\_%' AND indexname NOT LIKE '%\_pkey'`
	}
	if err := tx.NewRaw(find).Scan(ctx, &list); err != nil {
		tb.Fatal(err)
	}
	return list
}

// multiply writes a statement that adds the copies of a table's rows: with ids of their own, at other salons, and in later years.
func multiply(ctx context.Context, tb testing.TB, tx bun.Tx, kind database.Kind, table string) string {
	tb.Helper()
	rows, err := tx.QueryContext(ctx, "SELECT * FROM "+table+" LIMIT 0")
	if err != nil {
		tb.Fatal(err)
	}
	columns, err := rows.Columns()
	if err != nil {
		tb.Fatal(err)
	}
	if err := rows.Close(); err != nil {
		tb.Fatal(err)
	}
	terms := make([]string, len(columns))
	for i, c := range columns {
		terms[i] = copied(kind, c)
		if c == "status" && strings.HasPrefix(table, "bookings_") {
			// Most of what a chain has ever had is over.
			terms[i] = "CASE WHEN k > 3 AND status IN ('pending', 'confirmed') THEN 'completed' ELSE status END"
		}
	}
	n, which := copies, ""
	if strings.HasPrefix(table, "timeline_v") {
		which = " WHERE revision = 0"
	}
	if strings.HasPrefix(table, "branches_") || strings.HasPrefix(table, "branch_services_") || strings.HasPrefix(table, "branch_closures_") {
		n = chains
	}
	return fmt.Sprintf("WITH RECURSIVE c (k) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT k + 1 FROM c WHERE k < %d) INSERT INTO %s SELECT %s FROM %s CROSS JOIN c%s",
		n-1, table, strings.Join(terms, ", "), table, which)
}

// copied is what a column holds in the k-th copy.
func copied(kind database.Kind, column string) string {
	days := fmt.Sprintf("k / %d * %d", chains, periodDays)
	switch {
	case column == "policy":
		return "substr(policy, 1, 1) || substr(policy, length(policy), 1)" // nothing in it, be it an object or a tuple
	case column == "details":
		return "'{}'" // short rows are copied in less time, and scanned: a plan that reads them all is all the more tempting
	case column == "segments":
		return "'[]'"
	case column == "branch_id":
		return fmt.Sprintf("branch_id || CASE k %% %d WHEN 0 THEN '' ELSE 'x' || (k %% %d) END", chains, chains)
	case column == "booking_id", column == "customer_id", column == "staff_id", column == "leave_id", column == "claim_id":
		return column + " || 'x' || k"
	case column == "at", strings.HasSuffix(column, "_at"):
		return fmt.Sprintf("%s + %s * 86400000000000", column, days)
	case column != "day" && !strings.HasSuffix(column, "_date"):
		return column
	case kind == database.PostgreSQL:
		return fmt.Sprintf("to_char(%s::date + (%s)::int, 'YYYY-MM-DD')", column, days)
	}
	return fmt.Sprintf("date(%s, (%s) || ' days')", column, days)
}
