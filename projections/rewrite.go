package projections

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect"
	"github.com/uptrace/bun/schema"
)

// change is a row that the table has, as it has it and as it is to be.
type change[R any] struct{ was, now *R }

// errRowGone says that a row is not there that was read or written before.
var errRowGone = errors.New("a row is missing that was there before")

// nows returns the rows as they are to be.
func nows[R any](changes []change[R]) []*R {
	rows := make([]*R, len(changes))
	for i, c := range changes {
		rows[i] = c.now
	}
	return rows
}

// rewrite writes rows that the table has.
//
// To replace a row costs SQLite as much as to remove it from every index and to put it there again; to change some of its
// columns costs the indexes that these are in. PostgreSQL writes a new row whatever changes, and one statement for many rows
// costs it less than one each.
func rewrite[R any](ctx context.Context, w writer, table bun.Ident, changes []change[R]) error {
	if len(changes) == 0 {
		return nil
	}
	if w.plan != nil {
		w.plan.then(func(ctx context.Context, w writer) error { return rewrite(ctx, w, table, changes) })
		return nil
	}
	model := modelOf[R](w.tx)
	if w.tx.Dialect().Name() == dialect.SQLite {
		return update(ctx, w.tx, table, model, changes)
	}
	if w.bulk && len(changes) > rowsPerStatement {
		rows := nows(changes)
		if err := remove(ctx, w, table, keysOf(w.tx, rows)); err != nil {
			return err
		}
		return copyIn(ctx, w, table, rows)
	}
	return insert(ctx, w.tx, table, nows(changes), "("+strings.Join(names(model.PKs), ", ")+") DO UPDATE")
}

// modelOf returns what bun knows of a row's columns.
func modelOf[R any](db bun.IDB) *schema.Table { return db.Dialect().Tables().Get(reflect.TypeFor[R]()) }

// update writes the columns that have changed, with one prepared statement for all rows in which the same have.
func update[R any](ctx context.Context, tx bun.Tx, table bun.Ident, model *schema.Table, changes []change[R]) (err error) {
	statements := map[string]*sql.Stmt{}
	defer func() {
		for _, s := range statements {
			err = errors.Join(err, s.Close())
		}
	}()
	var set []byte
	var values sqliteValues
	known := documents{}
	whole := context.WithoutCancel(ctx) // the driver watches any other from a goroutine, one for each row
	for _, c := range changes {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		was, now := reflect.ValueOf(c.was).Elem(), reflect.ValueOf(c.now).Elem()
		set, values = set[:0], values[:0]
		for _, f := range model.DataFields {
			v := now.FieldByIndex(f.Index)
			if same(was.FieldByIndex(f.Index), v) {
				continue
			}
			set = append(append(set, string(f.SQLName)...), " = ?, "...)
			if err := writeValue(&values, f, v, known); err != nil {
				return err
			}
		}
		if len(set) == 0 {
			continue
		}
		for _, f := range model.PKs {
			if err := writeValue(&values, f, now.FieldByIndex(f.Index), known); err != nil {
				return err
			}
		}
		statement := statements[string(set)]
		if statement == nil {
			statement, err = tx.PrepareContext(ctx, updateOf(tx, table, model, string(set)))
			if err != nil {
				return err
			}
			statements[string(set)] = statement
		}
		if err := updateOne(whole, statement, values); err != nil {
			return fmt.Errorf("update %s: %w", table, err)
		}
	}
	return nil
}

func updateOf(tx bun.Tx, table bun.Ident, model *schema.Table, set string) string {
	text := schema.NewQueryGen(tx.Dialect()).AppendQuery([]byte("UPDATE "), "?", table)
	text = append(append(text, " SET "...), strings.TrimSuffix(set, ", ")...)
	return string(text) + " WHERE " + strings.Join(names(model.PKs), " = ? AND ") + " = ?"
}

func updateOne(ctx context.Context, statement *sql.Stmt, values sqliteValues) error {
	result, err := statement.ExecContext(ctx, values...)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n != 1 {
		return errors.Join(err, errRowGone)
	}
	return nil
}

// same reports whether a column is surely unchanged. What rows refer to is never changed in place.
func same(a, b reflect.Value) bool {
	if a.Kind() == reflect.Slice {
		return a.Len() == b.Len() && a.UnsafePointer() == b.UnsafePointer()
	}
	return a.Comparable() && a.Equal(b)
}

// sqliteValues are a statement's arguments.
type sqliteValues []any

// Null appends no value.
func (v *sqliteValues) Null() { *v = append(*v, nil) }

// Int appends an integer.
func (v *sqliteValues) Int(n int64) { *v = append(*v, n) }

// Bool appends a truth, which is a number in SQLite.
func (v *sqliteValues) Bool(b bool) { *v = append(*v, b) }

// Text appends a text.
func (v *sqliteValues) Text(s string) { *v = append(*v, s) }
