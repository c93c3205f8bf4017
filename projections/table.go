package projections

import (
	"context"
	"fmt"
	"reflect"
	"strings"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect"
	"github.com/uptrace/bun/schema"
)

// table is one of a read model's tables. Its columns, and the primary key in its order, are those of the row's struct.
type table struct {
	part    string // the name without version and generation
	row     reflect.Type
	indexes []index
	// clustered keeps the rows in the order of the key, where the database can. That suits rows that are short.
	clustered bool
	// appended says that rows are never changed, nor looked for by key while the table is filled.
	appended bool
}

// index is one more way to find rows.
type index struct {
	name    string // within the table
	columns string
	where   string // only these rows; empty: all
	unique  bool
}

// rowOf names the struct of a table's rows.
func rowOf[R any]() reflect.Type { return reflect.TypeFor[R]() }

// create makes the table, empty, and the indexes without which it cannot be filled.
func (t table) create(ctx context.Context, tx bun.Tx, s spec) error {
	lite := tx.Dialect().Name() == dialect.SQLite
	var columns []string
	described := tx.Dialect().Tables().Get(t.row)
	for _, f := range described.Fields {
		column := f.Name + " " + columnType(f, lite)
		if !f.NullZero {
			column += " NOT NULL"
		}
		columns = append(columns, column)
	}
	var options string
	if lite {
		options = " STRICT"
		if t.clustered {
			options = " STRICT, WITHOUT ROWID"
		}
	}
	if !t.appended {
		columns = append(columns, "PRIMARY KEY ("+strings.Join(names(described.PKs), ", ")+")")
	}
	_, err := tx.ExecContext(ctx, "CREATE TABLE "+s.named(t.part)+" (\n\t"+strings.Join(columns, ",\n\t")+"\n)"+options)
	if err != nil {
		return wrapTable(err, "create", s.named(t.part))
	}
	return t.perform(ctx, tx, s, t.indexing(tx.Dialect(), s, index.isSmall)...)
}

// names lists the columns of fields, in their order.
func names(fields []*schema.Field) []string {
	list := make([]string, len(fields))
	for i, f := range fields {
		list[i] = f.Name
	}
	return list
}

// index makes what the table is queried by; in a table that is full that takes less time than keeping it up to date.
func (t table) index(ctx context.Context, tx bun.Tx, s spec) error {
	return t.perform(ctx, tx, s, t.indexing(tx.Dialect(), s, index.isAny)...)
}

// isSmall reports whether few rows are in the index: to keep it up to date is less than to read the full table for it.
func (i index) isSmall() bool { return i.where != "" }

// isAny picks all.
func (index) isAny() bool { return true }

// indexing returns the statements that make the indexes which are picked. Whatever is there already they leave as it is.
func (t table) indexing(d schema.Dialect, s spec, picks func(index) bool) (statements []string) {
	all := t.indexes
	if t.appended {
		key := strings.Join(names(d.Tables().Get(t.row).PKs), ", ")
		all = append([]index{{name: "key", columns: key, unique: true}}, all...)
	}
	for _, i := range all {
		if picks(i) {
			statements = append(statements, i.statement(s.named(t.part)))
		}
	}
	return statements
}

func (i index) statement(table string) string {
	create, where := "CREATE INDEX", ""
	if i.unique {
		create = "CREATE UNIQUE INDEX"
	}
	if i.where != "" {
		where = " WHERE " + i.where
	}
	return create + " IF NOT EXISTS " + table + "_" + i.name + " ON " + table + " (" + i.columns + ")" + where
}

func (t table) perform(ctx context.Context, tx bun.Tx, s spec, statements ...string) error {
	for _, statement := range statements {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return wrapTable(err, "index", s.named(t.part))
		}
	}
	return nil
}

// count lets PostgreSQL count what a table holds that was just filled. It would do so by itself, but a minute later, and read and sort far
// too much until then. SQLite's plans do not depend on it.
func (t table) count(ctx context.Context, tx bun.Tx, s spec) error {
	if tx.Dialect().Name() == dialect.SQLite {
		return nil
	}
	_, err := tx.ExecContext(ctx, "ANALYZE "+s.named(t.part))
	return wrapTable(err, "count", s.named(t.part))
}

// drop removes the table, if it is there.
func (t table) drop(ctx context.Context, tx bun.Tx, s spec) error {
	_, err := tx.ExecContext(ctx, "DROP TABLE IF EXISTS "+s.named(t.part))
	return wrapTable(err, "drop", s.named(t.part))
}

func wrapTable(err error, what, name string) error {
	if err != nil {
		return fmt.Errorf("%s table %s: %w", what, name, err)
	}
	return nil
}

// columnType returns a type that holds the same, orders the same and reads back the same in both databases. Text is ordered by
// its bytes; JSON is kept as the text that was written, because an equal document that is spelled otherwise hashes otherwise.
func columnType(f *schema.Field, lite bool) string {
	text, integer, truth := `TEXT COLLATE "C"`, "BIGINT", "BOOLEAN"
	if lite {
		text, integer, truth = "TEXT", "INTEGER", "INTEGER"
	}
	if f.UserSQLType == "json" {
		return text
	}
	switch f.IndirectType.Kind() { //nolint:exhaustive // what no row has is refused
	case reflect.String:
		return text
	case reflect.Bool:
		return truth
	case reflect.Int, reflect.Int64, reflect.Uint64:
		return integer
	}
	panic(fmt.Sprintf("no column for %s of type %s", f.GoName, f.IndirectType))
}
