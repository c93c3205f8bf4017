package esdbnode

import (
	"math"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
)

// readStream sends the visible part of a stream as it is at this moment. Both ends of
// the read are inclusive.
func (s *streamsServer) readStream(out *outlet, of *streams.ReadReq_Options_StreamOptions, backwards bool, f *filter) error {
	if f != nil {
		return invalidArgument("A filter is for $all.")
	}
	stream, err := readableStream(of.GetStreamIdentifier())
	if err != nil {
		return err
	}
	v, err := s.view(out.ctx(), stream)
	if err != nil {
		return err
	}
	if v.tombstoned() {
		return streamDeleted(stream)
	}
	if v.missing() {
		return out.call.Send(notFoundResp(stream))
	}
	r := streamRange{outlet: out, stream: stream, view: v, oldest: v.meta.oldest(s.cfg.Clock())}
	first := v.meta.firstVisible(v.last)
	var from int64
	switch at := of.GetRevisionOption().(type) {
	case *streams.ReadReq_Options_StreamOptions_Revision:
		from = clampRevision(at.Revision)
	case *streams.ReadReq_Options_StreamOptions_Start:
	case *streams.ReadReq_Options_StreamOptions_End:
		from = math.MaxInt64
	default:
		return invalidArgument("The read does not say where to begin.")
	}
	if backwards {
		return r.backwards(min(from, v.last), first)
	}
	return r.forwards(max(from, first))
}

// clampRevision reads a revision; "the end" (-1) and all that no stream can reach are
// the end.
func clampRevision(revision uint64) int64 { return int64(min(revision, math.MaxInt64)) }

// streamRange sends a part of one stream, page by page.
type streamRange struct {
	*outlet
	stream string
	view   view
	oldest int64 // creation stamp below which $maxAge hides records
}

func (r *streamRange) forwards(from int64) error {
	for more := from <= r.view.last; more && r.left > 0; {
		p, err := readPage(r.ctx(), r.reads.streamForwards, r.left, r.stream, from, r.view.head)
		if err != nil {
			return err
		}
		if err := r.page(p, math.MinInt64); err != nil {
			return err
		}
		if more = p.more; more {
			from = p.records[len(p.records)-1].revision + 1
		}
	}
	return nil
}

func (r *streamRange) backwards(from, first int64) error {
	for more := from >= first; more && r.left > 0; {
		p, err := readPage(r.ctx(), r.reads.streamBackwards, r.left, r.stream, from, r.view.head)
		if err != nil {
			return err
		}
		if err := r.page(p, first); err != nil {
			return err
		}
		if more = p.more; more {
			from = p.records[len(p.records)-1].revision - 1
			more = from >= first
		}
	}
	return nil
}

func (r *streamRange) page(p page, first int64) error {
	for _, rec := range p.records {
		if rec.revision < first || rec.created < r.oldest || r.left == 0 {
			continue
		}
		if err := r.send(rec); err != nil {
			return err
		}
	}
	return r.halted()
}
