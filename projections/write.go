package projections

import (
	"context"
	"slices"

	"github.com/uptrace/bun"
)

// rowsPerStatement bounds the length of a statement: rows are written into its text.
const rowsPerStatement = 100

// insert writes rows with as few statements as the bound allows. onConflict is what follows ON CONFLICT, such as
// "(id) DO UPDATE", which replaces every other column; empty means that a conflict is an error.
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

// removeWhere deletes the rows of table whose column is one of the values.
func removeWhere(ctx context.Context, tx bun.Tx, table bun.Ident, column string, values []string) error {
	for chunk := range slices.Chunk(values, rowsPerStatement) {
		_, err := tx.NewDelete().TableExpr("?", table).Where("? IN (?)", bun.Ident(column), bun.List(chunk)).Exec(ctx)
		if err != nil {
			return err
		}
	}
	return nil
}
