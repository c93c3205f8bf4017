package projections

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"

	"github.com/uptrace/bun"
)

// DriftKind says how a row is not what the log makes of it.
type DriftKind string

// The kinds of drift.
const (
	DriftMissing DriftKind = "missing" // the log makes a row that is not there
	DriftExtra   DriftKind = "extra"   // there is a row that the log does not make
	DriftDiffers DriftKind = "differs" // some columns have other values
)

// Drift is a row that is not what the log makes of it. It tells no values but those of the key, which are ids and times.
type Drift struct {
	Stream string    `json:"stream"` // whose row it is
	Table  string    `json:"table"`  // without version and generation
	Kind   DriftKind `json:"kind"`
	// Key is the row's primary key by column; times are nanoseconds since 1970 UTC.
	Key map[string]string `json:"key"`
	// Columns are those that differ.
	Columns []string `json:"columns,omitempty"`
}

// unitTable is what a table has of a unit: rows by the canonical form of their key.
type unitTable struct {
	part    string
	columns []string
	keyed   []int // which of the columns are the key
	rows    map[string][]any
}

// load reads a unit's rows.
func (u unit) load(ctx context.Context, tx bun.IDB, m model, s spec) (tables []unitTable, err error) {
	described := map[string]reflect.Type{}
	for _, t := range m.tables() {
		described[t.part] = t.row
	}
	for _, r := range u.rows {
		t := newUnitTable(tx, r.part, described[r.part])
		for _, c := range r.keys.conditions() {
			q := tx.NewSelect().TableExpr("?", r.table(s)).Where("?", c)
			for _, column := range t.columns {
				q = q.ColumnExpr("?", bun.Ident(column))
			}
			if err := t.scan(ctx, q); err != nil {
				return nil, fmt.Errorf("read %s: %w", s.named(r.part), err)
			}
		}
		tables = append(tables, t)
	}
	return tables, nil
}

func newUnitTable(tx bun.IDB, part string, row reflect.Type) unitTable {
	described := tx.Dialect().Tables().Get(row)
	t := unitTable{part: part, columns: names(described.Fields), rows: map[string][]any{}}
	for _, f := range described.PKs {
		t.keyed = append(t.keyed, slices.Index(t.columns, f.Name))
	}
	return t
}

func (t unitTable) scan(ctx context.Context, q *bun.SelectQuery) error {
	rows, err := q.Rows(ctx)
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // the error of the iteration is checked
	for rows.Next() {
		values, targets := make([]any, len(t.columns)), make([]any, len(t.columns))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := rows.Scan(targets...); err != nil {
			return err
		}
		t.rows[t.key(values)] = values
	}
	return rows.Err()
}

func (t unitTable) key(values []any) string {
	var b []byte
	for _, i := range t.keyed {
		b = appendCanonical(b, values[i])
	}
	return string(b)
}

// drifts tells where the rows that are there (is) are not those that should be (want), ordered by table and key.
func drifts(stream string, is, want []unitTable) (found []Drift) {
	for i, t := range want {
		have := is[i].rows
		keys := maps.Clone(t.rows)
		maps.Copy(keys, have)
		for _, k := range slices.Sorted(maps.Keys(keys)) {
			d := Drift{Stream: stream, Table: t.part, Key: t.named(keys[k])}
			old, there := have[k]
			row, wanted := t.rows[k]
			switch {
			case !there:
				d.Kind = DriftMissing
			case !wanted:
				d.Kind = DriftExtra
			default:
				d.Kind, d.Columns = DriftDiffers, t.differing(old, row)
				if len(d.Columns) == 0 {
					continue
				}
			}
			found = append(found, d)
		}
	}
	return found
}

func (t unitTable) differing(a, b []any) (columns []string) {
	for i, name := range t.columns {
		if !bytes.Equal(appendCanonical(nil, a[i]), appendCanonical(nil, b[i])) {
			columns = append(columns, name)
		}
	}
	return columns
}

func (t unitTable) named(values []any) map[string]string {
	key := map[string]string{}
	for _, i := range t.keyed {
		switch v := values[i].(type) {
		case int64:
			key[t.columns[i]] = strconv.FormatInt(v, 10)
		case []byte:
			key[t.columns[i]] = string(v)
		default:
			key[t.columns[i]] = fmt.Sprint(v)
		}
	}
	return key
}
