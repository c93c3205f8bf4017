package projections

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/database"
)

// rowsPerStatement bounds the length of a statement: rows are written into its text.
const rowsPerStatement = 100

// writer is where rows are written: one transaction, or, for a build, a plan of what one will write.
type writer struct {
	tx   bun.Tx
	db   *database.DB // of bulk writes
	bulk bool         // there are many rows
	plan *plan        // nil: they are written at once
}

// plan is what a transaction will write while more is folded already.
type plan struct {
	steps []func(ctx context.Context, w writer) error
}

// run writes it.
func (p *plan) run(ctx context.Context, w writer) error {
	for _, step := range p.steps {
		if err := step(ctx, w); err != nil {
			return err
		}
	}
	return nil
}

// then plans a step.
func (p *plan) then(step func(ctx context.Context, w writer) error) { p.steps = append(p.steps, step) }

// add writes rows that the table lacks. A plan keeps the rows: they must not change any more.
func add[R any](ctx context.Context, w writer, table bun.Ident, rows []R) error {
	switch {
	case w.plan != nil:
		w.plan.then(func(ctx context.Context, w writer) error { return add(ctx, w, table, rows) })
		return nil
	case w.bulk && len(rows) > rowsPerStatement:
		return copyIn(ctx, w, table, rows)
	}
	return insert(ctx, w.tx, table, rows, "")
}

// owned returns a row as it is now, for a plan that writes it later. What rows refer to is never changed in place.
func owned[R any](w writer, row *R) *R {
	if w.plan == nil {
		return row
	}
	now := *row
	return &now
}

// insert writes rows with as few statements as the bound allows. onConflict is what follows ON CONFLICT; empty means that a
// conflict is an error.
func insert[R any](ctx context.Context, tx bun.Tx, table bun.Ident, rows []R, onConflict string) error {
	for chunk := range slices.Chunk(rows, rowsPerStatement) {
		// Nothing is returned into the rows: they may share what they refer to with others.
		q := tx.NewInsert().Model(&chunk).ModelTableExpr("?", table).Returning("NULL")
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
func remove(ctx context.Context, w writer, table bun.Ident, k keys) error {
	if w.plan != nil {
		w.plan.then(func(ctx context.Context, w writer) error { return remove(ctx, w, table, k) })
		return nil
	}
	for _, c := range k.conditions() {
		if _, err := w.tx.NewDelete().TableExpr("?", table).Where("?", c).Exec(ctx); err != nil {
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
