package main

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/ablylocal"
	"github.com/royalglow/booking/internal/demo"
	"github.com/royalglow/booking/internal/esdbnode/nodetest"
	"github.com/royalglow/booking/internal/eventstore"
)

const (
	crashes   = 20
	crashRate = 50 // commands a second
	// restartLimit is how long a restart may take, or restartRatio times a first start that has nothing to make up for, where the machine
	// is too busy for that: restarts take 0.4 s where it is not, first starts little less.
	restartLimit = 3 * time.Second
	restartRatio = 10
	crashTimeout = 4 * time.Minute
)

// TestKilledEngineLosesNothing kills "booking serve" with -9 at random moments while people use it. The event store and the
// realtime endpoint live on in this process, as they would in production, and so do the subscribers.
//
// It does not share the machine with the package's other tests: it also measures how long a restart takes.
func TestKilledEngineLosesNothing(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), crashTimeout)
	defer cancel()
	node := nodetest.Start(t)
	ably := startAbly(ctx, t)
	child := &childEngine{binary: engineBinary(t), dir: t.TempDir(), store: node, ably: ably, addr: freeAddr(ctx, t)}
	if _, err := child.start(ctx); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { child.kill(t) })
	door := newInsistentDoor(child.addr)
	api := startHTTP(ctx, t, door)

	store := openStore(t, node)
	people, stop := context.WithCancel(ctx)
	defer stop()
	killer := goBackground(ctx, func(ctx context.Context) error {
		defer stop() // the people go home when the last crash is over
		return killAtRandom(ctx, t, child, door)
	})
	doors := &demoDoors{secret: []byte(childSecret)}
	report, err := demo.Run(people, demo.Config{
		API: api, Ably: demo.Ably{Host: ably.addr.IP.String(), Port: ably.addr.Port},
		SignIn: doors.token, Log: demoLog{store}, Messages: owedMessages, Rate: crashRate,
	})
	<-killer.Done()
	if killer.err != nil {
		t.Fatal(killer.err)
	}
	if err != nil {
		t.Fatal(err)
	}
	if failures := report.Broken(); len(failures) > 0 {
		t.Errorf("promises broken: %s", strings.Join(failures, "; "))
	}
	t.Logf("%d crashes; %d commands, %d of them repeated after a crash; %d of %d messages received",
		child.kills, report.Commands, door.repeated(), report.Received, report.Expected)
	t.Logf("the slowest restart was ready after %v", child.slowest)
	// A fault test proves that its fault happened.
	if child.kills != crashes {
		t.Errorf("%d crashes, want %d", child.kills, crashes)
	}
	if door.repeated() == 0 {
		t.Error("no crash hit a request under way")
	}
	requireAcknowledged(ctx, t, store, door.acknowledged())
}

// killAtRandom waits for a random number of answers, so that each crash comes in the middle of the work, then kills and
// starts again.
func killAtRandom(ctx context.Context, t *testing.T, child *childEngine, door *insistentDoor) error {
	t.Helper()
	for range crashes {
		if err := door.waitForAnswers(ctx, 1+rand.IntN(40)); err != nil {
			return err
		}
		child.kill(t)
		took, err := child.start(ctx)
		if err != nil {
			return err
		}
		child.slowest = max(child.slowest, took)
		if took > restartLimit {
			fresh, err := firstStart(ctx, t, child)
			if err != nil {
				return err
			}
			if limit := max(restartLimit, restartRatio*fresh); took > limit {
				t.Errorf("ready after %v, want less than %v; a first start takes %v at the moment", took, limit, fresh)
			}
		}
	}
	// The last restart serves for a while, so that what it has to make up for is seen.
	return door.waitForAnswers(ctx, crashRate)
}

// firstStart measures how long the same program takes on an empty folder, at the moment and beside everything else.
func firstStart(ctx context.Context, t *testing.T, child *childEngine) (time.Duration, error) {
	t.Helper()
	other := &childEngine{binary: child.binary, dir: t.TempDir(), ably: child.ably, addr: freeAddr(ctx, t)}
	took, err := other.start(ctx)
	if err != nil {
		return 0, err
	}
	other.kill(t)
	return took, nil
}

// requireAcknowledged looks every receipt up in the log.
func requireAcknowledged(ctx context.Context, t *testing.T, store *eventstore.Store, receipts []receipt) {
	t.Helper()
	if len(receipts) == 0 {
		t.Fatal("nothing was acknowledged")
	}
	head, err := store.Head(ctx)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	type place struct {
		position eventstore.Position
		revision eventstore.Revision
	}
	streams := map[place]string{}
	err = demoLog{store}.Follow(ctx, 0, func(rec eventstore.Recorded) {
		streams[place{rec.Position, rec.Revision}] = rec.Stream
		if rec.Position >= head {
			cancel()
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range receipts {
		stream := streams[place{r.Position, r.Revision}]
		if !holds(stream, r.ID) {
			t.Errorf("%s was acknowledged as event %d at position %d; there the log has %q", r.ID, r.Revision, r.Position, stream)
		}
	}
}

// holds reports whether a stream is that of what a receipt names, or of what that is a part of.
func holds(stream, id string) bool {
	switch {
	case domain.ValidID(domain.NotePrefix, id):
		return strings.HasPrefix(stream, domain.BookingStream(""))
	case domain.ValidID(domain.ServicePrefix, id), domain.ValidID(domain.ClosurePrefix, id):
		return strings.HasPrefix(stream, domain.BranchStream(""))
	}
	return strings.HasSuffix(stream, "-"+id)
}

// startAbly serves a local endpoint without limits until the test ends: what is measured here is loss, not pace.
func startAbly(ctx context.Context, t *testing.T) *demoAbly {
	t.Helper()
	a, err := openAbly(ctx, ablylocal.Config{Limits: ablylocal.LimitsOff, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.running.Stop(); err != nil {
			t.Errorf("serve endpoint: %v", err)
		}
	})
	return a
}

func openStore(t *testing.T, connection string) *eventstore.Store {
	t.Helper()
	store, err := eventstore.Open(eventstore.Config{ConnectionString: connection})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Errorf("close store: %v", err)
		}
	})
	return store
}

func listen(ctx context.Context, t *testing.T) net.Listener {
	t.Helper()
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return ln
}

// freeAddr finds a port that the child can have again after each crash.
func freeAddr(ctx context.Context, t *testing.T) string {
	t.Helper()
	ln := listen(ctx, t)
	defer func() { _ = ln.Close() }()
	return ln.Addr().String()
}

// TestMain lets the test binary be the engine that a test kills.
func TestMain(m *testing.M) {
	if os.Getenv(beChild) != "" {
		os.Exit(realMain())
	}
	os.Exit(runTests(m))
}
