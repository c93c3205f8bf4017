package esdbnode

import (
	"context"
	"math"
	"strconv"
	"strings"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
)

// Read answers four calls that share a request: a read or a subscription, of a stream
// or of $all.
func (s *streamsServer) Read(req *streams.ReadReq, call streams.Streams_ReadServer) error {
	opt := req.GetOptions()
	f, err := newFilter(opt.GetFilter())
	if err != nil {
		return err
	}
	out := &outlet{
		Node: s.Node, call: call, stopping: s.stopping,
		encoder: newEncoder(opt.GetUuidOption()), links: opt.GetResolveLinks(),
	}
	backwards := opt.GetReadDirection() == streams.ReadReq_Options_Backwards
	switch count := opt.GetCountOption().(type) {
	case *streams.ReadReq_Options_Count:
		out.left = int64(min(count.Count, math.MaxInt64))
		switch of := opt.GetStreamOption().(type) {
		case *streams.ReadReq_Options_Stream:
			return s.readStream(out, of.Stream, backwards, f)
		case *streams.ReadReq_Options_All:
			return s.readAll(out, of.All, backwards, f)
		}
	case *streams.ReadReq_Options_Subscription:
		out.left = math.MaxInt64
		if backwards {
			return invalidArgument("A subscription cannot run backwards.")
		}
		switch of := opt.GetStreamOption().(type) {
		case *streams.ReadReq_Options_Stream:
			return s.subscribeToStream(out, of.Stream, f)
		case *streams.ReadReq_Options_All:
			return s.subscribeToAll(out, of.All, f)
		}
	}
	return invalidArgument("The read names no stream or no count.")
}

// outlet is the way of records to one reader.
type outlet struct {
	*Node
	encoder
	call     streams.Streams_ReadServer
	stopping <-chan struct{}
	links    bool  // resolve links
	left     int64 // records that may still be sent
}

func (o *outlet) ctx() context.Context { return o.call.Context() }

// send gives the reader one record. A link is followed if the reader wants that.
func (o *outlet) send(rec *record) error {
	o.left--
	if !o.links || rec.kind != typeLink {
		return o.call.Send(o.event(rec, nil, false))
	}
	target, err := o.follow(rec)
	if err != nil {
		return err
	}
	return o.call.Send(o.event(rec, target, true))
}

// follow finds the record that a link points to ("revision@stream"), nil if there is
// none or it is hidden now.
func (o *outlet) follow(link *record) (*record, error) {
	stream, revision, ok := parseLink(link.data)
	if !ok {
		return nil, nil
	}
	v, err := o.view(o.ctx(), stream)
	if err != nil {
		return nil, err
	}
	if v.missing() || v.tombstoned() || revision < v.meta.firstVisible(v.last) {
		return nil, nil
	}
	p, err := readPage(o.ctx(), o.reads.streamForwards, 1, stream, revision, v.head)
	if err != nil || len(p.records) == 0 || p.records[0].revision != revision {
		return nil, err
	}
	return p.records[0], nil
}

// parseLink reads "revision@stream".
func parseLink(data []byte) (stream string, revision int64, ok bool) {
	number, stream, ok := strings.Cut(string(data), "@")
	revision, err := strconv.ParseInt(number, 10, 64)
	return stream, revision, ok && err == nil && revision >= 0
}

// halted reports that the server stops. Reads ask it between pages.
func (o *outlet) halted() error {
	select {
	case <-o.stopping:
		return stopping()
	default:
		return nil
	}
}
