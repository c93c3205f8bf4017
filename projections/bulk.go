package projections

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"github.com/royalglow/booking/internal/database"
)

// copyIn writes many rows that the table lacks, in the database's fastest way. What it writes is what a statement of bun's would
// write.
func copyIn[R any](ctx context.Context, w writer, table bun.Ident, rows []R) error {
	if len(rows) == 0 {
		return nil
	}
	fields := w.tx.Dialect().Tables().Get(reflect.Indirect(reflect.ValueOf(rows[0])).Type()).Fields
	next, documents := 0, documents{}
	_, err := w.db.CopyFrom(ctx, w.tx, string(table), names(fields), func(r *database.Row) (bool, error) {
		if next == len(rows) {
			return false, nil
		}
		row := reflect.Indirect(reflect.ValueOf(rows[next]))
		next++
		for _, f := range fields {
			if err := writeValue(r, f, row.FieldByIndex(f.Index), documents); err != nil {
				return false, err
			}
		}
		return true, nil
	})
	return err
}

// documents are the JSON texts of values that many rows repeat, such as the policies of branches.
type documents map[any]string

// fewDocuments bounds how many are remembered.
const fewDocuments = 1000

// columns take a row's values in turn.
type columns interface {
	Null()
	Int(v int64)
	Bool(v bool)
	Text(v string)
}

func writeValue(c columns, f *schema.Field, v reflect.Value, known documents) error {
	if f.NullZero && v.IsZero() {
		c.Null()
		return nil
	}
	if f.UserSQLType == "json" {
		return known.write(c, v)
	}
	switch v.Kind() { //nolint:exhaustive // what no row has is refused
	case reflect.String:
		c.Text(v.String())
	case reflect.Bool:
		c.Bool(v.Bool())
	case reflect.Int, reflect.Int64:
		c.Int(v.Int())
	case reflect.Uint64:
		c.Int(int64(v.Uint()))
	default:
		return fmt.Errorf("no column for %s of type %s", f.GoName, v.Type())
	}
	return nil
}

func (d documents) write(c columns, v reflect.Value) error {
	value, repeats := v.Interface(), v.Kind() == reflect.Struct && v.Comparable()
	if repeats {
		if text, ok := d[value]; ok {
			c.Text(text)
			return nil
		}
	}
	text, err := document(value)
	if err != nil {
		return err
	}
	if repeats && len(d) < fewDocuments {
		d[value] = text
	}
	c.Text(text)
	return nil
}

// document is a value's JSON.
func document(value any) (string, error) {
	if a, ok := value.(appender); ok {
		return string(a.appendJSON(nil)), nil
	}
	text, err := json.Marshal(value)
	return string(text), err
}
