package demo

import (
	"context"
	"fmt"
	"slices"
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
	// settled is the same once nothing is under way any more; nil: all.
	settled func(ctx context.Context) (now map[key]reading[F], absent eventstore.Position, err error)
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

// refresh shows what the API says now. What has been told since the read stays, and is read once more by itself: a message
// before it may be among those that were missed.
func (l *ledger[F]) refresh(ctx context.Context) error {
	now, absent, err := l.all(ctx)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for k := range now {
		l.line(k)
	}
	for k, e := range l.lines {
		r, there := now[k]
		if !there {
			r.at = absent
		}
		l.put(e, r, there)
	}
	l.asOf = max(l.asOf, absent)
	return nil
}

// put enters what was read, unless a message has told more since.
func (l *ledger[F]) put(e *entry[F], r reading[F], there bool) {
	if e.told > r.at {
		e.unclear = e.told
		return
	}
	if r.at < max(e.read, l.asOf) {
		return
	}
	e.forget()
	e.face, e.shown, e.read = r.face, there, r.at
}

// clarify reads what messages left unclear.
func (l *ledger[F]) clarify(ctx context.Context) error {
	for _, k := range l.puzzles() {
		l.mu.Lock()
		lowest := l.lines[k].unclear
		l.mu.Unlock()
		now, there, err := l.one(ctx, k, lowest)
		if err != nil {
			return err
		}
		l.mu.Lock()
		l.put(l.lines[k], now, there)
		l.mu.Unlock()
	}
	return nil
}

// puzzles lists what is unclear.
func (l *ledger[F]) puzzles() (keys []key) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for k, e := range l.lines {
		if e.unclear > 0 {
			keys = append(keys, k)
		}
	}
	return keys
}

// sees returns what the page shows of an entity, if that is certain.
func (l *ledger[F]) sees(k key) (face F, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e := l.lines[k]
	if e == nil || !e.shown || e.unclear > 0 {
		return face, false
	}
	return e.face, true
}

// each calls f with everything that is shown for certain.
func (l *ledger[F]) each(f func(k key, face F)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for k, e := range l.lines {
		if e.shown && e.unclear == 0 {
			f(k, e.face)
		}
	}
}

// compare lists, in words, where the page does not show what the API says.
func (l *ledger[F]) compare(ctx context.Context) ([]string, error) {
	read := l.all
	if l.settled != nil {
		read = l.settled
	}
	now, _, err := read(ctx)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	var differences []string
	for k := range now {
		l.line(k)
	}
	for k, e := range l.lines {
		got, want := "nothing", "nothing"
		if e.shown {
			got = fmt.Sprintf("%+v", e.face)
		}
		if r, there := now[k]; there {
			want = fmt.Sprintf("%+v", r.face)
		}
		if got != want {
			differences = append(differences, fmt.Sprintf("%s on %s: shown is %s, the API says %s", k.entity, k.channel, got, want))
		}
	}
	slices.Sort(differences)
	return differences, nil
}
