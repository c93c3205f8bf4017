package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/royalglow/booking/internal/eventstore"
)

// The tests of ledgers are inside the package: the rule for pages is nobody else's business here.

// shownAs is the face of the tests: what the latest event says, and the latest that some events leave to be read.
type shownAs struct{ Version, Detail int }

// told is one event of one entity: what a message of it says, and what the API shows after it.
type told struct {
	position eventstore.Position
	entity   string
	version  int
	kind     verdict
	after    shownAs
	there    bool
}

// source is an engine with one channel: a log, how much of it has been published, and the API.
type source struct {
	t      *rapid.T
	log    []told
	sent   int // messages that the channel has had
	ledger *ledger[shownAs]
	heard  []int          // those of them that arrived
	missed bool           // a message was lost, and nothing has been read since
	top    map[string]int // the version below which nothing may be shown any more, by entity
	seen   map[string]int // what the last read of everything has seen
}

const testChannel = "channel"

func newSource(t *rapid.T) *source {
	s := &source{t: t, top: map[string]int{}}
	s.ledger = newLedger(only(testChannel), func(old shownAs, n note) (shownAs, verdict) {
		m := more[struct {
			Kind   verdict `json:"kind"`
			Detail int     `json:"detail"`
		}](n)
		old.Version = int(n.Version)
		if m.Kind == shows {
			old.Detail = m.Detail
		}
		return old, m.Kind
	})
	s.ledger.all = func(context.Context) (map[key]reading[shownAs], eventstore.Position, error) {
		now, at := s.read(s.published())
		s.happen() // while the answer is on its way
		return now, at, nil
	}
	s.ledger.one = func(_ context.Context, k key, lowest eventstore.Position) (reading[shownAs], bool, error) {
		now, at := s.read(lowest)
		s.happen()
		r, there := now[k]
		r.at = at
		return r, there, nil
	}
	return s
}

func (s *source) published() eventstore.Position {
	if s.sent == 0 {
		return 0
	}
	return s.log[s.sent-1].position
}

// read is the API as of some position that is late enough.
func (s *source) read(lowest eventstore.Position) (map[key]reading[shownAs], eventstore.Position) {
	least := 0
	for least < len(s.log) && s.log[least].position < lowest {
		least++
	}
	n := rapid.IntRange(min(least+1, len(s.log)), len(s.log)).Draw(s.t, "read up to")
	if lowest == 0 {
		n = rapid.IntRange(0, len(s.log)).Draw(s.t, "read any")
	}
	now, at := map[key]reading[shownAs]{}, eventstore.Position(0)
	seen := map[string]int{}
	for _, e := range s.log[:n] {
		at, seen[e.entity] = e.position, e.version+1
		if e.there {
			seen[e.entity] = e.after.Version
		}
		k := key{testChannel, e.entity}
		delete(now, k)
		if e.there {
			now[k] = reading[shownAs]{face: e.after}
		}
	}
	for k, r := range now {
		r.at = at
		now[k] = r
	}
	s.seen = seen
	return now, at
}

// commit adds an event.
func (s *source) commit() {
	e := told{
		position: eventstore.Position(10 * (len(s.log) + 1)), entity: rapid.SampledFrom([]string{"a", "b"}).Draw(s.t, "entity"),
		kind: rapid.SampledFrom([]verdict{shows, shows, unclear, gone, aside}).Draw(s.t, "kind"), there: true,
	}
	for _, old := range s.log {
		if old.entity == e.entity {
			e.version, e.after, e.there = old.version+1, old.after, old.there
		}
	}
	switch e.kind {
	case shows, unclear:
		e.after = shownAs{e.version, int(e.position)}
		e.there = true
	case gone:
		e.after, e.there = shownAs{}, false
	case aside:
	}
	if e.version == 0 { // it has to begin somehow
		e.kind, e.after, e.there = shows, shownAs{0, int(e.position)}, true
	}
	s.log = append(s.log, e)
}

// next delivers the next message.
func (s *source) next() {
	s.deliver(s.sent, false)
	s.heard = append(s.heard, s.sent)
	s.sent++
}

func (s *source) deliver(i int, again bool) {
	e := s.log[i]
	data, err := json.Marshal(map[string]any{"kind": e.kind, "detail": int(e.position)})
	if err != nil {
		s.t.Fatal(err)
	}
	acted, _ := s.ledger.hear(testChannel, note{
		Entity: e.entity, Version: eventstore.Revision(e.version), Position: e.position, data: data,
	})
	if acted == again {
		s.t.Fatalf("%+v, repeated: %v, is acted on: %v", e, again, acted)
	}
}

// happen lets the world go on for a moment: events, messages, repeats, losses.
func (s *source) happen() {
	for range rapid.IntRange(0, 4).Draw(s.t, "meanwhile") {
		switch what := rapid.IntRange(0, 9).Draw(s.t, "what"); {
		case what < 4:
			s.commit()
		case s.sent < len(s.log) && what < 8:
			s.next()
		case s.sent < len(s.log) && what == 8:
			s.sent++
			s.missed = true
		case len(s.heard) > 0:
			s.deliver(rapid.SampledFrom(s.heard).Draw(s.t, "repeat"), true)
		}
		s.neverBack()
	}
}

// neverBack checks that what is shown of an entity never gives way to something older.
func (s *source) neverBack() {
	s.ledger.each(func(k key, f shownAs) {
		if f.Version < s.top[k.entity] {
			s.t.Fatalf("%s goes back from version %d to %d", k.entity, s.top[k.entity], f.Version)
		}
		s.top[k.entity] = f.Version
	})
}

// refresh lets the page read everything. What it has seen then, it does not fall behind.
func (s *source) refresh() {
	mustDo(s.t, s.ledger.refresh(s.t.Context()))
	for entity, version := range s.seen {
		s.top[entity] = max(s.top[entity], version)
	}
	s.neverBack()
}

// TestAPageComesToShowWhatTheAPISays lets messages arrive, repeat and get lost while the page reads, in any order: it never goes
// back, and once everything has arrived, and it has read after its last gap, it shows what the API says.
func TestAPageComesToShowWhatTheAPISays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, ctx := newSource(t), t.Context()
		for range rapid.IntRange(1, 12).Draw(t, "rounds") {
			s.happen()
			switch rapid.IntRange(0, 3).Draw(t, "page") {
			case 0:
				s.missed = false // what is lost while it reads is lost anew
				s.refresh()
			case 1:
				mustDo(t, s.ledger.clarify(ctx))
			}
			s.neverBack()
		}
		for s.sent < len(s.log) {
			s.next()
		}
		for s.missed {
			s.missed = false
			s.refresh()
		}
		for len(s.ledger.puzzles()) > 0 {
			mustDo(t, s.ledger.clarify(ctx))
		}
		s.settle(ctx)
	})
}

// settle compares with the end of the log.
func (s *source) settle(ctx context.Context) {
	for s.sent < len(s.log) {
		s.next()
	}
	if s.missed || len(s.ledger.puzzles()) > 0 {
		return // the world went on while the page read; another round would be needed
	}
	s.ledger.all = func(context.Context) (map[key]reading[shownAs], eventstore.Position, error) {
		now := map[key]reading[shownAs]{}
		for _, e := range s.log {
			k := key{testChannel, e.entity}
			delete(now, k)
			if e.there {
				now[k] = reading[shownAs]{face: e.after, at: e.position}
			}
		}
		return now, s.published(), nil
	}
	differences, err := s.ledger.compare(ctx)
	mustDo(s.t, err)
	if len(differences) > 0 {
		s.t.Fatalf("%q\nafter %v", differences, s.log)
	}
}

// TestAPageThatMissesSomethingIsFoundOut: the comparison is worth something.
func TestAPageThatMissesSomethingIsFoundOut(t *testing.T) {
	for name, now := range map[string]map[key]reading[shownAs]{
		"another version":          {{testChannel, "a"}: {face: shownAs{2, 2}}},
		"nothing":                  {},
		"something else besides":   {{testChannel, "a"}: {face: shownAs{1, 1}}, {testChannel, "b"}: {}},
		"another channel entirely": {{"other", "a"}: {face: shownAs{1, 1}}},
	} {
		l := newLedger(only(testChannel), func(shownAs, note) (shownAs, verdict) { return shownAs{1, 1}, shows })
		l.hear(testChannel, note{Entity: "a", Version: 1, Position: 10})
		l.all = func(context.Context) (map[key]reading[shownAs], eventstore.Position, error) { return now, 10, nil }
		differences, err := l.compare(t.Context())
		if err != nil || len(differences) == 0 {
			t.Errorf("%s: %q, %v", name, differences, err)
		}
	}
}

func mustDo(t interface{ Fatal(args ...any) }, err error) {
	if err != nil {
		t.Fatal(fmt.Errorf("read: %w", err))
	}
}
