package deliverytest

import (
	"fmt"
	"strings"

	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/publishers"
)

// Run is what a run came to. It is complete once nothing is under way any more.
type Run struct {
	// Log are all events, in order; After is the position up to which none of them is owed.
	Log   []eventstore.Recorded
	After eventstore.Position
	// Heard is what a subscriber heard, in order, by channel. A channel that is missing was not listened to: what it is owed is
	// looked for only on the wire.
	Heard map[string][]Message
	// Sent is what was on the wire, in order of arrival. Nil: nobody looked, and nothing is said about it.
	Sent []Sent
	// Stands are the checkpoints that were seen, in order.
	Stands []Stand
	// MaxWireDuplicates bounds the lists that were sent again for a reason. Negative: it does not matter how many.
	MaxWireDuplicates int
}

// Stand is where a publisher stood when somebody looked.
type Stand struct {
	Checkpoint eventstore.Position
	// At is the Tap's Now, read after the checkpoint.
	At Moment
	// Queued reports whether the message was in the durable queue. Nil: nothing was.
	Queued func(channel string, k Key) bool
	// Killed says that the publisher had just been killed. What it had sent beyond its checkpoint may be sent again.
	Killed bool
}

// holds reports whether the publisher still had to see to a message.
func (s Stand) holds(channel string, k Key, at eventstore.Position) bool {
	return at > s.Checkpoint || (s.Queued != nil && s.Queued(channel, k))
}

// Kind is a promise that was broken.
type Kind string

// The kinds.
const (
	// Lost: a message of the log was not heard, nor a resync in its place; where nobody listened, it was never acknowledged.
	Lost Kind = "lost"
	// Reordered: a message was first heard after one that follows it in the log.
	Reordered Kind = "reordered"
	// DuplicateVisible: a message of an event that had been heard before came under a (version, part) which its subscriber applies
	// once more: above what it holds of the entity on the channel.
	DuplicateVisible Kind = "duplicate-visible"
	// Invented: a message that no event calls for.
	Invented Kind = "invented"
	// DuplicateOnWire: a list, or a part of one, was sent again after the endpoint had it, and no kill, lost answer or queue is the
	// reason; or there were more of those than the run's bound.
	DuplicateOnWire Kind = "duplicate-on-wire"
	// IDReused: one id stood for two messages. The endpoint drops the second.
	IDReused Kind = "id-reused"
	// Overlapping: one publisher sent a list while another of the same channel was not answered yet.
	Overlapping Kind = "overlapping"
	// CheckpointAhead: a checkpoint was past a message that was neither acknowledged nor in the durable queue.
	CheckpointAhead Kind = "checkpoint-ahead"
)

// Violation is one broken promise.
type Violation struct {
	Kind    Kind
	Channel string
	Key     Key
	Why     string
}

// String returns it as a line.
func (v Violation) String() string {
	return fmt.Sprintf("%s: %s %s %d/%d %s", v.Kind, v.Channel, v.Key.Entity, v.Key.Version, v.Key.Part, v.Why)
}

// Verdict is what a check came to.
type Verdict struct {
	Violations []Violation
	// Owed counts the messages that the log calls for on the channels that were listened to, Heard those that came.
	Owed, Heard int
	// Repeats counts what was heard again and dropped by the rule of the subscribers.
	Repeats int
	// Lists counts the lists on the wire, WireDuplicates those of them that were sent again.
	Lists, WireDuplicates int
}

// Count returns how many violations are of a kind.
func (v Verdict) Count(kind Kind) (n int) {
	for _, one := range v.Violations {
		if one.Kind == kind {
			n++
		}
	}
	return n
}

// shown is how many violations of a kind a sentence holds.
const shown = 4

// String returns the counts and the first violations of each kind.
func (v Verdict) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d of %d messages heard, %d repeats dropped; %d lists sent, %d of them again; %d violations",
		v.Heard, v.Owed, v.Repeats, v.Lists, v.WireDuplicates, len(v.Violations))
	count := map[Kind]int{}
	for _, one := range v.Violations {
		if count[one.Kind]++; count[one.Kind] <= shown {
			b.WriteString("\n" + one.String())
		}
	}
	for _, kind := range sortedKeys(count) {
		fmt.Fprintf(&b, "\n%s: %d in all", kind, count[kind])
	}
	return b.String()
}

// Check judges a run.
func Check(r Run) Verdict {
	c := checker{run: r, owed: Owed(r.Log, r.After)}
	if r.Sent != nil {
		c.readWire()
	}
	for _, channel := range sortedKeys(r.Heard) {
		c.listen(channel, r.Heard[channel])
	}
	if r.Sent != nil {
		c.unacknowledged()
		c.stands()
	}
	return c.verdict
}

type checker struct {
	run     Run
	owed    map[string][]publishers.Message
	verdict Verdict
	// acked is when the endpoint had a message for the first time.
	acked map[place]Moment
}

// place is a message on its channel.
type place struct {
	channel string
	key     Key
}

func (c *checker) object(kind Kind, channel string, key Key, format string, args ...any) {
	c.verdict.Violations = append(c.verdict.Violations, Violation{kind, channel, key, fmt.Sprintf(format, args...)})
}
