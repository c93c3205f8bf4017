package databasetest

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
)

// Cut stands before a PostgreSQL server and breaks the connection in the middle of a commit: nobody learns what became of it.
type Cut struct {
	server string
	opts   CutOptions

	mu    sync.Mutex
	armed bool
	cuts  int
}

// CutOptions say which commit.
type CutOptions struct {
	// Unheard breaks the connection before the server hears of the commit, and not before its answer comes back.
	Unheard bool
	// After is a part of a statement that the connection must have carried before; empty: any commit will do.
	After string
}

// BeforeServer puts a Cut before the server of a database (see Place), and returns where the database is to be found behind it. It
// serves until the test ends.
func BeforeServer(tb testing.TB, where string, opts CutOptions) (c *Cut, behind string) {
	tb.Helper()
	place, err := url.Parse(where)
	if err != nil {
		tb.Fatal(err)
	}
	l, err := new(net.ListenConfig).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	c = &Cut{server: place.Host, opts: opts}
	var running sync.WaitGroup
	ctx := context.WithoutCancel(tb.Context()) // which ends before what the test has to clean up
	running.Go(func() { c.run(ctx, l) })
	tb.Cleanup(func() { _ = l.Close(); running.Wait() })
	place.Host = l.Addr().String()
	return c, place.String()
}

// Arm makes the next commit break the connection.
func (c *Cut) Arm() { c.mu.Lock(); c.armed = true; c.mu.Unlock() }

// Cuts is how often one did.
func (c *Cut) Cuts() int { c.mu.Lock(); defer c.mu.Unlock(); return c.cuts }

func (c *Cut) strikes() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.armed {
		return false
	}
	c.armed = false
	c.cuts++
	return true
}

// run serves connections until the listener is closed, and waits for all of them.
func (c *Cut) run(ctx context.Context, l net.Listener) {
	var all sync.WaitGroup
	defer all.Wait()
	for {
		client, err := l.Accept()
		if err != nil {
			return
		}
		server, err := new(net.Dialer).DialContext(ctx, "tcp", c.server)
		if err != nil {
			_ = client.Close()
			return
		}
		hang := sync.OnceFunc(func() { _ = client.Close(); _ = server.Close() })
		silent := make(chan struct{})
		all.Go(func() {
			if !c.forth(client, server, silent) {
				hang() // else when the server has answered, so that what is then asked for finds it done
			}
		})
		all.Go(func() { defer hang(); back(server, client, silent) })
	}
}

// forth carries what the client says, and reports whether an answer is still to come that nobody hears. Messages are small and come
// one at a time: each read is one of them.
func (c *Cut) forth(client io.Reader, server io.Writer, silent chan struct{}) (answered bool) {
	buf, after := make([]byte, 1<<16), c.opts.After == ""
	for {
		n, err := client.Read(buf)
		if err != nil {
			return false
		}
		after = after || bytes.Contains(buf[:n], []byte(c.opts.After))
		commits := bytes.Contains(buf[:n], []byte("commit\x00"))
		if commits && after && c.strikes() {
			close(silent)
			if c.opts.Unheard {
				return false
			}
			_, err := server.Write(buf[:n])
			return err == nil
		}
		if commits {
			after = c.opts.After == ""
		}
		if _, err := server.Write(buf[:n]); err != nil {
			return false
		}
	}
}

// back carries what the server answers, until it is to be silent.
func back(server io.Reader, client io.Writer, silent <-chan struct{}) {
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
