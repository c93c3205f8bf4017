package check

import (
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/royalglow/booking/internal/eventstore"
)

// Books collects the history of one run. All methods may be called concurrently; what is one sequence by nature (the log,
// the arrivals at one subscriber) must be told in its order. The zero Books is ready.
type Books struct {
	mu       sync.Mutex
	log      []logged
	head     eventstore.Position
	occupied occupancy
	attached map[string][]*Attachment // by channel
	arrivals []Observation
	commands []Command
}

// logged is what the books keep of an event: its place in the order is its index.
type logged struct {
	id        uuid.UUID
	position  eventstore.Position
	committed time.Time
	messages  []Message
}

// Event records the next event of the log with the messages that it gives.
func (b *Books) Event(rec eventstore.Recorded, messages []Message) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.log = append(b.log, logged{
		id: rec.ID, position: rec.Position, committed: rec.Created, messages: slices.Clone(messages),
	})
	b.head = rec.Position
	b.occupied.fold(rec.Event)
}

// Head returns the position of the last event that was recorded; zero before the first.
func (b *Books) Head() eventstore.Position {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.head
}

// Attached records that a subscriber hears a channel from the given moment on.
func (b *Books) Attached(subscriber, channel string, at time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.attached == nil {
		b.attached = map[string][]*Attachment{}
	}
	b.attached[channel] = append(b.attached[channel], &Attachment{Subscriber: subscriber, Channel: channel, At: at})
}

// Leaving records that a subscriber waits for nothing on the channel that is committed after the given moment. It is told
// before the subscriber detaches.
func (b *Books) Leaving(subscriber, channel string, until time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, a := range b.attached[channel] {
		if a.Subscriber == subscriber && a.Until.IsZero() {
			a.Until = until
		}
	}
}

// Arrived records a message that reached a subscriber.
func (b *Books) Arrived(o Observation) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.arrivals = append(b.arrivals, o)
}

// Answered records a command that got an answer, whatever it was.
func (b *Books) Answered(c Command) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.commands = append(b.commands, c)
}

// Stop records that nobody waits for anything that is committed after the given moment: the run is over and only what is
// under way still counts.
func (b *Books) Stop(at time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, attachments := range b.attached {
		for _, a := range attachments {
			if a.Until.IsZero() {
				a.Until = at
			}
		}
	}
}
