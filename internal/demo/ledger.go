package demo

import (
	"context"
	"sync"

	"github.com/royalglow/booking/internal/eventstore"
)

// ledger is what a page shows: for each channel that feeds it, and each entity (a booking, a leave, a branch) that the channel
// tells of, one face. It keeps the engine's rule for pages: a message counts when its (version, part) is above what is held for
// that entity on that channel. It never puts an older face in the place of a newer one: both what is read and what is told name
// a position in the log, and what lies behind the face is left out.
type ledger[F any] struct {
	// feeds reports whether a channel tells of what is shown.
	feeds func(channel string) bool
	// fold returns an entity's face after a message.
	fold func(old F, n note) (F, verdict)
	// all asks the API for everything that the page shows; absent is what an entity that is missing is known as of.
	all func(ctx context.Context) (now map[key]reading[F], absent eventstore.Position, err error)
	// one asks for one entity, as it is at the position or later; it is there only while something is to be shown of it.
	one func(ctx context.Context, k key, lowest eventstore.Position) (now reading[F], there bool, err error)

	mu    sync.Mutex
	lines map[key]*entry[F]
	asOf  eventstore.Position // how far everything has been read
}

// key is what the rule for pages compares versions within.
type key struct{ channel, entity string }

// mark is a message's place among those about its entity on a channel.
type mark struct {
	version eventstore.Revision
	part    int
}

func (m mark) above(o mark) bool {
	return m.version > o.version || (m.version == o.version && m.part > o.part)
}

// reading is a face as the API has it, as of a position.
type reading[F any] struct {
	face F
	at   eventstore.Position
}

// entry is what a page knows of an entity on a channel. It stays when nothing is shown any more, for the sake of the rule.
type entry[F any] struct {
	face  F
	shown bool
	held  *mark               // nil: no message yet
	told  eventstore.Position // of the last message
	read  eventstore.Position // of the last read
	// unclear is how far a read must have come, because a message did not tell all; zero: the face is right.
	unclear eventstore.Position
}

// verdict is what a message comes to.
type verdict int

// The verdicts.
const (
	shows   verdict = iota // the face is as it should be
	unclear                // the message does not tell the whole face: it is read again
	gone                   // nothing is shown of the entity any more
	aside                  // the message changes nothing on this page
)

// newLedger makes a ledger that nothing is shown on; who makes it says how to read it.
func newLedger[F any](feeds func(channel string) bool, fold func(F, note) (F, verdict)) *ledger[F] {
	return &ledger[F]{feeds: feeds, fold: fold, lines: map[key]*entry[F]{}}
}

// only is for what one channel feeds.
func only(channel string) func(string) bool { return func(c string) bool { return c == channel } }

func (l *ledger[F]) hears(channel string) bool { return l.feeds(channel) }

// hear follows the rule and tells whether it let the message through, and whether it left something unclear.
func (l *ledger[F]) hear(channel string, n note) (acted, open bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e := l.line(key{channel, n.Entity})
	now := mark{n.Version, n.Part}
	if e.held != nil && !now.above(*e.held) {
		return false, false
	}
	e.held, e.told = &now, n.Position
	if n.Position <= max(l.asOf, e.read) {
		return true, false // what was read knows of it
	}
	face, v := l.fold(e.face, n)
	switch v {
	case shows, unclear:
		e.face, e.shown = face, true
		if v == unclear {
			e.unclear = n.Position
		}
	case gone:
		e.forget()
	case aside:
	}
	return true, v == unclear
}

// line returns the entry for a key. l.mu is held.
func (l *ledger[F]) line(k key) *entry[F] {
	e := l.lines[k]
	if e == nil {
		e = &entry[F]{}
		l.lines[k] = e
	}
	return e
}

func (e *entry[F]) forget() {
	var nothing F
	e.face, e.shown, e.unclear = nothing, false, 0
}
