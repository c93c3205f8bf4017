package database

import (
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/dialect/sqlitedialect"
)

// bun's dialects write the JSON of a NUL as other JSON, because PostgreSQL's type jsonb refuses it, and take the six characters of a
// text that merely looks like it for one, too: what is read back is not what was written. Our columns are texts, which take any JSON, so
// that these dialects write it as it is.
type (
	fileDialect   struct{ *sqlitedialect.Dialect }
	serverDialect struct{ *pgdialect.Dialect }
)

// AppendString writes an SQL text, as legible does. For one with a NUL bun would write what is no SQL.
func (d fileDialect) AppendString(b []byte, s string) []byte {
	return d.Dialect.AppendString(b, legible(s))
}

// AppendString writes an SQL text, as legible does. For one with a NUL bun would write what is no SQL.
func (d serverDialect) AppendString(b []byte, s string) []byte {
	return d.Dialect.AppendString(b, legible(s))
}

// AppendJSON writes JSON as an SQL text.
func (d fileDialect) AppendJSON(b, json []byte) []byte { return d.AppendString(b, string(json)) }

// AppendJSON writes JSON as an SQL text.
func (d serverDialect) AppendJSON(b, json []byte) []byte { return d.AppendString(b, string(json)) }
