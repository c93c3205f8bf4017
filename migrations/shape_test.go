package migrations_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/uptrace/bun"
)

// column is a column, or a place in a key or index, as the catalogues tell of it.
type column struct {
	Table, Name, Type string
	Missing           bool  // may have no value
	Key               int64 // place in the primary key, from 1; 0: not in it
}

// index is an index beside the primary key.
type index struct{ Table, Name, Columns, SQL string }

// read fills rows with what a query gives.
func read(ctx context.Context, t *testing.T, tx bun.IDB, rows any, query string) {
	t.Helper()
	if err := tx.NewRaw(query).Scan(ctx, rows); err != nil {
		t.Fatal(err)
	}
}

// assemble makes tables of their parts. A column of the primary key always has a value.
func assemble(columns []column, indexes []index) map[string]table {
	all := map[string]table{}
	slices.SortStableFunc(columns, func(a, b column) int { return int(a.Key - b.Key) })
	for _, c := range columns {
		t := all[c.Table]
		text := c.Name + " " + c.Type
		if c.Missing && c.Key == 0 {
			text += " or none"
		}
		t.Columns = append(t.Columns, text)
		if c.Key > 0 {
			t.Key = append(t.Key, c.Name)
		}
		all[c.Table] = t
	}
	for name, t := range all {
		slices.Sort(t.Columns)
		for _, i := range indexes {
			if i.Table == name {
				t.Indexes = append(t.Indexes, describe(i))
			}
		}
		slices.Sort(t.Indexes)
		all[name] = t
	}
	return all
}

// describe tells an index by its name and columns, whether it is unique, and which rows it leaves out.
func describe(i index) string {
	text := i.Name + " (" + i.Columns + ")"
	if strings.HasPrefix(i.SQL, "CREATE UNIQUE") {
		text += " unique"
	}
	if _, where, partial := strings.Cut(i.SQL, " WHERE "); partial {
		// PostgreSQL writes parentheses and casts.
		text += " where " + strings.NewReplacer("(", "", ")", "", "::text", "").Replace(where)
	}
	return text
}

func fileShape(ctx context.Context, t *testing.T, tx bun.IDB) map[string]table {
	t.Helper()
	var columns []column
	read(ctx, t, tx, &columns, `SELECT m.name AS "table", c.name, CASE c.type
			WHEN 'BIGINT' THEN 'integer' WHEN 'INTEGER' THEN 'integer' WHEN 'TEXT' THEN 'text' WHEN 'BLOB' THEN 'bytes'
			WHEN 'REAL' THEN 'number' ELSE c.type END AS type, NOT c."notnull" AS missing, c.pk AS key
		FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' ORDER BY m.name, c.cid`)
	var indexes []index
	read(ctx, t, tx, &indexes, `SELECT m.tbl_name AS "table", m.name, m.sql,
			(SELECT group_concat(i.name) FROM (SELECT name FROM pragma_index_info(m.name) ORDER BY seqno) i) AS columns
		FROM sqlite_master m WHERE m.type = 'index' AND m.sql IS NOT NULL`)
	return assemble(columns, indexes)
}

func serverShape(ctx context.Context, t *testing.T, tx bun.IDB) map[string]table {
	t.Helper()
	var columns []column
	read(ctx, t, tx, &columns, `SELECT c.relname AS "table", a.attname AS name,
			CASE format_type(a.atttypid, a.atttypmod) WHEN 'bigint' THEN 'integer' WHEN 'bytea' THEN 'bytes' WHEN 'double precision'
			THEN 'number' WHEN 'text' THEN CASE l.collname WHEN 'C' THEN 'text' ELSE 'text collate ' || l.collname END
			ELSE format_type(a.atttypid, a.atttypmod) END AS type, NOT a.attnotnull AS missing,
			coalesce(array_position(k.conkey, a.attnum), 0) AS key
		FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
		LEFT JOIN pg_collation l ON l.oid = a.attcollation
		LEFT JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'p'
		WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace ORDER BY c.relname, a.attnum`)
	var indexes []index
	read(ctx, t, tx, &indexes, `SELECT c.relname AS "table", i.relname AS name, pg_get_indexdef(x.indexrelid) AS sql,
			(SELECT string_agg(a.attname, ',' ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = i.oid) AS columns
		FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
		WHERE NOT x.indisprimary AND c.relnamespace = 'public'::regnamespace`)
	return assemble(columns, indexes)
}
