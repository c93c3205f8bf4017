package database_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/database/databasetest"
)

// TestADatabaseThatCannotBeUsedIsNamedInOneSentence, and its password never is.
func TestADatabaseThatCannotBeUsedIsNamedInOneSentence(t *testing.T) {
	const password = "SENSITIVE"
	where := databasetest.Place(t, database.PostgreSQL)
	u, err := url.Parse(where)
	if err != nil {
		t.Fatal(err)
	}
	as := func(user string) string {
		return strings.Replace(where, "postgres@", user+":"+password+"@", 1)
	}
	latin := strings.Replace(where, u.Path, "/latin", 1)
	db := open(t, where)
	for _, sql := range []string{"DROP DATABASE IF EXISTS latin", "CREATE DATABASE latin ENCODING 'SQL_ASCII' TEMPLATE template0"} {
		if _, err := db.Write.ExecContext(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct{ where, want string }{
		"a wrong password":      {as(databasetest.Guarded), "password"},
		"an unknown user":       {as("nobody_knows"), "nobody_knows"},
		"an unknown database":   {strings.Replace(where, u.Path, "/nowhere", 1), "create it"},
		"nothing there":         {"postgres://x:" + password + "@127.0.0.1:1/db", "nothing answers"},
		"another encoding":      {latin, "UTF8"},
		"an older server":       {pretend(t, "140012", "UTF8", "f"), "version 15"},
		"a standby":             {pretend(t, "150012", "UTF8", "t"), "primary"},
		"no port":               {"postgres://x:" + password + "@127.0.0.1:many/db", "URL"},
		"no database":           {"postgres://x:" + password + "@/", "URL"},
		"an unknown ssl mode":   {as("postgres") + "&sslmode=perhaps", "sslmode"},
		"several schemas":       {as("postgres") + "&search_path=a,b", "exactly one schema"},
		"a URL of another kind": {"mysql://x:" + password + "@127.0.0.1/db", "postgres://"},
		"a bad escape":          {"postgres://x:" + password + "%zz@127.0.0.1/db", "postgres://"},
	} {
		t.Run(name, func(t *testing.T) {
			db, err := database.Open(t.Context(), c.where, noted())
			if err == nil {
				_ = db.Close()
				t.Fatal("it was opened")
			}
			text := err.Error()
			if !strings.Contains(text, c.want) || strings.Contains(text, password) || strings.Contains(text, "\n") {
				t.Errorf("%q, want one line with %q: %v", text, c.want, cause(err))
			}
			_, refused := errors.AsType[*database.ConnectError](err)
			if !refused && !errors.Is(err, database.ErrPlace) {
				t.Errorf("it has no type: %#v", err)
			}
		})
	}
}

// pretend answers on loopback as a server with these settings would, and returns its URL.
func pretend(t *testing.T, settings ...string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			running.Go(func() {
				defer func() { _ = conn.Close() }()
				pretendOn(conn, settings)
			})
		}
	})
	t.Cleanup(func() { _ = l.Close(); running.Wait() })
	return fmt.Sprintf("postgres://x@%s/db?sslmode=disable", l.Addr())
}

// pretendOn lets the client in and answers every query with one row.
func pretendOn(conn net.Conn, row []string) {
	b := pgproto3.NewBackend(conn, conn)
	if _, err := b.ReceiveStartupMessage(); err != nil {
		return
	}
	b.Send(&pgproto3.AuthenticationOk{})
	for name, value := range map[string]string{"standard_conforming_strings": "on", "client_encoding": "UTF8"} {
		b.Send(&pgproto3.ParameterStatus{Name: name, Value: value})
	}
	b.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
	for b.Flush() == nil {
		message, err := b.Receive()
		if err != nil {
			return
		}
		if _, asks := message.(*pgproto3.Query); !asks {
			continue
		}
		const int4, text, boolean = 23, 25, 16
		fields, values := &pgproto3.RowDescription{}, &pgproto3.DataRow{}
		for i, oid := range []uint32{int4, text, boolean} {
			fields.Fields = append(fields.Fields, pgproto3.FieldDescription{Name: []byte{'a' + byte(i)}, DataTypeOID: oid, DataTypeSize: -1})
			values.Values = append(values.Values, []byte(row[i]))
		}
		b.Send(fields)
		b.Send(values)
		b.Send(&pgproto3.CommandComplete{CommandTag: []byte("SELECT 1")})
		b.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
	}
}

// TestAServerThatDoesNotSpeakIsNotWaitedForWithoutEnd: something listens, and says nothing.
func TestAServerThatDoesNotSpeakIsNotWaitedForWithoutEnd(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	_, err = database.Open(t.Context(), fmt.Sprintf("postgres://x@%s/db?sslmode=disable&connect_timeout=1", l.Addr()), noted())
	if err == nil || !strings.Contains(err.Error(), "in time") || strings.Contains(err.Error(), "\n") {
		t.Error(err)
	}
}

func TestTheRightPasswordLetsIn(t *testing.T) {
	where := databasetest.Place(t, database.PostgreSQL)
	login := url.UserPassword(databasetest.Guarded, databasetest.GuardedPassword).String()
	db := open(t, strings.Replace(where, "postgres@", login+"@", 1))
	add(t, db, "kept")
	if db.Kind() != database.PostgreSQL || !strings.Contains(db.Name(), "127.0.0.1") || strings.Contains(db.Name(), databasetest.Guarded) {
		t.Errorf("%v %q", db.Kind(), db.Name())
	}
}

// TestSetsBesideEachOther share a database and see nothing of each other.
func TestSetsBesideEachOther(t *testing.T) {
	where := databasetest.Place(t, database.PostgreSQL)
	beside, err := database.Beside(where, "publisher")
	if err != nil {
		t.Fatal(err)
	}
	twice, err := database.Beside(beside, "also")
	if err != nil {
		t.Fatal(err)
	}
	for n, place := range []string{where, beside, twice} {
		db := open(t, place)
		for range n {
			add(t, db, "one more")
		}
	}
	for n, place := range []string{where, beside, twice} {
		db := open(t, place)
		if got := count(t.Context(), t, db.Read); got != n {
			t.Errorf("%s has %d rows, not %d", db.Name(), got, n)
		}
		var at string
		if err := db.Read.QueryRowContext(t.Context(), "SELECT current_schema()").Scan(&at); err != nil {
			t.Fatal(err)
		}
		if want := []string{"public", "publisher", "publisher_also"}[n]; at != want {
			t.Errorf("the tables are in %q, not %q", at, want)
		}
	}
	if _, err := database.Beside(filepath.Join(t.TempDir(), "engine.db"), "publisher"); !errors.Is(err, database.ErrPlace) {
		t.Errorf("a file has no schemas: %v", err)
	}
}

// TestSeveralMayStartAtOnce opens one new database from many sides: the tables are made once.
func TestSeveralMayStartAtOnce(t *testing.T) {
	where := databasetest.Place(t, database.PostgreSQL) + "&search_path=fresh"
	const sides = 6
	both := tables(map[string]string{notes: notesSQL, labels: labelsSQL})
	type opened struct {
		db  *database.DB
		err error
	}
	all := make(chan opened, sides)
	for range sides {
		go func() {
			db, err := database.Open(t.Context(), where, both)
			all <- opened{db, err}
		}()
	}
	applied := 0
	for range sides {
		o := <-all
		if o.err != nil {
			t.Error(o.err)
			continue
		}
		applied += len(o.db.Applied())
		if err := o.db.Close(); err != nil {
			t.Error(err)
		}
	}
	if applied != 2 {
		t.Errorf("2 migrations were applied %d times", applied)
	}
}

// TestAStartThatIsToldToStopDoesNotWaitForTheLock: another instance migrates for a long time.
func TestAStartThatIsToldToStopDoesNotWaitForTheLock(t *testing.T) {
	where := databasetest.Place(t, database.PostgreSQL)
	slow, release := tables(map[string]string{notes: notesSQL, labels: labelsSQL + " SELECT pg_sleep(60);"}), make(chan error)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		db, err := database.Open(ctx, where, slow)
		if err == nil {
			err = errors.Join(errors.New("it did not wait"), db.Close())
		} else {
			err = nil
		}
		release <- err
	}()
	watcher := open(t, where+"&search_path=watcher")
	awaitLock(t, watcher, true)
	waiting, giveUp := context.WithCancel(t.Context())
	done := make(chan error)
	go func() {
		_, err := database.Open(waiting, where, noted())
		done <- err
	}()
	awaitLock(t, watcher, false)
	giveUp()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	cancel()
	if err := <-release; err != nil {
		t.Error(err)
	}
}

// awaitLock waits until somebody holds an advisory lock on the database, or waits for one.
func awaitLock(t *testing.T, db *database.DB, granted bool) {
	t.Helper()
	for until := time.Now().Add(30 * time.Second); time.Now().Before(until); {
		var n int
		if err := db.Read.QueryRowContext(t.Context(), `SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted = ?
			AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`, granted).Scan(&n); err != nil {
			t.Fatal(err)
		}
		if n > 0 {
			return
		}
	}
	t.Fatal("nobody came for the lock")
}

// TestTheClockIsTheDatabases and goes on within a transaction.
func TestTheClockIsTheDatabases(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB) {
		err := db.InTx(t.Context(), func(ctx context.Context, tx bun.Tx) error {
			begin := time.Now().Add(-time.Millisecond)
			first, err := db.Now(ctx, tx)
			if err != nil {
				return err
			}
			for later := first; later.Equal(first); {
				if later, err = db.Now(ctx, tx); err != nil || later.Before(first) {
					return fmt.Errorf("%v after %v: %w", later, first, err)
				}
			}
			if first.Before(begin) || first.After(time.Now()) || first.Location() != time.UTC || first.Nanosecond()%1000 != 0 {
				t.Errorf("it says %v at %v", first, begin)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// cause is what the driver said.
func cause(err error) error {
	refused, _ := errors.AsType[*database.ConnectError](err)
	if refused == nil {
		return nil
	}
	return refused.Err
}
