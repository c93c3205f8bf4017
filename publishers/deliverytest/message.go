package deliverytest

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/royalglow/booking/internal/eventstore"
)

// resync is the name of a message that stands for one which was refused: subscribers read again.
const resync = "resync"

// Message is one message as it is on the wire.
type Message struct {
	Key

	Channel  string
	ID       string // "<base>:<index>"
	Name     string
	EventID  string
	Position eventstore.Position
	// Redelivery says that the message is marked as one that subscribers may have seen.
	Redelivery bool
}

// base is the part of the id that names the list which the message was sent in.
func (m Message) base() string {
	if i := strings.LastIndexByte(m.ID, ':'); i >= 0 {
		return m.ID[:i]
	}
	return m.ID
}

// ReadMessage reads what a message says of itself. data is its JSON text, extras the decoded object that travels beside it. Tests that
// look into an endpoint, and not over its wire, make what was heard with it.
func ReadMessage(channel, id, name, data string, extras any) (Message, error) {
	m := Message{Channel: channel, ID: id, Name: name}
	var said struct {
		Entity   string              `json:"entity"`
		Version  eventstore.Revision `json:"version"`
		Part     int                 `json:"part"`
		Position eventstore.Position `json:"position"`
	}
	if err := json.Unmarshal([]byte(data), &said); err != nil {
		return m, fmt.Errorf("read message %q on %s: %w", name, channel, err)
	}
	m.Key, m.Position = Key{Entity: said.Entity, Version: said.Version, Part: said.Part}, said.Position
	beside, _ := extras.(map[string]any)
	headers, _ := beside["headers"].(map[string]any)
	m.EventID, _ = headers["eventId"].(string)
	m.Redelivery, _ = headers["redelivery"].(bool)
	return m, nil
}
