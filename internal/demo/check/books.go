package check

import (
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/royalglow/booking/domain"
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
	gives    map[string][]owed        // what the log gives, by channel
	arrivals []Observation
	seen     map[pair]struct{} // what has arrived
	commands []Command
	leaked   int
	outdated map[string]struct{} // pages that showed something else than the API in the end
}

// logged is what the books keep of an event: its place in the order is its index.
type logged struct {
	id        uuid.UUID
	position  eventstore.Position
	committed time.Time
	messages  []Message
}

// owed is a message of an event, by the event's index.
type owed struct{ event, part int }

// Event records the next event of the log with the messages that it gives.
func (b *Books) Event(rec eventstore.Recorded, messages []Message) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, m := range messages {
		if b.gives == nil {
			b.gives = map[string][]owed{}
		}
		b.gives[m.Channel] = append(b.gives[m.Channel], owed{len(b.log), m.Part})
	}
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
	leaked := leaks(audienceOf(o.Channel), o.Data)
	o.Data = nil
	b.mu.Lock()
	defer b.mu.Unlock()
	b.leaked += leaked
	b.arrivals = append(b.arrivals, o)
	if b.seen == nil {
		b.seen = map[pair]struct{}{}
	}
	b.seen[o.pair()] = struct{}{}
}

// Shown records that the API showed a text to somebody with the role.
func (b *Books) Shown(to domain.Role, text []byte) {
	leaked := leaks(readerOf(to), text)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.leaked += leaked
}

// Answered records a command that got an answer, whatever it was.
func (b *Books) Answered(c Command) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.commands = append(b.commands, c)
}

// Outdated records that a subscriber's page, once everything had arrived, did not show what the API says.
func (b *Books) Outdated(subscriber string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.outdated == nil {
		b.outdated = map[string]struct{}{}
	}
	b.outdated[subscriber] = struct{}{}
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
