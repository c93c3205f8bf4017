package esdbnode

import (
	"encoding/binary"
	"strconv"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/uuid"
)

const (
	contentJSON   = "application/json"
	contentBinary = "application/octet-stream"

	keyType        = "type"
	keyContentType = "content-type"
	keyCreated     = "created"
)

// structuredID is the form of an id that the Go client asks for and sends.
func structuredID(id uuid.UUID) *shared.UUID {
	return &shared.UUID{Value: &shared.UUID_Structured_{Structured: &shared.UUID_Structured{
		MostSignificantBits:  int64(binary.BigEndian.Uint64(id[:8])),
		LeastSignificantBits: int64(binary.BigEndian.Uint64(id[8:])),
	}}}
}

// parseID reads either form of an id. The zero id is refused: it identifies nothing.
func parseID(id *shared.UUID) (uuid.UUID, error) {
	var out uuid.UUID
	switch v := id.GetValue().(type) {
	case *shared.UUID_Structured_:
		binary.BigEndian.PutUint64(out[:8], uint64(v.Structured.GetMostSignificantBits()))
		binary.BigEndian.PutUint64(out[8:], uint64(v.Structured.GetLeastSignificantBits()))
	case *shared.UUID_String_:
		parsed, err := uuid.Parse(v.String_)
		if err != nil {
			return out, invalidArgument("Event id %q is not a UUID.", v.String_)
		}
		out = parsed
	}
	if out == uuid.Nil {
		return out, invalidArgument("Event id is missing or zero.")
	}
	return out, nil
}

func streamID(name string) *shared.StreamIdentifier {
	return &shared.StreamIdentifier{StreamName: []byte(name)}
}

// encoder turns records into responses, with ids in the form that the reader asked for.
type encoder struct{ textIDs bool }

func newEncoder(opt *streams.ReadReq_Options_UUIDOption) encoder {
	_, text := opt.GetContent().(*streams.ReadReq_Options_UUIDOption_String_)
	return encoder{textIDs: text}
}

// recorded encodes one record. The client ends its process when "created" is missing
// or no number.
func (e encoder) recorded(r *record) *streams.ReadResp_ReadEvent_RecordedEvent {
	content := contentBinary
	if r.json {
		content = contentJSON
	}
	id := structuredID(r.id)
	if e.textIDs {
		id = &shared.UUID{Value: &shared.UUID_String_{String_: r.id.String()}}
	}
	return &streams.ReadResp_ReadEvent_RecordedEvent{
		Id:               id,
		StreamIdentifier: streamID(r.stream),
		StreamRevision:   uint64(r.revision),
		PreparePosition:  uint64(r.position),
		CommitPosition:   uint64(r.position),
		Metadata: map[string]string{
			keyType:        r.kind,
			keyContentType: content,
			keyCreated:     strconv.FormatInt(r.created, 10),
		},
		CustomMetadata: r.metadata,
		Data:           r.data,
	}
}

// event encodes what a reader gets for a record: the record, or for a resolved link
// the record it points to (nil when that is gone) and the link itself. The position is
// always that of the record that was read, not of what it points to.
func (e encoder) event(read, target *record, isLink bool) *streams.ReadResp {
	ev := &streams.ReadResp_ReadEvent{
		Position: &streams.ReadResp_ReadEvent_CommitPosition{CommitPosition: uint64(read.position)},
	}
	if isLink {
		ev.Link = e.recorded(read)
		if target != nil {
			ev.Event = e.recorded(target)
		}
	} else {
		ev.Event = e.recorded(read)
	}
	return &streams.ReadResp{Content: &streams.ReadResp_Event{Event: ev}}
}

func checkpointResp(position int64) *streams.ReadResp {
	return &streams.ReadResp{Content: &streams.ReadResp_Checkpoint_{Checkpoint: &streams.ReadResp_Checkpoint{
		CommitPosition: uint64(position), PreparePosition: uint64(position),
	}}}
}

func caughtUpResp() *streams.ReadResp {
	return &streams.ReadResp{Content: &streams.ReadResp_CaughtUp_{CaughtUp: &streams.ReadResp_CaughtUp{}}}
}

func notFoundResp(stream string) *streams.ReadResp {
	return &streams.ReadResp{Content: &streams.ReadResp_StreamNotFound_{
		StreamNotFound: &streams.ReadResp_StreamNotFound{StreamIdentifier: streamID(stream)},
	}}
}

func confirmationResp(id string) *streams.ReadResp {
	return &streams.ReadResp{Content: &streams.ReadResp_Confirmation{
		Confirmation: &streams.ReadResp_SubscriptionConfirmation{SubscriptionId: id},
	}}
}
