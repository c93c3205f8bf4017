package database_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/database/databasetest"
)

// wire is a connection to a server that breaks when the client commits: before the server hears of it, or before its answer comes back.
type wire struct {
	server string
	answer bool // the server gets to hear of it

	mu    sync.Mutex
	armed bool
	cut   int
}

// arm makes the next commit break the wire.
func (w *wire) arm() { w.mu.Lock(); w.armed = true; w.mu.Unlock() }

// cuts is how often the wire broke.
func (w *wire) cuts() int { w.mu.Lock(); defer w.mu.Unlock(); return w.cut }

// strikes reports whether the message is the commit that breaks the wire.
func (w *wire) strikes(message []byte) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.armed || !bytes.Contains(message, []byte("commit\x00")) {
		return false
	}
	w.armed = false
	w.cut++
	return true
}

// run serves connections until the listener is closed, and waits for all of them.
func (w *wire) run(l net.Listener) {
	var all sync.WaitGroup
	defer all.Wait()
	for {
		client, err := l.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", w.server)
		if err != nil {
			_ = client.Close()
			return
		}
		hang := sync.OnceFunc(func() { _ = client.Close(); _ = server.Close() })
		silent := make(chan struct{})
		all.Go(func() { defer hang(); w.forth(client, server, silent) })
		all.Go(func() { defer hang(); w.back(server, client, silent) })
	}
}

// forth carries what the client says. Messages are small and come one at a time: each read is one of them.
func (w *wire) forth(client io.Reader, server io.Writer, silent chan struct{}) {
	buf := make([]byte, 1<<16)
	for {
		n, err := client.Read(buf)
		if err != nil {
			return
		}
		if w.strikes(buf[:n]) {
			close(silent)
			if w.answer {
				_, _ = server.Write(buf[:n])
			}
			return
		}
		if _, err := server.Write(buf[:n]); err != nil {
			return
		}
	}
}

// back carries what the server answers, until it is to be silent.
func (w *wire) back(server io.Reader, client io.Writer, silent chan struct{}) {
	buf := make([]byte, 1<<16)
	for {
		n, err := server.Read(buf)
		if err != nil {
			return
		}
		select {
		case <-silent:
			return
		default:
		}
		if _, err := client.Write(buf[:n]); err != nil {
			return
		}
	}
}

// TestALostCommitIsInDoubt breaks the connection in the middle of a commit, once on each side of it: the error is the same, and what has
// happened is not.
func TestALostCommitIsInDoubt(t *testing.T) {
	for name, heard := range map[string]bool{"the server has heard": true, "the server has not heard": false} {
		t.Run(name, func(t *testing.T) {
			where := databasetest.Place(t, database.PostgreSQL)
			direct := open(t, where)
			host, _, _ := strings.Cut(strings.TrimPrefix(where, "postgres://postgres@"), "/")
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			w := &wire{server: host, answer: heard}
			var running sync.WaitGroup
			running.Go(func() { w.run(l) })
			t.Cleanup(func() { _ = l.Close(); running.Wait() })
			db := open(t, strings.Replace(where, host, l.Addr().String(), 1))
			runs := 0
			w.arm()
			err = db.InTx(t.Context(), func(ctx context.Context, tx bun.Tx) error {
				runs++
				_, err := tx.ExecContext(ctx, "INSERT INTO notes (text) VALUES ('?')")
				return err
			})
			if !errors.Is(err, database.ErrInDoubt) || !errors.Is(err, database.ErrUnavailable) || runs != 1 || w.cuts() != 1 {
				t.Errorf("%v, after %d runs and %d cuts", err, runs, w.cuts())
			}
			// The server may still be at it: whoever asks for the same row waits for it.
			if _, err := direct.Write.ExecContext(t.Context(), "LOCK TABLE notes IN SHARE MODE; SELECT 1"); err != nil {
				t.Fatal(err)
			}
			if n := count(t.Context(), t, direct.Read); (n == 1) != heard {
				t.Errorf("%d rows", n)
			}
			add(t, db, "the pool has healed")
		})
	}
}
