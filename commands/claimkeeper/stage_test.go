package claimkeeper_test

import (
	"context"
	"iter"
	"runtime"

	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/eventstore/memstore"
)

// fate is what befalls an actor at a step.
type fate int

const (
	goesOn    fate = iota
	freezes        // it is put aside until nobody else can go on
	crashes        // it is gone
	lost           // an append is in doubt and was not written
	written        // an append is in doubt and was written
	late           // an append is in doubt and is written at some later time, if it still fits
	storeAway      // the store cannot be reached
	fates          // how many there are
)

// stage lets one actor at a time take one step, so that a history is decided by its choices alone.
type stage struct {
	store  *memstore.Store
	actors []*actor
	held   bool // the frozen stay frozen
	parked chan struct{}
	// pick chooses among n actors that can go on, meet what befalls one at its step (from 0).
	pick func(n int) int
	meet func(a *actor, step int) fate
	// count proves that what should have happened did.
	count [fates]int
}

// actor is a goroutine that does its deeds through stepped calls of the store.
type actor struct {
	stage        *stage
	name         string
	resume       chan struct{}
	step         int
	frozen, done bool
}

func newStage(store *memstore.Store) *stage {
	return &stage{
		store: store, parked: make(chan struct{}),
		pick: func(int) int { return 0 },
		meet: func(*actor, int) fate { return goesOn },
	}
}

// enter adds an actor. It begins when it is picked for the first time.
func (s *stage) enter(name string, deeds func(store *steppedStore)) *actor {
	a := &actor{stage: s, name: name, resume: make(chan struct{})}
	s.actors = append(s.actors, a)
	go func() {
		// A crash unwinds the goroutine: deferred calls run, and none of the code under test may rely on them.
		defer func() {
			a.done = true
			s.parked <- struct{}{}
		}()
		<-a.resume
		deeds(&steppedStore{a})
	}()
	return a
}

// play runs until nobody is left. Who is frozen goes on when all others are done.
func (s *stage) play() {
	for {
		ready := s.ready()
		if len(ready) == 0 {
			return
		}
		a := ready[s.pick(len(ready))%len(ready)]
		a.frozen = false
		a.resume <- struct{}{}
		<-s.parked
	}
}

func (s *stage) ready() []*actor {
	var ready, frozen []*actor
	for _, a := range s.actors {
		switch {
		case a.done:
		case a.frozen:
			frozen = append(frozen, a)
		default:
			ready = append(ready, a)
		}
	}
	if len(ready) == 0 && !s.held {
		return frozen
	}
	return ready
}

// hold keeps the frozen frozen until the returned function is called.
func (s *stage) hold() (thaw func()) {
	s.held = true
	return func() { s.held = false }
}

// wait parks the actor before a step and returns what befalls it there.
func (a *actor) wait() fate {
	a.park()
	f := a.stage.meet(a, a.step)
	a.step++
	a.stage.count[f]++
	switch f {
	case crashes:
		runtime.Goexit()
	case freezes:
		a.frozen = true
		a.park() // play clears frozen when it picks the actor
	case goesOn, lost, written, late, storeAway, fates:
	}
	return f
}

func (a *actor) park() {
	a.stage.parked <- struct{}{}
	<-a.resume
}

// steppedStore is the store as one actor reaches it. There is a step before each read, and before and after each append.
type steppedStore struct{ a *actor }

// Append appends, unless fate has it otherwise.
func (s *steppedStore) Append(ctx context.Context, w eventstore.Append) (eventstore.Appended, error) {
	store := s.a.stage.store
	switch s.a.wait() {
	case storeAway:
		return eventstore.Appended{}, eventstore.ErrUnavailable
	case lost:
		return eventstore.Appended{}, eventstore.ErrInDoubt
	case late:
		s.a.stage.enter(s.a.name+" (late append)", func(*steppedStore) {
			_, _ = store.Append(context.WithoutCancel(ctx), w) // nobody hears how it ends
		})
		return eventstore.Appended{}, eventstore.ErrInDoubt
	case written:
		_, _ = store.Append(ctx, w) // nobody hears how it ends
		return eventstore.Appended{}, eventstore.ErrInDoubt
	case goesOn, freezes, crashes, fates:
	}
	got, err := store.Append(ctx, w)
	if s.a.wait() == written {
		return eventstore.Appended{}, eventstore.ErrInDoubt
	}
	return got, err
}

// Read reads a stream in one step.
func (s *steppedStore) Read(
	ctx context.Context, stream string, from eventstore.Revision,
) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		if s.a.wait() == storeAway {
			yield(eventstore.Recorded{}, eventstore.ErrUnavailable)
			return
		}
		for r, err := range s.a.stage.store.Read(ctx, stream, from) {
			if !yield(r, err) {
				return
			}
		}
	}
}
