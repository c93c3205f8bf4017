package aggregate

import (
	"context"
	"fmt"
	"sync"
)

// shared lets those who want a fresh copy of one stream at one time share a read. Whoever asks gets a read that began after he
// asked: one under way is no use to him, so he waits for the next, with all others who came meanwhile. The zero value is ready.
type shared[T any] struct {
	mu      sync.Mutex
	streams map[string]*reads[T]
}

// reads are those of one stream.
type reads[T any] struct {
	running *round[T] // begun
	next    *round[T] // whoever asks now joins it
}

// round is one read.
type round[T any] struct {
	done chan struct{}
	got  T
	err  error // valid once done is closed
	led  bool  // the read itself failed, and not its leader's patience
}

// get returns what read returns. The first who asks reads for the others, with his own context; when that ends before the read
// does, they read for themselves.
func (s *shared[T]) get(ctx context.Context, stream string, read func(context.Context) (T, error)) (T, error) {
	for {
		r, before, leads := s.join(stream)
		if leads {
			return s.lead(ctx, stream, r, before, read)
		}
		select {
		case <-r.done:
			if r.err == nil || r.led {
				return r.got, r.err
			}
		case <-ctx.Done():
			var none T
			return none, fmt.Errorf("wait for %s: %w", stream, context.Cause(ctx))
		}
	}
}

// join finds the round that begins next. Who opens it leads it, and waits for the one before.
func (s *shared[T]) join(stream string) (r, before *round[T], leads bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	of := s.streams[stream]
	if of == nil {
		if s.streams == nil {
			s.streams = map[string]*reads[T]{}
		}
		of = &reads[T]{}
		s.streams[stream] = of
	}
	if of.next != nil {
		return of.next, nil, false
	}
	r = &round[T]{done: make(chan struct{})}
	if of.running == nil {
		of.running = r // begins now: nobody may join it any more
		return r, nil, true
	}
	of.next = r
	return r, of.running, true
}

// lead reads for all who have joined.
func (s *shared[T]) lead(
	ctx context.Context, stream string, r, before *round[T], read func(context.Context) (T, error),
) (T, error) {
	defer s.leave(stream, r)
	if before != nil {
		select {
		case <-before.done:
		case <-ctx.Done():
			r.err = fmt.Errorf("wait for %s: %w", stream, context.Cause(ctx))
			return r.got, r.err
		}
		s.begin(stream, r)
	}
	r.got, r.err = read(ctx)
	r.led = ctx.Err() == nil
	return r.got, r.err
}

// begin closes the round to those who come from now on.
func (s *shared[T]) begin(stream string, r *round[T]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	of := s.streams[stream]
	of.running, of.next = r, nil
}

// leave ends the round, and forgets the stream when nobody is left.
func (s *shared[T]) leave(stream string, r *round[T]) {
	s.mu.Lock()
	of := s.streams[stream]
	if of.running == r {
		of.running = nil
	}
	if of.next == r {
		of.next = nil // its leader gave up before it began
	}
	if of.running == nil && of.next == nil {
		delete(s.streams, stream)
	}
	s.mu.Unlock()
	close(r.done)
}
