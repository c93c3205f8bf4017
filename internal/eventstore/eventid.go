package eventstore

import (
	"encoding/binary"

	"github.com/google/uuid"
)

// eventSpace is the UUIDv5 namespace of event ids. It never changes: with another one a repeated request would no longer be
// recognised.
func eventSpace() uuid.UUID {
	return uuid.UUID{
		0x6e, 0x1c, 0x0b, 0x8f, 0x52, 0xd4, 0x4a, 0x7e, 0x9b, 0x30, 0x71, 0xf6, 0x2d, 0x85, 0xc4, 0x19,
	}
}

// EventID derives the id of the index-th event (from 0) of an append. The store compares nothing but ids when a request is
// repeated, so equal ids must imply equal facts: everything that makes the fact goes in, each part with its length.
// Metadata does not, because a repeat runs in a trace and at a time of its own.
func EventID(stream string, expected Revision, index int, eventType string, data []byte, commandID string) uuid.UUID {
	b := make([]byte, 0, 64+len(stream)+len(eventType)+len(data)+len(commandID))
	b = appendPart(b, stream)
	b = binary.BigEndian.AppendUint64(b, uint64(expected))
	b = binary.BigEndian.AppendUint64(b, uint64(index))
	b = appendPart(b, eventType)
	b = appendPart(b, data)
	b = appendPart(b, commandID)
	return uuid.NewSHA1(eventSpace(), b)
}

// appendPart adds a part behind its length: without it ("ab", "c") and ("a", "bc") would make one id.
func appendPart[S string | []byte](b []byte, part S) []byte {
	b = binary.BigEndian.AppendUint64(b, uint64(len(part)))
	return append(b, part...)
}
