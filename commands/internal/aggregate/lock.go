package aggregate

import (
	"context"
	"fmt"
	"sync"
)

// locks are mutexes by stream. Two commands of one engine that change one stream would conflict at the store, and one of them
// would do its work again; here it waits its turn. Nothing is safe because of it: other engines know nothing of these locks.
type locks struct {
	mu   sync.Mutex
	held map[string]*turnstile
}

// turnstile lets one pass at a time.
type turnstile struct {
	free  chan struct{} // holds one token while nobody is inside
	users int           // inside or waiting; under locks.mu
}

// lock waits for the stream's turn, or fails when ctx ends first. Whoever has it calls unlock.
func (l *locks) lock(ctx context.Context, stream string) (unlock func(), err error) {
	l.mu.Lock()
	t := l.held[stream]
	if t == nil {
		if l.held == nil {
			l.held = map[string]*turnstile{}
		}
		t = &turnstile{free: make(chan struct{}, 1)}
		t.free <- struct{}{}
		l.held[stream] = t
	}
	t.users++
	l.mu.Unlock()
	leave := func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if t.users--; t.users == 0 {
			delete(l.held, stream)
		}
	}
	select {
	case <-t.free:
		return func() { t.free <- struct{}{}; leave() }, nil
	case <-ctx.Done():
		leave()
		return nil, fmt.Errorf("wait for %s: %w", stream, context.Cause(ctx))
	}
}
