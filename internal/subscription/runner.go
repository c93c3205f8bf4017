package subscription

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/royalglow/booking/internal/eventstore"
)

// Defaults of Runner.
const (
	DefaultMaxBatch = 500
	DefaultDrain    = 10 * time.Second
)

// Backoff says how long to wait before another attempt: after the n-th failure in a row, a time drawn evenly from zero to
// Base doubled n-1 times, but at most Max.
type Backoff struct {
	Base time.Duration // defaults to 100 ms
	Max  time.Duration // defaults to 10 s
}

// Runner takes the events of the log to one handler: in order, each once as far as the handler's checkpoint tells, in batches
// of what has arrived. It subscribes again when a subscription breaks, gives a failed batch to the handler again, and halts,
// visibly, at an event that cannot be decoded or applied, and on a log that does not have the event it stands at. It never
// skips one.
//
// The fields are set before Run and not changed afterwards. Source and Handler are required. The other methods may be called
// at any time and concurrently.
type Runner struct {
	Source  Source
	Handler Handler
	// Logger gets one line for each change that an operator wants to know of. Nil: nothing is logged.
	Logger *slog.Logger
	// Tracer makes a root span for each batch, linked to the events in it. Nil: none.
	Tracer trace.TracerProvider
	// MaxBatch bounds a batch, and how many items wait to be handled. Defaults to DefaultMaxBatch.
	MaxBatch int
	// Backoff spaces out attempts to subscribe, and to handle a batch again.
	Backoff Backoff
	// Drain is how long the batch in hand may take to finish once Run is told to end, or to pause. Defaults to DefaultDrain.
	Drain time.Duration
	// ReturnOnHalt makes Run return the error of a halt at once, for an owner that lets another try (see Lease).
	ReturnOnHalt bool
	// Now tells the time for Status. Defaults to time.Now.
	Now func() time.Time
	// Jitter draws from [0, 1). Defaults to a random source.
	Jitter func() float64

	board board
	gate  gate
	once  sync.Once
}

// Run consumes until ctx ends. It then finishes the batch in hand and returns nil. A halted consumer stays halted until then,
// unless ReturnOnHalt says otherwise: whoever runs several consumers loses none of the others for it. Under a Lease it also
// ends, with nil, when a handler finds that the term is over. Run is called once.
func (r *Runner) Run(ctx context.Context) error {
	r.prepare()
	defer r.board.stop()
	for ctx.Err() == nil {
		open, opened := r.gate.enter(ctx)
		if open == nil {
			r.waitPaused(ctx, opened)
			continue
		}
		err := r.consume(open)
		r.gate.leave()
		switch {
		case ctx.Err() != nil, errors.Is(err, ErrTermOver):
			return nil
		case Halts(err):
			return r.halt(ctx, err)
		}
	}
	return nil
}

// consume follows the log from where the handler stands, over as many subscriptions as it takes. It ends with ctx, or with an
// error that trying again does not cure.
func (r *Runner) consume(ctx context.Context) error {
	pos, err := r.begin(ctx)
	for failures := 0; err == nil; {
		var got bool
		pos, got, err = r.follow(ctx, pos)
		if final(err) || ctx.Err() != nil {
			break
		}
		if got {
			failures = 0
		}
		failures++
		r.board.connecting(r.Now(), err)
		if failures == 1 {
			r.Logger.WarnContext(ctx, "subscription dropped", r.name(), slog.Any("error", err))
		}
		err = r.backOff(ctx, failures)
	}
	return err
}

// final reports whether nothing more is to be handled in this term.
func final(err error) bool { return Halts(err) || errors.Is(err, ErrTermOver) }

func (r *Runner) waitPaused(ctx context.Context, opened <-chan struct{}) {
	r.board.paused(r.Now())
	r.Logger.InfoContext(ctx, "consumer paused", r.name())
	select {
	case <-opened:
		r.Logger.InfoContext(ctx, "consumer resumed", r.name())
	case <-ctx.Done():
	}
}

func (r *Runner) halt(ctx context.Context, err error) error {
	r.board.halt(err)
	r.Logger.ErrorContext(ctx, "consumer halted", r.name(), slog.Any("error", err))
	if r.ReturnOnHalt {
		return err
	}
	<-ctx.Done()
	return nil
}

// prepare fills in what was left out. Status may be asked for before Run.
func (r *Runner) prepare() {
	r.once.Do(func() {
		if r.Logger == nil {
			r.Logger = slog.New(slog.DiscardHandler)
		}
		if r.MaxBatch <= 0 {
			r.MaxBatch = DefaultMaxBatch
		}
		if r.Backoff.Base <= 0 {
			r.Backoff.Base = 100 * time.Millisecond
		}
		if r.Backoff.Max <= 0 {
			r.Backoff.Max = 10 * time.Second
		}
		if r.Drain <= 0 {
			r.Drain = DefaultDrain
		}
		if r.Now == nil {
			r.Now = time.Now
		}
		if r.Jitter == nil {
			r.Jitter = rand.Float64
		}
		r.board.init()
		r.gate.opened = make(chan struct{})
	})
}

func (r *Runner) name() slog.Attr { return slog.String("consumer", r.Handler.Name()) }

// begin asks the handler where it stands, as often as that takes.
func (r *Runner) begin(ctx context.Context) (eventstore.Position, error) {
	r.board.connecting(r.Now(), nil)
	for failures := 1; ; failures++ {
		pos, err := r.Handler.Checkpoint(ctx)
		if err == nil {
			r.board.committed(pos, nil)
			return pos, nil
		}
		if final(err) {
			return 0, err
		}
		r.board.retrying(err)
		if failures == 1 {
			r.Logger.WarnContext(ctx, "checkpoint not read", r.name(), slog.Any("error", err))
		}
		if err := r.backOff(ctx, failures); err != nil {
			return 0, err
		}
	}
}

// backOff waits, or ends with ctx.
func (r *Runner) backOff(ctx context.Context, failures int) error {
	bound := min(r.Backoff.Base<<min(failures-1, 20), r.Backoff.Max)
	t := time.NewTimer(time.Duration(r.Jitter() * float64(bound)))
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Status returns what the consumer is doing.
func (r *Runner) Status() Status {
	r.prepare()
	s := r.board.status(r.Now())
	s.Name = r.Handler.Name()
	return s
}

// CaughtUp returns a channel that is closed once everything that had happened before the subscription is handled, for the
// first time since Run began.
func (r *Runner) CaughtUp() <-chan struct{} {
	r.prepare()
	return r.board.caughtUp
}

// Halted returns a channel that is closed when the consumer halts; Status then says why.
func (r *Runner) Halted() <-chan struct{} {
	r.prepare()
	return r.board.halted
}

// WaitFor returns nil once the handler has committed the position. It ends early with ctx, or with the halt's error when the
// consumer is halted. It wakes a waiter; what counts is the checkpoint that he then reads.
func (r *Runner) WaitFor(ctx context.Context, pos eventstore.Position) error {
	r.prepare()
	return r.board.wait(ctx, pos)
}
