package check

import (
	"time"

	"github.com/google/uuid"

	"github.com/royalglow/booking/internal/eventstore"
)

// Message names one message that an event gives: the part'th of that event on the channel.
type Message struct {
	Channel string
	Part    int
}

// Attachment says that a subscriber hears a channel.
type Attachment struct {
	Subscriber string
	Channel    string
	// At is when the subscriber knew that it was attached. It was so a little earlier, which errs to the safe side: what
	// was committed in between may arrive and is not expected.
	At time.Time
	// Until is the last moment whose events the subscriber still waits for; zero while it listens. Whoever leaves a
	// channel sets it before he detaches, or messages that are on their way would count as lost.
	Until time.Time
}

// covers reports whether the subscriber had to hear of an event committed at the given time.
func (a Attachment) covers(committed time.Time) bool {
	return a.At.Before(committed) && (a.Until.IsZero() || !committed.After(a.Until))
}

// Observation is one message as it reached one subscriber.
type Observation struct {
	Subscriber string
	Channel    string
	EventID    uuid.UUID
	Part       int
	At         time.Time
	// Acted says that the subscriber's own rule, (version, part) above what it holds for the entity on the channel, let the
	// message through.
	Acted bool
	// Resync says that the message came as a resync, upon which the subscriber reads again.
	Resync bool
	// Data is the message's JSON as it came. It is searched for secrets and not kept.
	Data []byte
}

// Command is one HTTP command that was answered.
type Command struct {
	Action   Action
	Sent     time.Time
	Accepted bool
	// Position is that of the receipt; zero when the command was refused or changed nothing.
	Position eventstore.Position
}
