package esdbnode

import "github.com/EventStore/EventStore-Client-Go/v4/protos/streams"

// subscribeToStream sends what follows a revision of a stream. The stream need not
// exist yet.
func (s *streamsServer) subscribeToStream(out *outlet, of *streams.ReadReq_Options_StreamOptions, f *filter) error {
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
	// A cursor before the beginning sends it to disk first, where the rules for what is
	// visible apply.
	sub := &streamSubscription{stream: stream}
	sub.follower = follower{outlet: out, cursor: -1, load: sub.load, take: sub.take}
	switch at := of.GetRevisionOption().(type) {
	case *streams.ReadReq_Options_StreamOptions_Start:
	case *streams.ReadReq_Options_StreamOptions_End:
		sub.next, sub.cursor = v.last+1, v.head
	case *streams.ReadReq_Options_StreamOptions_Revision:
		if sub.next = clampRevision(at.Revision); sub.next == tombstoneRevision {
			sub.next, sub.cursor = v.last+1, v.head // -1: the end
		} else {
			sub.next++
		}
	default:
		return invalidArgument("The subscription does not say where to begin.")
	}
	return sub.run()
}

// streamSubscription follows one stream.
type streamSubscription struct {
	follower
	stream string
	next   int64 // revision that is sent next, or a later one
}

// load sends a page of the stream. When there is no more, everything up to head was
// considered.
func (s *streamSubscription) load(head int64) error {
	v, err := s.view(s.ctx(), s.stream)
	if err != nil {
		return err
	}
	if v.tombstoned() {
		return streamDeleted(s.stream)
	}
	oldest := v.meta.oldest(s.cfg.Clock())
	s.next = max(s.next, min(v.meta.firstVisible(v.last), v.last+1))
	p, err := readPage(s.ctx(), s.reads.streamForwards, pageRecords, s.stream, s.next, head)
	if err != nil {
		return err
	}
	for _, rec := range p.records {
		if rec.created < oldest {
			s.next = rec.revision + 1
			continue
		}
		if err := s.take(rec); err != nil {
			return err
		}
	}
	if !p.more {
		s.cursor = head
	}
	return nil
}

// take sends a record if it belongs to the stream and was not sent before. A tombstone
// ends the subscription.
func (s *streamSubscription) take(rec *record) error {
	if rec.stream != s.stream || rec.revision < s.next {
		return nil
	}
	if rec.revision == tombstoneRevision {
		return streamDeleted(s.stream)
	}
	s.next = rec.revision + 1
	return s.send(rec)
}
