package esdbnode

import (
	"context"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
)

// Delete hides a stream. It may be written to again, and its revisions then go on.
func (s *streamsServer) Delete(ctx context.Context, req *streams.DeleteReq) (*streams.DeleteResp, error) {
	opt := req.GetOptions()
	want := expectation{kind: expectAny}
	var err error
	switch r := opt.GetExpectedStreamRevision().(type) {
	case *streams.DeleteReq_Options_Any:
	case *streams.DeleteReq_Options_NoStream:
		want.kind = expectNoStream
	case *streams.DeleteReq_Options_StreamExists:
		want.kind = expectExists
	case *streams.DeleteReq_Options_Revision:
		want, err = exactly(r.Revision)
	default:
		err = invalidArgument("The expected revision is missing.")
	}
	if err != nil {
		return nil, err
	}
	at, err := s.remove(ctx, changeSoftDelete, opt.GetStreamIdentifier(), want)
	if err != nil {
		return nil, err
	}
	return &streams.DeleteResp{PositionOption: &streams.DeleteResp_Position_{
		Position: &streams.DeleteResp_Position{CommitPosition: at, PreparePosition: at},
	}}, nil
}

// Tombstone ends a stream for ever.
func (s *streamsServer) Tombstone(ctx context.Context, req *streams.TombstoneReq) (*streams.TombstoneResp, error) {
	opt := req.GetOptions()
	want := expectation{kind: expectAny}
	var err error
	switch r := opt.GetExpectedStreamRevision().(type) {
	case *streams.TombstoneReq_Options_Any:
	case *streams.TombstoneReq_Options_NoStream:
		want.kind = expectNoStream
	case *streams.TombstoneReq_Options_StreamExists:
		want.kind = expectExists
	case *streams.TombstoneReq_Options_Revision:
		want, err = exactly(r.Revision)
	default:
		err = invalidArgument("The expected revision is missing.")
	}
	if err != nil {
		return nil, err
	}
	at, err := s.remove(ctx, changeTombstone, opt.GetStreamIdentifier(), want)
	if err != nil {
		return nil, err
	}
	return &streams.TombstoneResp{PositionOption: &streams.TombstoneResp_Position_{
		Position: &streams.TombstoneResp_Position{CommitPosition: at, PreparePosition: at},
	}}, nil
}

// remove writes either kind of deletion and gives its position, which the client needs
// in every answer.
func (s *streamsServer) remove(ctx context.Context, kind changeKind, id *shared.StreamIdentifier, want expectation) (uint64, error) {
	stream, err := writableStream(id)
	if err != nil {
		return 0, err
	}
	if _, ok := originalStream(stream); ok {
		return 0, invalidArgument("The metadata stream %q goes with its stream.", stream)
	}
	d, err := s.write.submit(&change{kind: kind, stream: stream, want: want, ctx: ctx})
	if err != nil {
		return 0, err
	}
	switch d.verdict {
	case verdictWrite, verdictRepeat:
		return uint64(d.position), nil
	case verdictConflict:
		return 0, wrongVersion(stream, want, d.last)
	case verdictDeleted:
	}
	return 0, streamDeleted(stream)
}
