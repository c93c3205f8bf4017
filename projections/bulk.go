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
	next, documents := 0, map[any]string{}
	_, err := w.db.CopyFrom(ctx, w.tx, string(table), names(fields), func(r *database.Row) (bool, error) {
		if next == len(rows) {
			return false, nil
		}
		row := reflect.Indirect(reflect.ValueOf(rows[next]))
		next++
		for _, f := range fields {
			if err := copyValue(r, f, row.FieldByIndex(f.Index), documents); err != nil {
				return false, err
			}
		}
		return true, nil
	})
	return err
}

// fewDocuments bounds how many documents are remembered: such as the policies of branches, which many rows repeat.
const fewDocuments = 1000

func copyValue(r *database.Row, f *schema.Field, v reflect.Value, documents map[any]string) error {
	if f.NullZero && v.IsZero() {
		r.Null()
		return nil
	}
	if f.UserSQLType == "json" {
		return copyDocument(r, v, documents)
	}
	switch v.Kind() { //nolint:exhaustive // what no row has is refused
	case reflect.String:
		r.Text(v.String())
	case reflect.Bool:
		r.Bool(v.Bool())
	case reflect.Int, reflect.Int64:
		r.Int(v.Int())
	case reflect.Uint64:
		r.Int(int64(v.Uint()))
	default:
		return fmt.Errorf("no column for %s of type %s", f.GoName, v.Type())
	}
	return nil
}

func copyDocument(r *database.Row, v reflect.Value, documents map[any]string) error {
	value, repeats := v.Interface(), v.Kind() == reflect.Struct && v.Comparable()
	if repeats {
		if text, ok := documents[value]; ok {
			r.Text(text)
			return nil
		}
	}
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if repeats && len(documents) < fewDocuments {
		documents[value] = string(text)
	}
	r.Text(string(text))
	return nil
}
