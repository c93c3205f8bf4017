package esdbnode

import (
	"context"

	"github.com/google/uuid"
)

// expectKind is what a client demands of a stream before it writes.
type expectKind int

const (
	expectAny expectKind = iota
	expectNoStream
	expectExists
	expectRevision
)

// String names the expectation as error messages and trailers do.
func (k expectKind) String() string {
	switch k {
	case expectAny:
		return "any"
	case expectNoStream:
		return "no_stream"
	case expectExists:
		return "stream_exists"
	case expectRevision:
		return "revision"
	}
	return "unknown"
}

// expectation is an expectKind with the revision that expectRevision needs.
type expectation struct {
	kind     expectKind
	revision int64
}

// number is the expectation as EventStoreDB counts it.
func (e expectation) number() int64 {
	switch e.kind {
	case expectAny:
		return -2
	case expectNoStream:
		return noRevision
	case expectExists:
		return -4
	case expectRevision:
		return e.revision
	}
	return -2
}

// verdict is what becomes of an append.
type verdict int

const (
	verdictConflict verdict = iota // the expected revision is not the stream's
	verdictWrite                   // it fits: write it
	verdictRepeat                  // it was written before: answer as then
	verdictDeleted                 // the stream is gone
)

// decision is a verdict with what the answer needs.
type decision struct {
	verdict  verdict
	last     int64 // stream revision to report
	position int64 // log position of a repeat's last event
	undelete bool  // the write begins a soft-deleted stream anew
}

// written is where an event id was last seen.
type written struct {
	stream   string
	revision int64
	position int64
}

// history is what decide asks about the past.
type history interface {
	// seen looks an id up in memory, which forgets.
	seen(id uuid.UUID) (written, bool)
	// recorded gives the ids of up to n events of a stream from a revision on, from
	// disk, which does not forget.
	recorded(ctx context.Context, stream string, from, n int64) ([]identity, error)
}

// decide is EventStoreDB's whole rule of expected revisions and repeated appends. Its
// asymmetries are the original's: with an exact revision a repeat is recognised at any
// age, with any/exists only while memory holds the ids, and an append at the current
// revision is written even when its ids exist already.
func decide(ctx context.Context, past history, stream string, st streamState, want expectation, ids []uuid.UUID) (decision, error) {
	conflict := decision{verdict: verdictConflict, last: st.last}
	write := decision{verdict: verdictWrite, last: st.last, undelete: st.softDeleted()}
	if st.tombstoned() {
		return decision{verdict: verdictDeleted}, nil
	}
	switch want.kind {
	case expectExists:
		if st.softDeleted() {
			return decision{verdict: verdictDeleted}, nil
		}
		if st.last == noRevision && !st.hasMeta {
			return conflict, nil
		}
		return decideByMemory(past, stream, ids, write, conflict), nil
	case expectAny:
		return decideByMemory(past, stream, ids, write, conflict), nil
	case expectNoStream, expectRevision:
	}
	expected := want.number()
	if expected > st.last {
		return conflict, nil
	}
	if expected == st.last {
		return write, nil
	}
	return decideByDisk(ctx, past, stream, expected, ids, write, conflict)
}

// decideByMemory judges appends that name no revision. The first id tells: unknown
// means new, and then a later known id does not matter.
func decideByMemory(past history, stream string, ids []uuid.UUID, write, conflict decision) decision {
	repeat := decision{verdict: verdictRepeat}
	for i, id := range ids {
		at, ok := past.seen(id)
		if !ok || at.stream != stream {
			if i == 0 {
				return write
			}
			return conflict
		}
		repeat.last, repeat.position = at.revision, at.position
	}
	if len(ids) == 0 {
		return write
	}
	return repeat
}

// decideByDisk judges appends at a revision that the stream has passed: they are
// repeats if exactly these events follow it.
func decideByDisk(ctx context.Context, past history, stream string, expected int64, ids []uuid.UUID, write, conflict decision) (decision, error) {
	if len(ids) == 0 {
		return conflict, nil
	}
	found, err := past.recorded(ctx, stream, expected+1, int64(len(ids)))
	if err != nil {
		return decision{}, err
	}
	for i, id := range ids {
		if i < len(found) && found[i].id == id {
			continue
		}
		// "No stream" is true of a stream that was soft-deleted.
		if i == 0 && expected == noRevision && write.undelete {
			return write, nil
		}
		return conflict, nil
	}
	return decision{
		verdict:  verdictRepeat,
		last:     expected + int64(len(ids)),
		position: found[len(ids)-1].position,
	}, nil
}
