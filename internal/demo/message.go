package demo

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/ably/ably-go/ably"
	"github.com/google/uuid"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// note is what people understand of any message; what only some pages want of it is in data.
type note struct {
	Entity     string              `json:"entity"`
	Version    eventstore.Revision `json:"version"`
	Part       int                 `json:"part"`
	Position   eventstore.Position `json:"position"`
	OccurredAt time.Time           `json:"occurredAt"`
	// The following are of booking messages; empty where a message has none.
	FromStatus   domain.Status `json:"fromStatus"`
	ToStatus     domain.Status `json:"toStatus"`
	CustomerName string        `json:"customerName"`

	Name    string          `json:"-"`
	EventID uuid.UUID       `json:"-"`
	data    json.RawMessage // the whole of it
}

// resync is the name of the message that takes the place of one which cannot be told, because the service refused it, or because
// somebody's words were taken back while it waited: the page reads again.
const resync = "resync"

// readNote reads a message as the client library hands it over: the data of a subscription is not decoded by the library.
func readNote(m *ably.Message) (note, error) {
	n := note{Name: m.Name}
	text, ok := m.Data.(string)
	if !ok {
		return n, fmt.Errorf("read message %q: data is a %T, not JSON text", m.Name, m.Data)
	}
	n.data = json.RawMessage(text)
	if err := json.Unmarshal(n.data, &n); err != nil {
		return n, fmt.Errorf("read message %q: %w", m.Name, err)
	}
	headers, _ := m.Extras["headers"].(map[string]any)
	id, _ := headers["eventId"].(string)
	var err error
	if n.EventID, err = uuid.Parse(id); err != nil {
		return n, fmt.Errorf("read message %q: event id: %w", m.Name, err)
	}
	return n, nil
}

// more reads what else a message has. It has been read as JSON before, so that what does not fit is left at its zero value: the
// page then differs from the API, and that is found.
func more[T any](n note) (data T) {
	_ = json.Unmarshal(n.data, &data)
	return data
}
