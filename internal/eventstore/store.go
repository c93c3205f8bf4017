package eventstore

import (
	"context"
	"fmt"
	"time"
)

// drainTimeout is how long Close lets calls finish before it ends them.
const drainTimeout = 5 * time.Second

// Store is the supervised client. Its methods may be called concurrently; Close ends them.
type Store struct {
	cfg   Config
	trace tracer
	sup   *supervisor
	codec codec
	// calls counts the appends and reads under way. drained is closed when the store is shut and none is left.
	calls   users
	drained chan struct{}
	// alive ends when Close has drained the calls, listening when Close begins: subscriptions have nothing to finish.
	alive, listening context.Context
	die, deafen      context.CancelCauseFunc
}

// Open checks the configuration. It neither connects nor waits: the first call does, and a store that is away makes calls
// fail with ErrUnavailable until it is back.
func Open(cfg Config) (*Store, error) {
	conf, err := cfg.client()
	if err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	s := &Store{cfg: cfg, trace: newTracer(cfg.Tracer), codec: newCodec(), drained: make(chan struct{})}
	s.calls.last = func() { close(s.drained) }
	s.alive, s.die = context.WithCancelCause(context.Background())
	s.listening, s.deafen = context.WithCancelCause(s.alive)
	s.sup = &supervisor{conf: conf, server: serverOf(conf), log: cfg.Logger, patience: cfg.Patience, ctx: s.alive}
	return s, nil
}

// Close ends subscriptions, lets calls finish for up to 5 s, ends those that have not, and closes the client. Calls that
// come later fail with ErrClosed. It may be called again. An attempt to connect that does not end within a second is not waited for:
// it ends by itself.
func (s *Store) Close() error {
	s.deafen(ErrClosed)
	s.calls.shutdown()
	drain := time.NewTimer(drainTimeout)
	defer drain.Stop()
	select {
	case <-s.drained:
	case <-drain.C:
	}
	s.die(ErrClosed)
	ctx, cancel := context.WithTimeout(context.Background(), drainTimeout)
	defer cancel()
	return s.sup.close(ctx)
}

// Ping returns nil when the store answers a read, and the error of a read otherwise.
func (s *Store) Ping(ctx context.Context) error {
	_, err := s.Head(ctx)
	if err != nil {
		return fmt.Errorf("ping: %w", err)
	}
	return nil
}

// begin admits a call and gives it a context that ends with the store. end is called once the call is over.
func (s *Store) begin(ctx context.Context) (_ context.Context, end func(), err error) {
	if !s.calls.enter() {
		return nil, nil, ErrClosed
	}
	ctx, release := joined(ctx, s.alive)
	return ctx, func() { release(); s.calls.leave() }, nil
}

// joined derives a context from ctx that also ends when other does, with its cause.
func joined(ctx, other context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(other, func() { cancel(context.Cause(other)) })
	return ctx, func() { stop(); cancel(context.Canceled) }
}
