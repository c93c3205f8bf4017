package publishers

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
)

// name identifies the publisher in checkpoints, logs and metrics.
const name = "publisher"

// ErrNotConfigured is the answer of a publisher without a key to whoever wants to run it.
var ErrNotConfigured = errors.New("realtime is not configured")

// MaxBatch is how many events the runner of a publisher may hand over at once. The more, the less often all that is sent waits for what is
// sent last.
const MaxBatch = 2000

var errNoAnswer = errors.New("the request ended without an answer")

// Config says what a Publisher works with. DB, StoreID and Head are required with a Key; the other zero values work.
type Config struct {
	// Key is the API key, "appId.keyId:secret". Empty: realtime is off.
	Key string
	// Endpoint is host:port of another endpoint than the service's own; on this machine it is spoken to without TLS.
	Endpoint string
	// DB holds the publisher's own tables (migrations.Publisher).
	DB *database.DB
	// StoreID is the identity of the event store whose positions the database holds.
	StoreID string
	// Head returns the position of the end of the log: where the first start begins.
	Head func(ctx context.Context) (eventstore.Position, error)
	// Log is what replays read; nil: there are none.
	Log Log
	// Names is the directory; nil: messages show no names.
	Names NameSource
	// Texts opens notes and the names of guests; nil: nothing can be opened, and notes show as removed.
	Texts  TextSource
	Limits Limits
	// AttemptTimeout bounds one request. Defaults to 5 s.
	AttemptTimeout time.Duration
	// Transport carries the requests. Defaults to one that keeps connections open.
	Transport http.RoundTripper
	// Jitter returns random numbers in [0, 1). Defaults to math/rand.
	Jitter func() float64
	Tracer trace.TracerProvider
	Logger *slog.Logger
}

func (c Config) withDefaults() Config {
	if c.AttemptTimeout <= 0 {
		c.AttemptTimeout = 5 * time.Second
	}
	if c.Jitter == nil {
		c.Jitter = rand.Float64
	}
	if c.Tracer == nil {
		c.Tracer = noop.NewTracerProvider()
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

func (c Config) validate() error {
	if _, _, err := SplitKey(c.Key); err != nil {
		return err
	}
	if c.DB == nil || c.StoreID == "" || c.Head == nil {
		return errors.New("a publisher needs a database, the identity of its event store and the end of the log")
	}
	return nil
}

// Publisher delivers the messages of events. It is a consumer of the log (internal/subscription.Handler); one runner calls
// its Checkpoint and Handle, and Run goes on beside it. The others may be called by anybody at any time.
type Publisher struct {
	names  NameSource
	texts  TextSource
	log    Log
	head   func(ctx context.Context) (eventstore.Position, error)
	state  state
	sender sender
	limits *buckets
	jitter func() float64
	spans  tracing
	board  board
	idle   interface{ CloseIdleConnections() }

	// What the runner's goroutine knows: whether the database has been asked, and in which term, the checkpoint, the end of the
	// last plan and when that was written, and events that have been read but not published yet.
	loaded    bool
	term      int64
	at        eventstore.Position
	upTo      eventstore.Position
	plannedAt time.Time
	read      []eventstore.Recorded

	planned atomic.Uint64

	// Between Handle, Run and others.
	plans   chan *plan
	replays chan *plan
	poke    chan struct{}
	held    atomic.Bool   // by an operator
	forgets atomic.Uint64 // how often something was to be forgotten
	trust   atomic.Pointer[func() time.Duration]
	timeout time.Duration
}

// Open checks the configuration and looks up what was planned last. Without a key it returns a publisher that says so and
// does nothing; such a one must not be run.
func Open(ctx context.Context, cfg Config) (*Publisher, error) {
	cfg = cfg.withDefaults()
	p := &Publisher{
		names: cfg.Names, texts: cfg.Texts, log: cfg.Log, head: cfg.Head, jitter: cfg.Jitter, timeout: cfg.AttemptTimeout,
		plans: make(chan *plan), replays: make(chan *plan), poke: make(chan struct{}, 1),
	}
	p.board.log = cfg.Logger
	if cfg.Key == "" {
		p.board.now.State = NotConfigured
		return p, nil
	}
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	if cfg.Transport == nil {
		own := newTransport(p.trusted)
		cfg.Transport, p.idle = own, own
	}
	client, err := newAblySender(cfg)
	if err != nil {
		return nil, err
	}
	p.sender = client
	p.state = state{db: cfg.DB, storeID: cfg.StoreID}
	p.limits = newBuckets(cfg.Limits)
	p.spans = tracing{tracer: cfg.Tracer.Tracer(scopeName), server: cfg.Endpoint}
	if p.spans.server == "" {
		p.spans.server = defaultServiceHost
	}
	p.board.start(false)
	stands, _, err := p.state.load(ctx)
	if err != nil {
		return nil, err
	}
	p.planned.Store(uint64(stands.upTo))
	return p, nil
}

// Close gives idle connections back. The runner has been stopped and the database is the caller's to close.
func (p *Publisher) Close() {
	if p.idle != nil {
		p.idle.CloseIdleConnections()
	}
}

// Configured reports whether there is a key, and so something to run.
func (p *Publisher) Configured() bool { return p.sender != nil }

// Name returns "publisher".
func (p *Publisher) Name() string { return name }

// Planned returns the position of the last event that this publisher has set out to publish, 0 before the first.
func (p *Publisher) Planned() eventstore.Position { return eventstore.Position(p.planned.Load()) }

// Published returns the position of the last event that the publisher of any instance has set out to publish, 0 before the
// first. A page that attaches first and then reads at this position misses nothing.
func (p *Publisher) Published(ctx context.Context) (eventstore.Position, error) {
	if !p.Configured() {
		return 0, nil
	}
	stands, _, err := p.state.load(ctx)
	return stands.upTo, err
}

// Status returns how delivery is doing.
func (p *Publisher) Status() Status { return p.board.status() }

// Checkpoint returns the position after which the publisher wants events. The first time with a key that is the end of the
// log, and is written at once: pages that were never told of older events do not need them. Called before commands are
// accepted, it makes sure that the messages of the first of them are published. In another term (see subscription.Lease) it
// asks the database again: others have published meanwhile.
func (p *Publisher) Checkpoint(ctx context.Context) (eventstore.Position, error) {
	if !p.Configured() {
		return 0, ErrNotConfigured
	}
	term := subscription.Term(ctx)
	if p.loaded && p.term == term {
		return p.at, nil
	}
	stands, found, err := p.state.load(ctx)
	if err != nil {
		return 0, err
	}
	if !found {
		head, err := p.head(ctx)
		if err != nil {
			return 0, fmt.Errorf("find the end of the log: %w", err)
		}
		if stands, err = p.state.begin(ctx, head); err != nil {
			return 0, err
		}
	}
	p.loaded, p.term, p.read = true, term, nil
	p.at, p.upTo, p.plannedAt = stands.at, stands.upTo, stands.plannedAt
	p.planned.Store(uint64(p.upTo))
	p.board.reached(p.at)
	return p.at, nil
}
