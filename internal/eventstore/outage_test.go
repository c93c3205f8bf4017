package eventstore_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/eventstore/storetest"
)

// slack is what a call may take beyond its time on a busy machine.
const slack = time.Second

func TestWithoutAServerCallsFailInTimeAndNothingIsInDoubt(t *testing.T) {
	n := newNode(t)
	n.stop()
	s := open(t, eventstore.Config{Socket: n.socket, Patience: 300 * time.Millisecond})
	inTime := func(ctx context.Context, what string, limit time.Duration, call func(context.Context) error) {
		t.Helper()
		began := time.Now()
		err := call(ctx)
		if took := time.Since(began); took > limit+slack {
			t.Errorf("%s took %v", what, took)
		}
		if !errors.Is(err, eventstore.ErrUnavailable) || errors.Is(err, eventstore.ErrInDoubt) {
			t.Errorf("%s: %v, want ErrUnavailable alone", what, err)
		}
	}
	calls := map[string]func(context.Context) error{
		"append": func(ctx context.Context) error {
			_, err := s.Append(ctx, storetest.Sample("br_outage", eventstore.NoStream, 1))
			return err
		},
		"read": func(ctx context.Context) (err error) {
			for _, readErr := range s.Read(ctx, "branch-br_outage", 0) {
				err = readErr
			}
			return err
		},
		"head":     func(ctx context.Context) error { _, err := s.Head(ctx); return err },
		"identity": func(ctx context.Context) error { _, err := s.Identity(ctx); return err },
		"ping":     s.Ping,
		"receive": func(ctx context.Context) error {
			sub, err := s.Subscribe(ctx, 0)
			if err != nil {
				return err
			}
			defer func() { _ = sub.Close() }()
			_, err = sub.Recv()
			return err
		},
	}
	var all sync.WaitGroup
	for name, call := range calls {
		all.Go(func() { inTime(t.Context(), name, 300*time.Millisecond, call) })
		if name == "receive" {
			continue // it tells of its context's end alone
		}
		all.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			inTime(ctx, name+" with little time", 50*time.Millisecond, call)
		})
	}
	all.Wait()
	n.start()
	recovers(t, s, storetest.Sample("br_outage", eventstore.NoStream, 1))
}

// recovers appends as often as it takes and returns how long that was. The server is there again.
func recovers(t *testing.T, s *eventstore.Store, a eventstore.Append) time.Duration {
	t.Helper()
	began := time.Now()
	for {
		_, err := s.Append(t.Context(), a)
		took := time.Since(began)
		switch {
		case err == nil:
			return took
		case took > 10*time.Second, !errors.Is(err, eventstore.ErrUnavailable) && !errors.Is(err, eventstore.ErrInDoubt):
			t.Fatalf("the server is there, and after %v an append fails: %v", took, err)
		}
	}
}

// A server that takes the connection and then says nothing is the library's worst case: it waits without regard to contexts.
func TestASilentServerHoldsNobodyUp(t *testing.T) {
	dir, err := os.MkdirTemp("", "es") //nolint:usetesting // the path of a socket must be short
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	socket := filepath.Join(dir, "s")
	lis, err := (&net.ListenConfig{}).Listen(t.Context(), "unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = lis.Close() }()
	s := open(t, eventstore.Config{Socket: socket})
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			defer cancel()
			began := time.Now()
			_, err := s.Append(ctx, storetest.Sample("br_silent", eventstore.NoStream, 1))
			if took := time.Since(began); took > 200*time.Millisecond+slack {
				t.Errorf("the call took %v", took)
			}
			if !errors.Is(err, eventstore.ErrUnavailable) {
				t.Errorf("append: %v", err)
			}
		})
	}
	all.Wait()
}

// worker appends to a stream of its own, whatever happens, and remembers what it was promised.
type worker struct {
	stream   string
	revision eventstore.Revision
	done     int
	slowest  time.Duration
}

func (w *worker) run(t *testing.T, s *eventstore.Store, failed *atomic.Int64, until <-chan struct{}) {
	t.Helper()
	const limit = 400 * time.Millisecond
	for {
		select {
		case <-until:
			return
		default:
		}
		a := storetest.Sample(w.stream, w.revision, 1)
		ctx, cancel := context.WithTimeout(t.Context(), limit)
		began := time.Now()
		got, err := s.Append(ctx, a)
		cancel()
		w.slowest = max(w.slowest, time.Since(began)-limit)
		switch {
		case err == nil:
			w.revision = got.Revision
			w.done++
		case errors.Is(err, eventstore.ErrInDoubt), errors.Is(err, eventstore.ErrUnavailable):
			failed.Add(1) // the identical append is repeated in the next round: a conflict with itself would be a bug
		default:
			t.Errorf("append to %s at %d: %v", w.stream, w.revision, err)
			return
		}
	}
}

func TestTheStoreSurvivesManyRestarts(t *testing.T) {
	const restarts, workers = 12, 8
	n := newNode(t)
	s := open(t, eventstore.Config{Socket: n.socket, Patience: 100 * time.Millisecond})
	storetest.MustAppend(t, s, storetest.Sample("br_before", eventstore.NoStream, 1))
	baseline := runtime.NumGoroutine()

	stop := make(chan struct{})
	var failed atomic.Int64
	var all sync.WaitGroup
	team := make([]*worker, workers)
	for i := range team {
		team[i] = &worker{stream: fmt.Sprintf("br_worker%d", i), revision: eventstore.NoStream}
		all.Go(func() { team[i].run(t, s, &failed, stop) })
	}
	var slowest time.Duration
	for i := range restarts {
		n.stop()
		met := failed.Load()
		settle(t, "restarts unnoticed", func() int { return int(met + 1 - failed.Load()) }, 0)
		n.start()
		slowest = max(slowest, recovers(t, s, storetest.Sample("br_prober", eventstore.Revision(i)-1, 1)))
	}
	close(stop)
	all.Wait()
	if slowest > 3*time.Second {
		t.Errorf("recovery took up to %v", slowest)
	}
	for _, w := range team {
		events := storetest.ReadAll(t, s, "branch-"+w.stream, 0)
		if len(events) < int(w.revision)+1 {
			t.Errorf("%s was promised revision %d and holds %d events", w.stream, w.revision, len(events))
		}
		if w.done == 0 {
			t.Errorf("%s never got through", w.stream)
		}
		if w.slowest > slack {
			t.Errorf("a call of %s overran its time by %v", w.stream, w.slowest)
		}
	}
	// The library alone would have kept a connection for every restart and more.
	settle(t, "goroutines", runtime.NumGoroutine, baseline+5)
	t.Logf("slowest recovery %v", slowest)
}

// settle waits until a number has come down to the bound.
func settle(t *testing.T, what string, count func() int, bound int) {
	t.Helper()
	look := time.NewTicker(2 * time.Millisecond)
	defer look.Stop()
	for deadline := time.Now().Add(5 * time.Second); ; <-look.C {
		n := count()
		if n <= bound {
			return
		}
		if time.Now().After(deadline) {
			t.Errorf("%d %s are left, want at most %d", n, what, bound)
			return
		}
	}
}

// The library alone keeps the old connection open each time that a server answers "not ready".
func TestServersThatAreNotReadyLeaveNoConnections(t *testing.T) {
	p := newProxy(t, newNode(t))
	p.onAppend = func(n int) fault {
		if n%2 == 1 {
			return fault{before: answers(codes.Unavailable)}
		}
		return fault{}
	}
	s := open(t, eventstore.Config{Socket: p.socket})
	for i := range 20 {
		storetest.MustAppend(t, s, storetest.Sample("br_notrdy", eventstore.Revision(i)-1, 1))
	}
	if n := p.accepted.Load(); n < 20 {
		t.Errorf("%d connections were made, so the faults met nobody", n)
	}
	settle(t, "connections", func() int { return int(p.open.Load()) }, 1)
}

func TestASubscriptionEndsWithTheServerAndAnotherGoesOn(t *testing.T) {
	n := newNode(t)
	s := open(t, eventstore.Config{Socket: n.socket})
	var after eventstore.Position
	for i := range 5 {
		storetest.MustAppend(t, s, storetest.Sample("br_drops1", eventstore.Revision(i)-1, 1))
		sub, err := s.Subscribe(t.Context(), after)
		if err != nil {
			t.Fatal(err)
		}
		m, err := sub.Recv()
		for err == nil && (m.Event == nil || m.Event.Stream != "branch-br_drops1") {
			m, err = sub.Recv()
		}
		if err != nil || m.Event.Revision != eventstore.Revision(i) {
			t.Fatalf("round %d: %+v, %v", i, m, err)
		}
		after = m.Position
		n.stop()
		for err == nil {
			_, err = sub.Recv()
		}
		if !errors.Is(err, eventstore.ErrUnavailable) {
			t.Errorf("receive: %v, want ErrUnavailable", err)
		}
		// The broken subscription has told that the connection is gone, so an append does not try it and fall into doubt.
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		_, err = s.Append(ctx, storetest.Sample("br_drops1", eventstore.Revision(i), 1))
		cancel()
		if !errors.Is(err, eventstore.ErrUnavailable) || errors.Is(err, eventstore.ErrInDoubt) {
			t.Errorf("append: %v, want ErrUnavailable alone", err)
		}
		n.start()
		recovers(t, s, storetest.Sample("br_drops2", eventstore.Revision(i)-1, 1))
	}
}

func TestAReadGoesOnAfterAnInterruption(t *testing.T) {
	n := newNode(t)
	p := newProxy(t, n)
	direct := open(t, eventstore.Config{Socket: n.socket})
	const total = 500
	storetest.MustAppend(t, direct, storetest.Sample("br_longer", eventstore.NoStream, total))
	var cut atomic.Int64
	p.onRead = func(int) fault {
		passed := 0
		return fault{after: func(context.Context) error {
			if passed++; passed == 100 {
				cut.Add(1)
				return status.Error(codes.Unavailable, "by the test") // unlike a cut it comes behind the events
			}
			return nil
		}}
	}
	s := open(t, eventstore.Config{Socket: p.socket})
	events := storetest.ReadAll(t, s, "branch-br_longer", 0)
	if len(events) != total {
		t.Errorf("%d events, want %d", len(events), total)
	}
	for i, e := range events {
		if int(e.Revision) != i {
			t.Fatalf("revision %d at place %d", e.Revision, i)
		}
	}
	if n := cut.Load(); n < 3 {
		t.Errorf("the line was cut %d times only", n)
	}
}
