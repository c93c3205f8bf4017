package publishers_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/ablylocal"
	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/database/databasetest"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
	"github.com/royalglow/booking/migrations"
	"github.com/royalglow/booking/publishers"
)

const storeID = "store-of-the-test"

// accepted is a message that the endpoint took, repeats left out.
type accepted struct {
	Channel string
	ablylocal.Message
}

// bench is a local endpoint and a database for publishers.
type bench struct {
	tb       testing.TB
	db       *database.DB
	key      string
	endpoint string
	server   *ablylocal.Server
	stats    func() ablylocal.Stats

	mu  sync.Mutex
	got []accepted
}

// newBench starts an endpoint with the limits of the service's Standard package.
func newBench(tb testing.TB) *bench {
	tb.Helper()
	return newBenchWith(tb, ablylocal.LimitsStandard)
}

func newBenchWith(tb testing.TB, limits ablylocal.Limits) *bench {
	tb.Helper()
	return newBenchOn(tb, limits, openDatabase(tb))
}

// eachBench runs a test over a database of each kind.
func eachBench(t *testing.T, test func(t *testing.T, b *bench)) {
	t.Helper()
	databasetest.Each(t, migrations.Publisher, func(t *testing.T, db *database.DB) {
		test(t, newBenchOn(t, ablylocal.LimitsStandard, db))
	})
}

func newBenchOn(tb testing.TB, limits ablylocal.Limits, db *database.DB) *bench {
	tb.Helper()
	b := &bench{tb: tb, db: db}
	endpoint, err := ablylocal.New(ablylocal.Config{Limits: limits, OnMessage: func(channel string, m ablylocal.Message) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.got = append(b.got, accepted{channel, m})
	}})
	if err != nil {
		tb.Fatal(err)
	}
	server := httptest.NewServer(endpoint.Handler())
	tb.Cleanup(server.Close)
	b.server, b.key, b.endpoint, b.stats = endpoint, endpoint.Key(), strings.TrimPrefix(server.URL, "http://"), endpoint.Stats
	return b
}

func openDatabase(tb testing.TB) *database.DB {
	tb.Helper()
	return databasetest.Open(tb, migrations.Publisher)
}

// config is what every publisher of a test starts from: a first start finds an empty log.
func (b *bench) config() publishers.Config {
	return publishers.Config{
		Key: b.key, Endpoint: b.endpoint, DB: b.db, StoreID: storeID,
		Names: namesOf(directory.Names), Texts: textsOf(directory.Texts),
		Head:   func(context.Context) (eventstore.Position, error) { return 0, nil },
		Jitter: func() float64 { return 0 }, // no waiting, unless the test is about it
	}
}

// open starts a publisher as a process would.
func open(tb testing.TB, cfg publishers.Config) *publishers.Publisher {
	tb.Helper()
	p, err := publishers.Open(tb.Context(), cfg)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(p.Close)
	return p
}

// messages returns what the endpoint took, in order of its taking.
func (b *bench) messages() []accepted {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]accepted(nil), b.got...)
}

// namesOf is a directory that answers from a map.
type namesOf map[string]string

// Names returns the whole map: more than asked does not hurt.
func (n namesOf) Names(context.Context, ...string) (map[string]string, error) { return n, nil }

// textsOf opens what it has the text of.
type textsOf map[string]string

// Open takes its time like any other source: it needs some that is left.
func (o textsOf) Open(ctx context.Context, sealed ...domain.Sealed) (map[string]string, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	texts := map[string]string{}
	for _, s := range sealed {
		if text, ok := o[s.KeyID]; ok {
			texts[s.KeyID] = text
		}
	}
	return texts, nil
}

// handle hands the events over in batches of the given size, and the last position with the last of them. It returns when nothing waits
// in durable queues any more.
func handle(ctx context.Context, p *publishers.Publisher, log []eventstore.Recorded, size int) error {
	var batches []subscription.Batch
	for chunk := range slices.Chunk(log, size) {
		batches = append(batches, subscription.Batch{Events: chunk, Position: chunk[len(chunk)-1].Position, Live: true})
	}
	return handleBatches(ctx, p, batches...)
}

// handleBatches is handle for batches that are special.
func handleBatches(ctx context.Context, p *publishers.Publisher, batches ...subscription.Batch) error {
	stop := beside(ctx, p)
	for _, b := range batches {
		if err := p.Handle(ctx, b); err != nil {
			return errors.Join(err, stop())
		}
	}
	drained(ctx, p)
	return stop()
}

// drained waits until nothing is in durable queues, parked channels apart, or ctx ends.
func drained(ctx context.Context, p *publishers.Publisher) {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for p.Status().Queued > 0 {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// eventually waits until something is so.
func eventually(tb testing.TB, what string, is func() bool) {
	tb.Helper()
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !is() {
		select {
		case <-tick.C:
		case <-deadline:
			tb.Fatalf("still waiting for %s", what)
		}
	}
}

// beside lets Run go on beside Handle until the returned function is called.
func beside(ctx context.Context, p *publishers.Publisher) (stop func() error) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	over := make(chan error, 1)
	go func() { over <- p.Run(ctx) }()
	return func() error {
		cancel()
		err := <-over
		if errors.Is(err, publishers.ErrNotConfigured) {
			return nil
		}
		return err
	}
}

// line is a message as channel, name and data: what must be the same however it was delivered.
type line struct{ name, data string }

// expected is what each channel must show after the log, in order.
func expected(tb failer, log []eventstore.Recorded) map[string][]line {
	want := map[string][]line{}
	for _, e := range log {
		for _, m := range publishers.Messages(e, directory) {
			want[m.Channel] = append(want[m.Channel], line{m.Name, string(data(tb, m))})
		}
	}
	return want
}

func shown(tb failer, messages []accepted) map[string][]line {
	got := map[string][]line{}
	for _, m := range messages {
		text, ok := m.Data.(string)
		if !ok || m.Encoding != "json" || !json.Valid([]byte(text)) {
			tb.Fatalf("%s on %s is not JSON: %v (%s)", m.Name, m.Channel, m.Data, m.Encoding)
		}
		got[m.Channel] = append(got[m.Channel], line{m.Name, text})
	}
	return got
}
