package eventstore

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"
)

// MaxAppendBytes bounds one append, data and metadata together: the least that any supported version of the store accepts.
const MaxAppendBytes = 1 << 20

// eventOverhead is what is reckoned for the id and the headers that the store keeps with an event, in bytes.
const eventOverhead = 128

// Proposal is an event on its way into a stream, in the form in which it is stored.
type Proposal struct {
	ID   uuid.UUID
	Type string
	Data []byte
	Meta []byte
}

// Proposals turns an append into what is stored, with the ids that make its repetition harmless. Stores use it; it fails on
// an append that no store accepts: without events, with an impossible revision, or (ErrTooLarge) above MaxAppendBytes.
func Proposals(a Append) ([]Proposal, error) {
	switch {
	case a.Stream == "":
		return nil, errors.New("append names no stream")
	case a.Expected < NoStream:
		return nil, fmt.Errorf("append to %s: impossible revision %d", a.Stream, a.Expected)
	case len(a.Events) == 0:
		return nil, fmt.Errorf("append to %s: no events", a.Stream)
	}
	shapes, size := storedShapes(), 0
	out := make([]Proposal, 0, len(a.Events))
	for i, e := range a.Events {
		p, err := shapes.proposal(a, i, e.EventType())
		if err != nil {
			return nil, fmt.Errorf("append to %s: %w", a.Stream, err)
		}
		size += len(p.Type) + len(p.Data) + len(p.Meta) + eventOverhead
		out = append(out, p)
	}
	if size > MaxAppendBytes {
		return nil, fmt.Errorf("append to %s: %w", a.Stream, ErrTooLarge)
	}
	return out, nil
}

func (s shapes) proposal(a Append, i int, eventType string) (Proposal, error) {
	_, data, err := Encode(a.Events[i])
	if err != nil {
		return Proposal{}, err
	}
	meta := a.Metadata
	meta.SchemaVersion = s.version(eventType)
	m, err := json.Marshal(meta)
	if err != nil {
		return Proposal{}, fmt.Errorf("encode metadata: %w", err)
	}
	id := EventID(a.Stream, a.Expected, i, eventType, data, a.Metadata.CommandID)
	return Proposal{ID: id, Type: eventType, Data: data, Meta: m}, nil
}
