package deliverytest

import (
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/publishers"
)

// Key is what subscribers know a message by, on its channel.
type Key struct {
	Entity  string
	Version eventstore.Revision
	Part    int
}

// above reports whether a subscriber that holds other of the same entity applies a message with this key.
func (k Key) above(other Key) bool {
	return k.Version > other.Version || (k.Version == other.Version && k.Part > other.Part)
}

// KeyOf returns the key of a message.
func KeyOf(m publishers.Message) Key {
	return Key{Entity: m.Envelope.Entity, Version: m.Envelope.Version, Part: m.Envelope.Part}
}

// Owed returns what must be heard of the log on each channel, in order: the messages of the events after the given position. Events
// up to there were committed before delivery began. An event that was read twice is owed once.
func Owed(log []eventstore.Recorded, after eventstore.Position) map[string][]publishers.Message {
	owed := map[string][]publishers.Message{}
	for _, e := range log {
		if e.Position <= after {
			continue
		}
		after = e.Position
		for _, m := range publishers.Messages(e, publishers.Directory{}) {
			owed[m.Channel] = append(owed[m.Channel], m)
		}
	}
	return owed
}
