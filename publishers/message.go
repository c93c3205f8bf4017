package publishers

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/royalglow/booking/internal/eventstore"
)

// Envelope is what the data of every message has. A subscriber applies a message when its (Version, Part) is above what it
// holds for the Entity on that channel.
type Envelope struct {
	// Entity is the booking, leave or branch that the message is about.
	Entity string `json:"entity"`
	// Version is the revision of the event in the entity's stream. Versions rise but need not be contiguous.
	Version eventstore.Revision `json:"version"`
	// Part counts from 0 within one event and channel.
	Part int `json:"part"`
	// Position is the event's place in the log, as a read's ?minPosition= takes it.
	Position   eventstore.Position `json:"position"`
	OccurredAt time.Time           `json:"occurredAt"`
	BranchID   string              `json:"branchId"`
}

// resyncName is the name of a message that stands in for another: who gets it reads again. It has no payload.
const resyncName = "resync"

// Message is one message for one channel.
type Message struct {
	Channel string
	// Template is the channel's name with placeholders, such as "booking:{bookingId}": what traces are grouped by.
	Template string
	// Name is the message's name on the wire, such as "status.changed".
	Name      string
	EventID   uuid.UUID
	EventType string
	Envelope  Envelope
	// Payload marshals to a JSON object without any key of Envelope; nil for none.
	Payload any
}

// Data returns the JSON object that subscribers get: the envelope and the payload in one.
func (m Message) Data() (json.RawMessage, error) {
	envelope, err := json.Marshal(m.Envelope)
	if err != nil {
		return nil, fmt.Errorf("encode envelope of %s: %w", m.Name, err)
	}
	if m.Payload == nil {
		return envelope, nil
	}
	payload, err := json.Marshal(m.Payload)
	if err != nil {
		return nil, fmt.Errorf("encode payload of %s: %w", m.Name, err)
	}
	// Two objects become one: "{a" + "," + "b}".
	return append(append(envelope[:len(envelope)-1], ','), payload[1:]...), nil
}
