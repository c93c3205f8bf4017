package projections

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/database"
)

// rowsPerStatement bounds the length of a statement: rows are written into its text.
const rowsPerStatement = 100

// writer is one transaction in which rows are written.
type writer struct {
	tx   bun.Tx
	db   *database.DB // of bulk writes
	bulk bool         // there are many rows
}

// put writes rows that the table lacks (fresh) and rows that it has (stored). onConflict is what follows ON CONFLICT, such as
// "(id) DO UPDATE", which replaces every other column.
func put[R any](ctx context.Context, w writer, table bun.Ident, fresh, stored []R, onConflict string) error {
	write := func() error { return insert(ctx, w.tx, table, fresh, "") }
	if w.bulk {
		write = func() error { return copyIn(ctx, w, table, fresh) }
	}
	if err := write(); err != nil {
		return err
	}
	return insert(ctx, w.tx, table, stored, onConflict)
}

// insert writes rows with as few statements as the bound allows. onConflict is what follows ON CONFLICT; empty means that a
// conflict is an error.
func insert[R any](ctx context.Context, tx bun.Tx, table bun.Ident, rows []R, onConflict string) error {
	for chunk := range slices.Chunk(rows, rowsPerStatement) {
		q := tx.NewInsert().Model(&chunk).ModelTableExpr("?", table)
		if onConflict != "" {
			q = q.On("CONFLICT " + onConflict)
		}
		if _, err := q.Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// remove deletes the rows of table that have one of the keys.
func remove(ctx context.Context, tx bun.Tx, table bun.Ident, k keys) error {
	for _, c := range k.conditions() {
		if _, err := tx.NewDelete().TableExpr("?", table).Where("?", c).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// load reads the rows of table that have one of the keys.
func load[R any](ctx context.Context, db bun.IDB, table bun.Ident, k keys) (rows []R, err error) {
	for _, c := range k.conditions() {
		var some []R
		err := db.NewSelect().Model(&some).ModelTableExpr("? AS ?TableAlias", table).Where("?", c).Scan(ctx)
		if err != nil {
			return nil, err
		}
		rows = append(rows, some...)
	}
	return rows, nil
}
