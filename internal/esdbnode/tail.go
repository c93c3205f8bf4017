package esdbnode

import (
	"cmp"
	"slices"
	"sync"
)

// stateLimit is how many stream states stay in memory (up to twice as many).
const stateLimit = 32 << 10

// tail is the published end of the log in memory: the newest records, the states of
// the streams touched last, and the one number that decides what is visible. All of it
// changes together, after a commit.
//
// Subscribers hold a position and ask for what follows. There is no buffer per
// subscriber that could overflow: one that lags behind the oldest record in memory is
// told so and reads from disk until it is back.
type tail struct {
	limit int64 // bytes of records to keep

	mu      sync.Mutex
	head    int64         // position of the last published record; 0 when there is none
	floor   int64         // records holds everything after this position
	records []*record     // in order; only ever appended to and cut from the front
	bytes   int64         // size of records
	changed chan struct{} // closed when head moves
	states  *recent[string, streamState]
}

func newTail(head, limit int64) *tail {
	return &tail{
		limit:   limit,
		head:    head,
		floor:   head,
		changed: make(chan struct{}),
		states:  newRecent[string, streamState](stateLimit),
	}
}

// publish makes committed records visible and wakes everybody who waits for them.
func (t *tail) publish(records []*record, states map[string]streamState) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, rec := range records {
		t.bytes += rec.size()
	}
	t.records = append(t.records, records...)
	t.trim()
	t.head = records[len(records)-1].position
	for stream, st := range states {
		t.states.put(stream, st)
	}
	close(t.changed)
	t.changed = make(chan struct{})
}

// trim forgets the oldest records beyond the limit, but never the newest one.
func (t *tail) trim() {
	cut := 0
	for t.bytes > t.limit && cut < len(t.records)-1 {
		t.bytes -= t.records[cut].size()
		t.floor = t.records[cut].position
		// Subscribers may hold slices of this array, so entries are not cleared; they go
		// when append moves the rest to a new one.
		cut++
	}
	t.records = t.records[cut:]
}

// news is what the tail holds after a position.
type news struct {
	records  []*record // what follows, in order; not to be changed
	inMemory bool      // false: older records are needed first, from disk
	head     int64
	changed  <-chan struct{} // closed when there is more
}

// after gives up to limit records that follow the cursor.
func (t *tail) after(cursor int64, limit int) news {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := news{inMemory: cursor >= t.floor, head: t.head, changed: t.changed}
	if !n.inMemory {
		return n
	}
	from, found := slices.BinarySearchFunc(t.records, cursor, func(r *record, c int64) int {
		return cmp.Compare(r.position, c)
	})
	if found {
		from++
	}
	to := min(from+limit, len(t.records))
	n.records = t.records[from:to:to]
	return n
}

// published is the position of the last visible record, 0 for an empty log.
func (t *tail) published() int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.head
}

// ticket remembers when a state was looked for in vain.
type ticket struct{ rotations int }

// state finds the state of a stream. Without one it still gives the head to read at,
// and a ticket with which to remember what was read.
func (t *tail) state(stream string) (view, ticket, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	st, ok := t.states.get(stream)
	return view{streamState: st, head: t.head}, ticket{t.states.rotations}, ok
}

// remember keeps a state that was read from disk at the ticket's moment. Every publish
// stores the states it changed, so an absent state is still true, unless one was
// stored and forgotten since: then the ticket has expired.
func (t *tail) remember(tk ticket, stream string, st streamState) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if tk.rotations != t.states.rotations {
		return
	}
	if _, ok := t.states.get(stream); !ok {
		t.states.put(stream, st)
	}
}

// knownState is a state for the writer, for whom the published state is the present:
// nobody else publishes.
func (t *tail) knownState(stream string) (streamState, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.states.get(stream)
}
