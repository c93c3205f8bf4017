package publishers

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/royalglow/booking/internal/eventstore"
)

// queuedRow is a message that waits in the durable queue of its channel. Times are microseconds since 1970 UTC.
type queuedRow struct {
	bun.BaseModel `bun:"table:queued"`

	Channel   string              `bun:"channel,pk"`
	Position  eventstore.Position `bun:"position,pk"`
	Part      int                 `bun:"part,pk"`
	Base      string              `bun:"base"`    // of the array that it is fixed in; empty: none yet
	SentAt    int64               `bun:"sent_at"` // when that may first have been sent; 0: it was not
	Attempts  int                 `bun:"attempts"`
	EventID   string              `bun:"event_id"`
	EventType string              `bun:"event_type"`
	Template  string              `bun:"template"`
	Name      string              `bun:"name"`
	Entity    string              `bun:"entity"`
	Data      string              `bun:"data"`
	Headers   string              `bun:"headers"`
	Resync    int                 `bun:"resync"`
	CreatedAt int64               `bun:"created_at"`
	TraceID   string              `bun:"trace_id"`
}

// newQueuedRow is the row of a message that has not been put with others yet.
func newQueuedRow(m outgoing) (queuedRow, error) {
	headers, err := json.Marshal(m.headers)
	if err != nil {
		return queuedRow{}, fmt.Errorf("encode headers of %s: %w", m.Name, err)
	}
	row := queuedRow{
		Channel: m.Channel, Position: m.Envelope.Position, Part: m.Envelope.Part,
		EventID: m.EventID.String(), EventType: m.EventType, Template: m.Template, Name: m.Name,
		Entity: m.Envelope.Entity, Data: string(m.data), Headers: string(headers),
		CreatedAt: m.created.UnixMicro(), TraceID: m.traceID,
	}
	if m.resync {
		row.Resync = 1
	}
	return row, nil
}

// unreadableError says that a row in a durable queue is not what was written there.
type unreadableError struct {
	channel  string
	position eventstore.Position
	cause    error
}

func (e *unreadableError) Error() string {
	return fmt.Sprintf("queued message on %s at %d cannot be read: %v", e.channel, e.position, e.cause)
}

func (e *unreadableError) Unwrap() error { return e.cause }

func (r queuedRow) unreadable(cause error) error {
	return &unreadableError{r.Channel, r.Position, cause}
}

// message is what the row was made of, as far as sending it needs that. The error is an *unreadableError.
func (r queuedRow) message() (outgoing, error) {
	id, err := uuid.Parse(r.EventID)
	if err != nil {
		return outgoing{}, r.unreadable(err)
	}
	m := outgoing{
		Message: Message{Channel: r.Channel, Template: r.Template, Name: r.Name, EventID: id, EventType: r.EventType},
		data:    json.RawMessage(r.Data), created: time.UnixMicro(r.CreatedAt), traceID: r.TraceID, resync: r.Resync == 1,
		span: noop.Span{},
	}
	if err := json.Unmarshal(m.data, &m.Envelope); err != nil {
		return outgoing{}, r.unreadable(err)
	}
	if err := json.Unmarshal([]byte(r.Headers), &m.headers); err != nil {
		return outgoing{}, r.unreadable(err)
	}
	m.Envelope.Position, m.Envelope.Part = r.Position, r.Part // by which it is deleted
	return m, nil
}

// place is where a message stands in the queue of its channel.
func (m outgoing) place() queuePlace { return queuePlace{m.Envelope.Position, m.Envelope.Part} }

type queuePlace struct {
	position eventstore.Position
	part     int
}
