package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"
)

// CopyFrom fills a table fast, in the transaction that InTx gave, and returns how many rows it wrote.
//
// next writes one row by calling the methods of r once per column, in the order of columns, and returns true; false ends the copy, an
// error breaks it off and makes the transaction fail. It is called from another goroutine while CopyFrom waits, and must not use tx.
//
// On PostgreSQL it is COPY … FROM STDIN in the binary format (https://www.postgresql.org/docs/15/sql-copy.html): the columns must have the
// types BIGINT, BOOLEAN, TEXT, BYTEA and DOUBLE PRECISION, each for the method of that kind. On SQLite it is a prepared INSERT,
// because that has no more than that. A row that is there already is an error on both.
func (db *DB) CopyFrom(ctx context.Context, tx bun.Tx, table string, columns []string, next func(r *Row) (more bool, err error)) (int64, error) {
	statement := db.insertOf(table, columns)
	var n int64
	var err error
	if db.kind == PostgreSQL {
		n, err = db.copyServer(ctx, tx, statement, len(columns), next)
	} else {
		n, err = db.copyFile(ctx, tx, statement, len(columns), next)
	}
	if err != nil {
		return 0, fmt.Errorf("copy into %s: %w", table, classify(ctx, err))
	}
	return n, nil
}

func (db *DB) insertOf(table string, columns []string) string {
	gen := schema.NewQueryGen(db.Write.Dialect())
	quoted := make([]string, len(columns))
	for i, c := range columns {
		quoted[i] = string(gen.AppendIdent(nil, c))
	}
	into := string(gen.AppendIdent(nil, table)) + " (" + strings.Join(quoted, ", ") + ")"
	if db.kind == PostgreSQL {
		return "COPY " + into + " FROM STDIN (FORMAT binary)"
	}
	return "INSERT INTO " + into + " VALUES (?" + strings.Repeat(", ?", len(columns)-1) + ")"
}

var errNoConn = errors.New("the transaction is none that InTx of this database has given and that still runs")

func (db *DB) copyServer(
	ctx context.Context, tx bun.Tx, statement string, width int, next func(*Row) (bool, error),
) (n int64, err error) {
	conn, err := db.connOf(tx)
	if err != nil {
		return 0, err
	}
	rows := &copyReader{row: Row{width: width}, next: next}
	rows.row.buf = append(rows.row.buf, copyHeader...)
	err = conn.Raw(func(driverConn any) error {
		std, ok := driverConn.(*stdlib.Conn)
		if !ok {
			return errNoConn
		}
		tag, err := std.Conn().PgConn().CopyFrom(ctx, rows, statement)
		n = tag.RowsAffected()
		return err
	})
	if err := rows.end(); err != nil {
		return 0, err // what the server says of it is only that the copy was broken off
	}
	return n, err
}

// copyFile talks to the driver itself: what database/sql does for each row takes as long as the row.
func (db *DB) copyFile(
	ctx context.Context, tx bun.Tx, statement string, width int, next func(*Row) (bool, error),
) (n int64, err error) {
	conn, err := db.connOf(tx)
	if err != nil {
		return 0, err
	}
	err = conn.Raw(func(driverConn any) error {
		c, ok := driverConn.(driver.ConnPrepareContext)
		if !ok {
			return errNoConn
		}
		stmt, err := c.PrepareContext(ctx, statement)
		if err != nil {
			return err
		}
		n, err = copyRows(ctx, stmt, width, next)
		return errors.Join(err, stmt.Close())
	})
	return n, err
}

func copyRows(ctx context.Context, stmt driver.Stmt, width int, next func(*Row) (bool, error)) (n int64, err error) {
	insert, ok := stmt.(driver.StmtExecContext)
	if !ok {
		return 0, errNoConn
	}
	row := Row{width: width, keep: true}
	whole := context.WithoutCancel(ctx) // the driver watches any other from a goroutine, one for each row
	for {
		if err := ctx.Err(); err != nil {
			return n, context.Cause(ctx)
		}
		row.begin()
		more, err := next(&row)
		if err == nil && more {
			err = row.complete()
		}
		if err != nil || !more {
			return n, err
		}
		if _, err := insert.ExecContext(whole, row.values); err != nil {
			return n, err
		}
		n++
	}
}

// connOf returns the connection that a transaction of InTx has.
func (db *DB) connOf(tx bun.Tx) (*sql.Conn, error) {
	found, ok := db.conns.Load(tx.Tx)
	conn, isConn := found.(*sql.Conn)
	if !ok || !isConn {
		return nil, errNoConn
	}
	return conn, nil
}

// Row is a row that CopyFrom writes. Its methods are called once per column, in the columns' order.
type Row struct {
	width  int // columns
	filled int
	keep   bool                // values are kept as they are, for SQLite
	values []driver.NamedValue // if keep
	buf    []byte              // if not keep: what the server has not got yet, in COPY's binary format
}

func (r *Row) hold(v driver.Value) {
	r.values = append(r.values, driver.NamedValue{Ordinal: len(r.values) + 1, Value: v})
}

// Null writes no value.
func (r *Row) Null() {
	if r.filled++; r.keep {
		r.hold(nil)
		return
	}
	r.buf = binary.BigEndian.AppendUint32(r.buf, math.MaxUint32) // -1
}

// Int writes an integer.
func (r *Row) Int(v int64) {
	if r.filled++; r.keep {
		r.hold(v)
		return
	}
	r.buf = binary.BigEndian.AppendUint32(r.buf, 8)
	r.buf = binary.BigEndian.AppendUint64(r.buf, uint64(v))
}

// Bool writes a truth, into a BOOLEAN or what SQLite has in its place.
func (r *Row) Bool(v bool) {
	n := byte(0)
	if v {
		n = 1
	}
	if r.keep {
		r.Int(int64(n))
		return
	}
	r.filled++
	r.buf = append(binary.BigEndian.AppendUint32(r.buf, 1), n)
}

// Float writes a number.
func (r *Row) Float(v float64) {
	if r.filled++; r.keep {
		r.hold(v)
		return
	}
	r.buf = binary.BigEndian.AppendUint32(r.buf, 8)
	r.buf = binary.BigEndian.AppendUint64(r.buf, math.Float64bits(v))
}

// Text writes a text. Where it is no UTF-8, or has a NUL, it writes U+FFFD, as statements do: PostgreSQL takes no other text.
func (r *Row) Text(v string) {
	v = legible(v)
	if r.filled++; r.keep {
		r.hold(v)
		return
	}
	r.buf = binary.BigEndian.AppendUint32(r.buf, uint32(len(v)))
	r.buf = append(r.buf, v...)
}

// Bytes writes a blob. It does not keep v.
func (r *Row) Bytes(v []byte) {
	if r.filled++; r.keep {
		r.hold(append([]byte{}, v...))
		return
	}
	r.buf = binary.BigEndian.AppendUint32(r.buf, uint32(len(v)))
	r.buf = append(r.buf, v...)
}

func (r *Row) begin() {
	r.filled, r.values = 0, r.values[:0]
	if !r.keep {
		r.buf = binary.BigEndian.AppendUint16(r.buf, uint16(r.width))
	}
}

func (r *Row) complete() error {
	if r.filled != r.width {
		return fmt.Errorf("a row has %d values for %d columns", r.filled, r.width)
	}
	return nil
}

// copyHeader is the signature, no flags, and no extension; copyTrailer is -1 in place of a row's number of columns.
const (
	copyHeader  = "PGCOPY\n\xff\r\n\x00" + "\x00\x00\x00\x00" + "\x00\x00\x00\x00"
	copyTrailer = "\xff\xff"
)

// copyReader hands rows to the driver in the pieces in which it asks for them. Where the connection is lost the driver's goroutine may
// still ask when the copy has failed.
type copyReader struct {
	mu   sync.Mutex // held while rows are asked for
	row  Row
	sent int // of row.buf
	next func(*Row) (bool, error)
	err  error // why there will be no more
	bad  error // what is wrong with the rows
}

// Read fills p as far as there are rows: small pieces would cost the server more than the rows themselves.
func (c *copyReader) Read(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.err == nil && len(c.row.buf)-c.sent < len(p) {
		if c.sent > 0 {
			c.row.buf = append(c.row.buf[:0], c.row.buf[c.sent:]...)
			c.sent = 0
		}
		c.fetch()
	}
	n := copy(p, c.row.buf[c.sent:])
	c.sent += n
	if c.sent == len(c.row.buf) && c.err != nil {
		return n, c.err
	}
	return n, nil
}

// end waits for who is asking, makes sure that nobody asks any more, and returns what was wrong with the rows.
func (c *copyReader) end() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil {
		c.err = io.ErrClosedPipe
	}
	return c.bad
}

// errBadRow is what the driver gets to see of what is wrong with the rows: io.EOF, whoever it came from, would end the copy well.
var errBadRow = errors.New("a row could not be made")

// fetch appends one row, or the trailer.
func (c *copyReader) fetch() {
	whole := len(c.row.buf)
	c.row.begin()
	more, err := c.next(&c.row)
	if err == nil && more {
		err = c.row.complete()
	}
	switch {
	case err != nil:
		c.bad, c.err = err, errBadRow
	case !more:
		c.row.buf = append(c.row.buf[:whole], copyTrailer...)
		c.err = io.EOF
	}
}
