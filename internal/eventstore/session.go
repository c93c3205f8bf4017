package eventstore

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
)

// abandonAfter is how long a call may go on once its context has ended. The library heeds the context while a request is
// under way, so this passes only when the library is stuck.
const abandonAfter = time.Second

// errRetired says that a session was replaced before a call had begun on it. It never leaves the package.
var errRetired = errors.New("session retired")

// session is one life of the library's client, from a connection that works to the first sign that it has gone.
//
// What must not happen is that the client looks for a node a second time: it then leaks the old connection, and when it finds
// none it leaves every other caller waiting for ever. It does so on the first call after an answer Unavailable. But before it
// takes note of such an answer it logs it, and that is where the session retires: it lets no further call begin, and waits
// until those that are about to fetch the connection have got it. The gate is held from before the fetch until the library
// asks the call's context for its deadline, which is the first thing it does with the connection in hand.
type session struct {
	client *esdb.Client
	// checkpoints says whether the server's checkpoints can be trusted (see trustCheckpoints).
	checkpoints bool
	users       users
	gate        sync.RWMutex
	retired     atomic.Bool
	// gone is closed when the client has been closed, after the last user has left.
	gone chan struct{}
}

func newSession() *session {
	s := &session{gone: make(chan struct{})}
	s.users.last = s.tearDown
	return s
}

func (s *session) tearDown() {
	defer close(s.gone)
	// Close never fails in this version of the library; that it might panic is no reason to take the process along.
	_ = safely(s.client.Close)
}

// retire lets no call begin on the session any more. The client is closed when the last one has ended. It may be called
// from within a call, and again.
func (s *session) retire() {
	s.retired.Store(true)
	// Whoever holds the gate is on the way to a connection that is still good; he is let through.
	s.gate.Lock()
	s.gate.Unlock() //nolint:staticcheck // the wait is the purpose
	s.users.shutdown()
}

// call is one use of the library on a goroutine of its own, because the library may panic, or block whatever the context.
type call struct {
	done chan struct{}
	err  error // valid once done is closed
	// sent is set when the request may have left: before, certainly nothing has reached the store.
	sent  atomic.Bool
	leave func()
	s     *session
}

// start runs fn as a user of the session; errRetired: it did not begin. Whoever starts a call waits for it.
func (s *session) start(ctx context.Context, fn func(context.Context, *esdb.Client) error) (*call, error) {
	if !s.users.enter() {
		return nil, errRetired
	}
	c := &call{done: make(chan struct{}), leave: sync.OnceFunc(s.users.leave), s: s}
	s.gate.RLock()
	if s.retired.Load() {
		s.gate.RUnlock()
		c.leave()
		return nil, errRetired
	}
	open := sync.OnceFunc(s.gate.RUnlock)
	watched := &watchedContext{Context: ctx, used: func() {
		c.sent.Store(true)
		open()
	}}
	go func() { //nolint:contextcheck // watched is ctx
		defer close(c.done)
		defer c.leave()
		defer open()
		c.err = guarded(watched, s.client, fn)
	}()
	return c, nil
}

func guarded(ctx context.Context, client *esdb.Client, fn func(context.Context, *esdb.Client) error) error {
	return safely(func() error { return fn(ctx, client) })
}

// wait returns the call's error once it has ended. A call that does not end with its context is abandoned: its goroutine is
// freed, at the latest, by the closing of the client.
func (c *call) wait(ctx context.Context) error {
	select {
	case <-c.done:
		return c.err
	case <-ctx.Done():
	}
	grace := time.NewTimer(abandonAfter)
	defer grace.Stop()
	select {
	case <-c.done:
		return c.err
	case <-grace.C:
		// Not retire, which would wait for the gate: the stuck call may hold it, and closing the client is what frees it.
		c.s.retired.Store(true)
		c.s.users.shutdown()
		c.leave()
		return fmt.Errorf("client does not answer: %w", context.Cause(ctx))
	}
}

// watchedContext tells when the library begins to use it.
type watchedContext struct {
	context.Context
	used func()
}

// Deadline is what the library asks for first when it has got hold of the connection.
func (c *watchedContext) Deadline() (time.Time, bool) {
	c.used()
	return c.Context.Deadline()
}

// errPanic wraps what the library panicked with.
var errPanic = errors.New("event store client panicked")

// safely turns a panic of the library into an error: a misbehaving server must not end the process.
func safely(fn func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", errPanic, p)
		}
	}()
	return fn()
}
