package eventstore

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
)

// Waits between attempts to connect, and between repeats of a call.
const (
	backoffBase = 20 * time.Millisecond
	backoffCap  = 500 * time.Millisecond
)

// dialEnd is how long an attempt to connect may go on after the store was closed before nobody waits for it any more.
const dialEnd = time.Second

var (
	// errConnecting says that an attempt to connect has neither failed nor succeeded yet.
	errConnecting = errors.New("still connecting")
	// errAway says that no connection came about in time. Whoever gets it has waited long enough.
	errAway = fmt.Errorf("%w: no connection", ErrUnavailable)
)

// supervisor keeps one session going: it is the only place that makes a client, one at a time, and only while someone asks.
type supervisor struct {
	conf     esdb.Configuration
	server   server
	log      *slog.Logger
	patience time.Duration
	// ctx ends with the store, and ends every wait between attempts.
	ctx context.Context

	mu       sync.Mutex
	current  *session
	dialling *dialling
	failures int
	all      []*session // those whose client is not closed yet
}

// dialling is one attempt to connect, shared by all who wait for it.
type dialling struct {
	done chan struct{}
	err  error // valid once done is closed
}

// session returns a session that works as far as is known, making one when there is none. It waits up to the supervisor's
// patience; what it fails with, nothing has been sent.
func (s *supervisor) session(ctx context.Context) (*session, error) {
	patience := time.NewTimer(s.patience)
	defer patience.Stop()
	var last error = s.server.away(errConnecting)
	for {
		sess, d, err := s.currentOrDial()
		if err != nil || sess != nil {
			return sess, err
		}
		select {
		case <-d.done:
			if d.err != nil {
				last = d.err
			}
		case <-patience.C:
			return nil, last
		case <-ctx.Done():
			return nil, fmt.Errorf("%w: %w (%w)", errAway, context.Cause(ctx), last)
		}
	}
}

func (s *supervisor) currentOrDial() (*session, *dialling, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.ctx.Err() != nil:
		return nil, nil, ErrClosed
	case s.current != nil && !s.current.retired.Load():
		return s.current, nil, nil
	case s.dialling == nil:
		d := &dialling{done: make(chan struct{})}
		s.dialling = d
		var pause time.Duration
		if s.failures > 0 {
			// Whoever comes now shall see a whole attempt before his patience ends.
			pause = min(backoff(s.failures), s.patience/2)
		}
		go s.dial(d, pause) // close waits for it
	}
	return nil, s.dialling, nil
}

func (s *supervisor) dial(d *dialling, pause time.Duration) {
	var sess *session
	err := wait(s.ctx, pause)
	if err == nil {
		if sess, err = s.connect(); err != nil {
			err = s.server.away(err)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	d.err = err
	s.dialling = nil
	defer close(d.done)
	switch {
	case err == nil && s.ctx.Err() == nil:
	case err == nil:
		sess.retire() // it comes too late
		return
	default:
		if s.failures++; s.failures == 1 {
			s.log.WarnContext(s.ctx, "event store away", slog.Any("error", err))
		}
		return
	}
	s.failures = 0
	s.current = sess
	s.forgetGone()
	s.all = append(s.all, sess)
	s.log.InfoContext(s.ctx, "event store connected")
}

// forgetGone drops the sessions that have come to their end, so that the list stays as short as their number.
func (s *supervisor) forgetGone() {
	left := s.all[:0]
	for _, sess := range s.all {
		select {
		case <-sess.gone:
		default:
			left = append(left, sess)
		}
	}
	clear(s.all[len(left):])
	s.all = left
}

// connect makes a client and has it find a node. Asking for the server's version does just that, and no more, so the client
// has its connection before any call uses it.
func (s *supervisor) connect() (*session, error) {
	sess := newSession()
	conf := s.conf
	conf.Logger = observe(s.ctx, s.log, sess)
	client, err := esdb.NewClient(&conf)
	if err != nil {
		return nil, fmt.Errorf("make client: %w", err)
	}
	sess.client = client
	var version *esdb.ServerVersion
	if err := safely(func() error { version, err = client.GetServerVersion(); return err }); err != nil {
		sess.retire()
		return nil, fmt.Errorf("connect: %w", err)
	}
	sess.checkpoints = trustCheckpoints(version)
	return sess, nil
}

// close retires every session and waits, as long as ctx allows, until their clients are closed. The supervisor's own context
// has ended before, so that no further attempt begins. One that is under way cannot be called off. Where it does not end soon, because
// nodes are silent, it is left to itself: it ends after the gossip timeout of each, and keeps nothing.
func (s *supervisor) close(ctx context.Context) error {
	s.mu.Lock()
	d := s.dialling
	all := slices.Clone(s.all)
	s.mu.Unlock()
	if d != nil {
		soon, cancel := context.WithTimeout(ctx, dialEnd)
		defer cancel()
		_ = until(soon, d.done)
	}
	for _, sess := range all {
		sess.retire()
	}
	for _, sess := range all {
		if err := until(ctx, sess.gone); err != nil {
			return err
		}
	}
	return nil
}

func until(ctx context.Context, done <-chan struct{}) error {
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("close event store client: %w", context.Cause(ctx))
	}
}

// backoff draws the wait after the n-th failure (from 1) evenly from zero to a bound that doubles: full jitter keeps the
// waiters apart.
func backoff(n int) time.Duration {
	bound := min(backoffBase<<min(n, 10), backoffCap)
	return time.Duration(rand.Int64N(int64(bound)) + 1)
}

// wait pauses, or returns early with the cause when ctx ends.
func wait(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
