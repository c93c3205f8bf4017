package publishers_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/royalglow/booking/internal/ablylocal"
	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/database/databasetest"
	"github.com/royalglow/booking/internal/subscription"
	"github.com/royalglow/booking/migrations"
	"github.com/royalglow/booking/publishers"
)

// lossyWire stands before a PostgreSQL server: once armed, the answer to the next commit of a transaction that puts messages off is lost.
type lossyWire struct {
	server string
	armed  atomic.Bool
	cuts   atomic.Int32
}

func (w *lossyWire) run(l net.Listener) {
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
		var silent atomic.Bool
		hang := sync.OnceFunc(func() { _ = client.Close(); _ = server.Close() })
		all.Go(func() { defer hang(); w.forth(client, server, &silent) })
		all.Go(func() {
			defer hang()
			buf := make([]byte, 1<<16)
			for {
				n, err := server.Read(buf)
				if err != nil || silent.Load() {
					return // what was committed has been answered, and nobody hears it
				}
				if _, err := client.Write(buf[:n]); err != nil {
					return
				}
			}
		})
	}
}

func (w *lossyWire) forth(client io.Reader, server io.Writer, silent *atomic.Bool) {
	buf, puts := make([]byte, 1<<16), false
	for {
		n, err := client.Read(buf)
		if err != nil {
			return
		}
		puts = puts || bytes.Contains(buf[:n], []byte(`INSERT INTO "queued"`))
		if commits := bytes.Contains(buf[:n], []byte("commit\x00")); commits && puts && w.armed.CompareAndSwap(true, false) {
			silent.Store(true)
			w.cuts.Add(1)
		} else if commits {
			puts = false
		}
		if _, err := server.Write(buf[:n]); err != nil || silent.Load() {
			if err == nil {
				// The other direction hangs up once the server has answered.
				_, _ = io.Copy(io.Discard, client)
			}
			return
		}
	}
}

// TestACommitInDoubtIsLookedUp: messages were put off, but whether that was committed is not known. It was: what comes next finds them, and
// goes on behind them.
func TestACommitInDoubtIsLookedUp(t *testing.T) {
	t.Parallel()
	where := databasetest.Place(t, database.PostgreSQL)
	host, _, _ := strings.Cut(strings.TrimPrefix(where, "postgres://postgres@"), "/")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &lossyWire{server: host}
	var running sync.WaitGroup
	running.Go(func() { w.run(l) })
	t.Cleanup(func() { _ = l.Close(); running.Wait() })
	db := databasetest.Reopen(t, strings.Replace(where, host, l.Addr().String(), 1), migrations.Publisher)
	b := newBenchOn(t, ablylocal.LimitsStandard, db)
	s := newStory(t)
	s.request("bkg_000000", start, asha)
	first := len(s.log)
	s.confirm("bkg_000000", nil)
	slow := publishers.Messages(s.log[0], directory)[0].Channel
	wire := newNetwork(nil)
	var healed atomic.Bool
	refuse := refuseChannel(slow, http.StatusTooManyRequests, func(int) {})
	wire.reply = func(n int, body []spec) *reply {
		if healed.Load() {
			return nil
		}
		return refuse(n, body)
	}
	cfg := b.config()
	cfg.Transport, cfg.Jitter = wire, func() float64 { return 0.999 }
	p := open(t, cfg)
	batch := func(from, to int) subscription.Batch {
		return subscription.Batch{Events: s.log[from:to], Position: s.log[to-1].Position, Live: true}
	}
	over := make(chan error, 1)
	go func() { over <- p.Run(t.Context()) }()
	w.armed.Store(true)
	if err := p.Handle(t.Context(), batch(0, first)); !errors.Is(err, database.ErrInDoubt) || w.cuts.Load() != 1 {
		t.Errorf("handled with %v, after %d cuts", err, w.cuts.Load())
	}
	select {
	case err := <-over:
		if !errors.Is(err, database.ErrInDoubt) {
			t.Errorf("run: %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("it goes on with what it believes to be in the queues")
	}
	stop := beside(t.Context(), p)
	healed.Store(true)
	for _, b := range []subscription.Batch{batch(0, first), batch(first, len(s.log))} {
		if err := p.Handle(t.Context(), b); err != nil {
			t.Errorf("handled again: %v", err)
		}
	}
	drained(t.Context(), p)
	if err := stop(); err != nil {
		t.Error(err)
	}
	if got, want := shown(t, b.messages()), expected(t, s.log); !reflect.DeepEqual(got, want) {
		t.Errorf("channels show\n%v\nwant\n%v", got, want)
	}
}
