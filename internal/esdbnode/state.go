package esdbnode

import "context"

// streamState is what decides about a stream: whether an append fits, and what a
// reader may see.
type streamState struct {
	last    int64 // last revision; noRevision, or tombstoneRevision
	meta    streamMeta
	rawMeta []byte // the stored metadata, to change one key of it
	hasMeta bool   // metadata was written, so the stream "exists"
}

func (s streamState) tombstoned() bool { return s.last == tombstoneRevision }

// softDeleted reports a stream that is hidden but may be written to again.
func (s streamState) softDeleted() bool { return !s.tombstoned() && s.meta.softDeleted() }

// missing reports a stream that a reader is told does not exist.
func (s streamState) missing() bool { return s.last == noRevision || s.softDeleted() }

// view is a stream at one moment of the log.
type view struct {
	streamState
	head int64 // published end of the log that the state belongs to
}

// view gives the published state of a stream together with the end of the log that it
// belongs to. A tombstone ends the metadata of the stream as well.
func (n *Node) view(ctx context.Context, stream string) (view, error) {
	v, err := n.ownView(ctx, stream)
	if err != nil || v.tombstoned() {
		return v, err
	}
	if original, ok := originalStream(stream); ok {
		ov, err := n.ownView(ctx, original)
		if err != nil {
			return view{}, err
		}
		if ov.tombstoned() {
			v.last = tombstoneRevision
		}
	}
	return v, nil
}

func (n *Node) ownView(ctx context.Context, stream string) (view, error) {
	v, ticket, ok := n.tail.state(stream)
	if ok {
		return v, nil
	}
	st, err := n.reads.state(ctx, stream, v.head)
	if err != nil {
		return view{}, err
	}
	n.tail.remember(ticket, stream, st)
	return view{streamState: st, head: v.head}, nil
}
