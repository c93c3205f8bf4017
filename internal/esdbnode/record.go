package esdbnode

import (
	"math"
	"time"

	"github.com/google/uuid"
)

const (
	// firstPosition is where the log begins. Zero stays free: a client that resumes
	// from a position it never set must not skip the first event.
	firstPosition = 64

	// recordOverhead is what a record takes in the log beside its texts, in bytes. It
	// only has to be above zero, so that positions rise strictly.
	recordOverhead = 64

	// noRevision is the last revision of a stream without events.
	noRevision = -1

	// tombstoneRevision is the revision of the event that ends a stream for ever, as
	// in EventStoreDB. No other event can reach it, so "the last revision is this"
	// means tombstoned.
	tombstoneRevision = math.MaxInt64

	// endOfLog is how clients write "the end" as a position or revision (-1).
	endOfLog = math.MaxUint64
)

// Types of the events that the node itself writes or understands.
const (
	typeMetadata      = "$metadata"
	typeStreamDeleted = "$streamDeleted"
	typeLink          = "$>"
)

// record is one committed event. Records are shared between goroutines once they are
// published and must not be changed then.
type record struct {
	position int64 // offset in the log
	stream   string
	revision int64 // number in the stream, from 0
	id       uuid.UUID
	kind     string // the event type
	json     bool   // content type: application/json or application/octet-stream
	created  int64  // 100-nanosecond ticks since the Unix epoch
	data     []byte
	metadata []byte
}

// size is the length of the record in the log, in bytes. It is computed from what is
// stored, so that a reopened log goes on exactly where it ended.
func (r *record) size() int64 {
	return int64(recordOverhead + len(r.stream) + len(r.kind) + len(r.data) + len(r.metadata))
}

// ticks converts to the unit in which EventStoreDB stamps events.
func ticks(t time.Time) int64 { return t.UnixNano() / 100 }

// proposed is an event that a client asks to append.
type proposed struct {
	id       uuid.UUID
	kind     string
	json     bool
	data     []byte
	metadata []byte
}

// size is what the event counts against the limit of an append, in bytes. A type
// counts twice because EventStoreDB stores it in two bytes a character.
func (p proposed) size() int { return 2*len(p.kind) + len(p.data) + len(p.metadata) }
