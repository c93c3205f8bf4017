package eventstore

import (
	"time"

	"github.com/google/uuid"

	"github.com/royalglow/booking/domain"
)

// Revision numbers the events of one stream from 0.
type Revision int64

// NoStream is the revision of a stream without events: what an append expects that begins one.
const NoStream Revision = -1

// Position is an event's place in the log of all streams. Positions rise strictly but are not counts: nothing is computed
// from their distance. The zero Position lies before the first event.
type Position uint64

// Metadata is stored with every event. The names that begin with '$' are the store's own conventions.
type Metadata struct {
	SchemaVersion int    `json:"schemaVersion"`
	CorrelationID string `json:"$correlationId,omitempty"`
	CausationID   string `json:"$causationId,omitempty"`
	// CommandID is the idempotent identity of the command, CommandHash a digest of its body and actor.
	CommandID   string       `json:"commandId,omitempty"`
	CommandHash string       `json:"commandHash,omitempty"`
	Actor       domain.Actor `json:"actor"`
	OccurredAt  time.Time    `json:"occurredAt"`
	// TraceParent and TraceState carry the W3C trace context of the append, TraceID and SpanID the same for readers that
	// follow the store vendor's convention. All are empty when nothing is traced.
	TraceParent string `json:"traceparent,omitempty"`
	TraceState  string `json:"tracestate,omitempty"`
	TraceID     string `json:"$traceId,omitempty"`
	SpanID      string `json:"$spanId,omitempty"`
}

// Recorded is an event as it stands in the log.
type Recorded struct {
	ID       uuid.UUID
	Stream   string
	Revision Revision
	Position Position
	// Created is the store's clock at the append; Metadata.OccurredAt is the engine's.
	Created  time.Time
	Event    domain.Event
	Metadata Metadata
}

// Append is a wish to add events to one stream, all or none.
type Append struct {
	Stream string
	// Expected is the revision of the stream's last event, or NoStream. There is no "any": whoever appends has read.
	Expected Revision
	Events   []domain.Event
	Metadata Metadata
}

// Appended tells where the last event of an append went.
type Appended struct {
	Revision Revision
	Position Position
}
