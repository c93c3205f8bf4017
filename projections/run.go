package projections

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"go.opentelemetry.io/otel/trace"
	"golang.org/x/sync/errgroup"

	"github.com/royalglow/booking/internal/subscription"
)

// Defaults of Running.
const (
	// DefaultRetain is how long the generation before is kept for a rollback.
	DefaultRetain = 24 * time.Hour
	// lookAround is how often an owner looks for what operators have changed in the database.
	lookAround = 500 * time.Millisecond
)

// Running says how the read models are run.
type Running struct {
	// Source gives subscriptions to the log. Required.
	Source subscription.Source
	// Owner is who competes for the read models: never the same for two processes. Required.
	Owner string
	// Exclusive says that no other process can use the database.
	Exclusive bool
	// TTL is how long an owner that is not heard of keeps a read model; zero: the default of subscription.Lease.
	TTL time.Duration
	// Latency tells how long commands take, for builds that are not to slow them down. Nil: nothing is known, and builds run at
	// full speed.
	Latency Latency
	// Retain is how long the generation before is kept. Defaults to DefaultRetain.
	Retain time.Duration
	Logger *slog.Logger         // nil: nothing is logged
	Tracer trace.TracerProvider // nil: no spans
}

func (r Running) withDefaults() Running {
	if r.Logger == nil {
		r.Logger = slog.New(slog.DiscardHandler)
	}
	if r.Retain <= 0 {
		r.Retain = DefaultRetain
	}
	return r
}

// Run keeps the read models up to date, in the one instance that owns each, until ctx ends: it follows the log, builds what
// operators ask for, and lets it go live. It returns early only with a *subscription.ForeignStoreError.
func (m *Models) Run(ctx context.Context, r Running) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, p := range m.all() {
		g.Go(func() error { return p.Run(ctx, r) })
	}
	return g.Wait()
}

// running is what other goroutines may see of Run.
type running struct {
	once    sync.Once
	settled chan struct{} // closed once there is nothing to wait for any more
	settle  sync.Once
	poked   chan struct{} // somebody has changed something

	mu      sync.Mutex
	owning  bool
	standby bool
	again   context.CancelFunc   // ends a rest
	runner  *subscription.Runner // of this term, or of the last
	latency Latency              // nil: nothing is known
}

func (r *running) prepare() {
	r.once.Do(func() {
		r.settled = make(chan struct{})
		r.poked = make(chan struct{}, 1)
	})
}

// Run does for one read model what Models.Run does for all.
func (p *Projection) Run(ctx context.Context, r Running) error {
	r = r.withDefaults()
	p.run.prepare()
	p.run.heed(r.Latency)
	lease := subscription.Lease{
		DB: p.db, StoreID: p.storeID, Name: p.spec.lease(), Owner: r.Owner, TTL: r.TTL, Exclusive: r.Exclusive, Logger: r.Logger,
		Standby: func(subscription.LeaseStatus) { p.run.stoodBy() },
	}
	for ctx.Err() == nil {
		competing, again := context.WithCancel(ctx)
		p.run.compete(again)
		err := lease.Run(competing, func(ctx context.Context) error {
			p.run.own(true)
			defer p.run.own(false)
			t := &tender{p: p, Running: r, log: r.Logger.With(slog.String("projection", p.spec.name))}
			return t.tend(ctx)
		})
		again()
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *running) compete(again context.CancelFunc) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.again = again
}

func (r *running) heed(latency Latency) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.latency = latency
}

func (r *running) own(is bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.owning = is
	if is {
		r.standby = false
	}
}

func (r *running) stoodBy() {
	r.mu.Lock()
	r.standby = true
	r.mu.Unlock()
	r.settleDown()
}

// poke tells the one who runs the read model, if he is in this process, that something has changed. It ends a rest after a halt.
func (r *running) poke() {
	r.prepare()
	select {
	case r.poked <- struct{}{}:
	default:
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.owning && r.again != nil {
		r.again()
	}
}

func (r *running) settleDown() {
	r.prepare()
	r.settle.Do(func() { close(r.settled) })
}

// Settled returns a channel that is closed once the read model has caught up for the first time, or cannot: because it is paused,
// has halted, or is another instance's to run.
func (p *Projection) Settled() <-chan struct{} {
	p.run.prepare()
	return p.run.settled
}
