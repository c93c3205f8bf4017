package projections

import (
	"reflect"
	"slices"
	"strings"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"
)

// keys names rows by what they have in some columns.
type keys struct {
	columns string // "(a, b)"
	values  [][]any
}

// idKeys names rows by one column. Ids may come in any order and more than once.
func idKeys(column string, ids []string) keys {
	k := keys{columns: column}
	for _, id := range slices.Compact(slices.Sorted(slices.Values(ids))) {
		k.add(id)
	}
	return k
}

// keysOf names rows by their primary keys.
func keysOf[R any](tx bun.Tx, rows []R) (k keys) {
	if len(rows) == 0 {
		return k
	}
	fields := tx.Dialect().Tables().Get(reflect.Indirect(reflect.ValueOf(rows[0])).Type()).PKs
	k.columns = strings.Join(names(fields), ", ")
	if len(fields) > 1 {
		k.columns = "(" + k.columns + ")"
	}
	for _, r := range rows {
		values := make([]any, len(fields))
		for i, f := range fields {
			values[i] = reflect.Indirect(reflect.ValueOf(r)).FieldByIndex(f.Index).Interface()
		}
		k.add(values...)
	}
	return k
}

// add names one more row.
func (k *keys) add(values ...any) { k.values = append(k.values, values) }

// conditions find the rows, as many with each as a statement takes.
func (k keys) conditions() []condition {
	var list []condition
	for chunk := range slices.Chunk(k.values, rowsPerStatement) {
		list = append(list, condition{k.columns, chunk})
	}
	return list
}

// condition is an SQL condition: a IN ('x', 'y'), or (a, b) IN (VALUES ('x', 1), ('y', 2)). Both databases take these.
type condition struct {
	columns string
	values  [][]any
}

// AppendQuery writes the condition, its values quoted by the dialect.
func (c condition) AppendQuery(gen schema.QueryGen, b []byte) ([]byte, error) {
	single := len(c.values[0]) == 1
	b = append(b, c.columns...)
	b = append(b, " IN ("...)
	if !single {
		b = append(b, "VALUES "...)
	}
	for i, row := range c.values {
		if i > 0 {
			b = append(b, ", "...)
		}
		if single {
			b = gen.AppendValue(b, reflect.ValueOf(row[0]))
			continue
		}
		var err error
		if b, err = bun.Tuple(row).AppendQuery(gen, b); err != nil {
			return nil, err
		}
	}
	return append(b, ')'), nil
}
