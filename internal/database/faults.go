package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// What a transaction can fail with beside its own reasons. Every one of them may be tried again.
var (
	// ErrFull says that there was no room on the disk for what was to be written; nothing of it was.
	ErrFull = errors.New("the disk is full")
	// ErrUnavailable says that the database was not reached, or was lost on the way. The pool connects again by itself.
	ErrUnavailable = errors.New("the database is not available")
	// ErrInDoubt says that the database was lost while it committed: all of it has happened, or nothing. It comes with
	// ErrUnavailable. Only the rows themselves can tell; whoever tries again must look first.
	ErrInDoubt = errors.New("whether the transaction was committed is not known")
)

// PostgreSQL's error codes (https://www.postgresql.org/docs/15/errcodes-appendix.html).
const (
	codeSerialization = "40001"
	codeDeadlock      = "40P01"
	codeDiskFull      = "53100"
	codeTooMany       = "53300" // connections
	classConnection   = "08"
	classIntervention = "57P"   // the server shuts down, has crashed, starts, or its operator ended the session
	classData         = "22"    // a value that the column's type does not have
	classIntegrity    = "23"    // a row that the table does not take
	classLimit        = "54"    // such as a key that is too long for an index
	codeSyntax        = "42601" // bun writes none where a value cannot be written
	codeIdle          = "25P03" // the transaction stood still for too long
	codeNoPassword    = "28000"
	codePassword      = "28P01"
	codeNoDatabase    = "3D000"
)

// IsUnavailable reports whether an error of any query means that the database was not reached, or was lost on the way. Those of InTx
// and Snapshot are ErrUnavailable then.
func IsUnavailable(err error) bool {
	return errors.Is(err, ErrUnavailable) || isLostServer(err)
}

// IsRefused reports whether an error means that the database does not take what was to be written, and never will: a value that it
// does not have, or a row that the table does not take.
func IsRefused(err error) bool {
	if _, unspeakable := errors.AsType[*json.MarshalerError](err); unspeakable {
		return true
	}
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		switch primaryCode(err) {
		case sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_RANGE:
			return true
		case sqlite3.SQLITE_ERROR:
			return strings.Contains(e.Error(), "syntax error") || strings.Contains(e.Error(), "unrecognized token")
		}
		return false
	}
	code := serverCode(err)
	return code == codeSyntax || len(code) == 5 && slices.Contains([]string{classData, classIntegrity, classLimit}, code[:2])
}

// classify adds ErrFull or ErrUnavailable to an error that means it.
func classify(ctx context.Context, err error) error {
	switch {
	case err == nil, errors.Is(err, ErrFull), errors.Is(err, ErrUnavailable):
		return err
	case isFull(err):
		return fmt.Errorf("%w: %w", ErrFull, err)
	case isLost(ctx, err):
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return err
}

// primaryCode returns SQLite's primary result code, zero for errors that are not SQLite's. The extended ones carry it in the low byte.
func primaryCode(err error) int {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code() & 0xff
	}
	return 0
}

// serverCode returns PostgreSQL's error code, empty for errors that are not PostgreSQL's.
func serverCode(err error) string {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code
	}
	return ""
}

func isFull(err error) bool {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		// The second is said where the file that connections share cannot grow.
		return primaryCode(err) == sqlite3.SQLITE_FULL || e.Code() == sqlite3.SQLITE_IOERR_SHMSIZE
	}
	return serverCode(err) == codeDiskFull
}

// isConflict reports whether a transaction came into another's way and was undone, so that it may simply be done again.
func isConflict(err error) bool {
	code := serverCode(err)
	return primaryCode(err) == sqlite3.SQLITE_BUSY || code == codeSerialization || code == codeDeadlock
}

// isLost reports whether there is no connection to the server, or no longer. That a caller has given up is not that.
func isLost(ctx context.Context, err error) bool {
	if ctx.Err() != nil {
		return false
	}
	_, network := errors.AsType[*net.OpError](err)
	return network || isLostServer(err) || isOne(err, io.EOF, net.ErrClosed)
}

// isLostServer is isLost for errors that may be somebody else's: it knows only those that a database's connection has.
func isLostServer(err error) bool {
	if code := serverCode(err); code != "" {
		return code == codeTooMany || code == codeIdle || strings.HasPrefix(code, classConnection) || strings.HasPrefix(code, classIntervention)
	}
	_, refused := errors.AsType[*pgconn.ConnectError](err)
	return refused || isOne(err, driver.ErrBadConn, sql.ErrConnDone, pgconn.ErrConnClosed, io.ErrUnexpectedEOF)
}

func isOne(err error, those ...error) bool {
	return slices.ContainsFunc(those, func(one error) bool { return errors.Is(err, one) })
}

// ConnectError says why a database cannot be opened, in one sentence without the password.
type ConnectError struct {
	Name   string // host and database; empty when the URL does not even tell that
	Reason string // what to change
	Err    error  // nil when the URL was refused before anything was tried
}

// Error tells the operator what to change.
func (e *ConnectError) Error() string {
	if e.Name == "" {
		return "the database's URL cannot be used: " + e.Reason
	}
	return fmt.Sprintf("the database at %s cannot be used: %s", e.Name, e.Reason)
}

// Unwrap returns what the driver said.
func (e *ConnectError) Unwrap() error { return e.Err }

// connectError makes one sentence of what the driver says when the first connection fails: it writes a paragraph.
func connectError(name, user string, err error) error {
	e := &ConnectError{Name: name, Err: err}
	refused, said := errors.AsType[*pgconn.PgError](err)
	op, network := errors.AsType[*net.OpError](err)
	switch {
	case said && (refused.Code == codePassword || refused.Code == codeNoPassword):
		e.Reason = fmt.Sprintf("it does not let user %q in with the password given", user)
	case said && refused.Code == codeNoDatabase:
		e.Reason = "there is no such database: create it"
	case said:
		e.Reason = oneLine(refused.Message)
	case network:
		e.Reason = fmt.Sprintf("nothing answers there (%s)", oneLine(op.Err.Error()))
	case errors.Is(err, context.DeadlineExceeded):
		e.Reason = "it does not answer in time"
	default:
		e.Reason = "it cannot be reached, or does not speak PostgreSQL's protocol as the URL asks (host, port, sslmode)"
	}
	return e
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
