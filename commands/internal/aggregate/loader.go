package aggregate

import (
	"context"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// kept is how many aggregates of one kind a loader keeps. A booking takes some kilobytes.
const kept = 4096

// Loader loads the aggregates of one kind and keeps them folded, so that most commands need not read. It is safe for
// concurrent use.
//
// What it keeps may be behind the stream: another engine may have appended. An append at the revision of a kept aggregate is
// safe all the same, because it fails then. Every other use (a refusal, an answer without an append, an aggregate that is
// looked at but not appended to) needs a Fresh one.
type Loader[S State[S, E], E domain.Event] struct {
	store Store
	cache *lru.Cache[string, Loaded[S]]
	locks locks
	reads shared[Loaded[S]]
}

// NewLoader returns a loader over the store.
func NewLoader[S State[S, E], E domain.Event](store Store) *Loader[S, E] {
	cache, err := lru.New[string, Loaded[S]](kept)
	if err != nil {
		panic(err) // only a size below one is refused
	}
	return &Loader[S, E]{store: store, cache: cache}
}

// Kept returns an aggregate that may be behind its stream; ok is false when none is kept.
func (l *Loader[S, E]) Kept(stream string) (Loaded[S], bool) { return l.cache.Get(stream) }

// Fresh returns an aggregate with every event that its stream had when Fresh was called. Those who ask at one time share a read.
func (l *Loader[S, E]) Fresh(ctx context.Context, stream string) (Loaded[S], error) {
	return l.reads.get(ctx, stream, func(ctx context.Context) (Loaded[S], error) { return l.readOn(ctx, stream) })
}

func (l *Loader[S, E]) readOn(ctx context.Context, stream string) (Loaded[S], error) {
	from, ok := l.cache.Get(stream)
	if !ok {
		from = nothing[S](stream)
	}
	got, err := readOn[S, E](ctx, l.store, from)
	if err != nil {
		return Loaded[S]{}, err
	}
	l.keep(got)
	return got, nil
}

// Append appends the facts at the aggregate's revision, and keeps what has become of it. See the function Append for its
// errors; after each of them the stream may have moved.
func (l *Loader[S, E]) Append(ctx context.Context, before Loaded[S], facts []E, meta eventstore.Metadata) (eventstore.Appended, error) {
	events := make([]domain.Event, 0, len(facts))
	for _, f := range facts {
		events = append(events, f)
	}
	got, err := Append(ctx, l.store, eventstore.Append{
		Stream: before.Stream, Expected: before.Revision, Events: events, Metadata: meta,
	})
	if err != nil {
		return got, err
	}
	after := before
	for i, f := range facts {
		after.State = after.State.Evolve(f)
		after.note(domain.IsFence(f), Mark{
			CommandID: meta.CommandID, Hash: meta.CommandHash,
			Revision: got.Revision - eventstore.Revision(len(facts)-1-i), Position: got.Position,
		})
	}
	l.keep(after)
	return got, nil
}

// Lock waits until nobody else of this engine changes the stream, or fails when ctx ends first. It only saves conflicts.
func (l *Loader[S, E]) Lock(ctx context.Context, stream string) (unlock func(), err error) {
	return l.locks.lock(ctx, stream)
}

// keep puts an aggregate in the place of an older one; of two that race, the younger stays.
func (l *Loader[S, E]) keep(a Loaded[S]) {
	if have, ok := l.cache.Peek(a.Stream); ok && have.Revision > a.Revision {
		return
	}
	l.cache.Add(a.Stream, a)
}
