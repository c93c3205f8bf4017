package esdbnode

import (
	"context"
	"errors"
	"io"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
)

// streamsServer answers the calls on streams. Batch append is inherited as
// Unimplemented.
type streamsServer struct {
	streams.UnimplementedStreamsServer
	*Node
	stopping <-chan struct{} // closed when this server stops: ends subscriptions
}

// Append writes the events of one request stream as one transaction.
func (s *streamsServer) Append(call streams.Streams_AppendServer) error {
	c, err := s.receive(call)
	if err != nil {
		return err
	}
	d, err := s.write.submit(c)
	if err != nil {
		return err
	}
	switch d.verdict {
	case verdictWrite, verdictRepeat:
		return call.SendAndClose(appended(d))
	case verdictConflict:
		return call.SendAndClose(conflicted(c.want, d))
	case verdictDeleted:
	}
	return streamDeleted(c.stream)
}

// receive reads the whole request stream, also when it is refused: a client that is
// answered while it still sends takes the answer for a broken connection.
func (s *streamsServer) receive(call streams.Streams_AppendServer) (*change, error) {
	var (
		c       *change
		refused error
		size    int
	)
	for {
		req, err := call.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if refused != nil {
			continue
		}
		if c == nil {
			c, refused = newAppend(call.Context(), req.GetOptions())
			continue
		}
		var e proposed
		if e, refused = parseProposed(req.GetProposedMessage()); refused != nil {
			continue
		}
		if size += e.size(); size > s.cfg.MaxAppendBytes {
			refused = appendTooBig(s.cfg.MaxAppendBytes)
			c.events = nil // drained, not kept
			continue
		}
		c.events = append(c.events, e)
	}
	if c == nil && refused == nil {
		refused = invalidArgument("The append has no options.")
	}
	return c, refused
}

func newAppend(ctx context.Context, opt *streams.AppendReq_Options) (*change, error) {
	if opt == nil {
		return nil, invalidArgument("The append does not begin with its options.")
	}
	stream, err := writableStream(opt.GetStreamIdentifier())
	if err != nil {
		return nil, err
	}
	want := expectation{kind: expectAny}
	switch r := opt.GetExpectedStreamRevision().(type) {
	case *streams.AppendReq_Options_Any:
	case *streams.AppendReq_Options_NoStream:
		want.kind = expectNoStream
	case *streams.AppendReq_Options_StreamExists:
		want.kind = expectExists
	case *streams.AppendReq_Options_Revision:
		want, err = exactly(r.Revision)
	default:
		// Absent is not "any": a client must say that it does not care.
		err = invalidArgument("The expected revision is missing.")
	}
	return &change{kind: changeAppend, stream: stream, want: want, ctx: ctx}, err
}

func exactly(revision uint64) (expectation, error) {
	if revision >= math.MaxInt64 {
		return expectation{}, invalidArgument("The expected revision %d is out of range.", revision)
	}
	return expectation{kind: expectRevision, revision: int64(revision)}, nil
}

// writableStream refuses names that mean something else.
func writableStream(id *shared.StreamIdentifier) (string, error) {
	name, err := readableStream(id)
	switch {
	case err != nil:
		return "", err
	case name == "$all":
		return "", invalidArgument("The stream $all is the log: it cannot be written to.")
	case strings.HasPrefix(name, metaPrefix+metaPrefix), name == metaPrefix:
		return "", invalidArgument("The stream %q would be metadata of metadata.", name)
	}
	return name, nil
}

func readableStream(id *shared.StreamIdentifier) (string, error) {
	name := string(id.GetStreamName())
	if name == "" || !utf8.ValidString(name) {
		return "", invalidArgument("The stream name %q is empty or not UTF-8.", name)
	}
	return name, nil
}

func parseProposed(msg *streams.AppendReq_ProposedMessage) (proposed, error) {
	if msg == nil {
		return proposed{}, invalidArgument("The append holds something that is no event.")
	}
	kind, content := msg.GetMetadata()[keyType], msg.GetMetadata()[keyContentType]
	if kind == "" || content == "" {
		return proposed{}, missingProperty()
	}
	id, err := parseID(msg.GetId())
	if err != nil {
		return proposed{}, err
	}
	return proposed{
		id: id, kind: kind, json: content == contentJSON,
		data: msg.GetData(), metadata: msg.GetCustomMetadata(),
	}, nil
}

// appended answers with the last revision and position, those of the first time when
// the append was a repeat.
func appended(d decision) *streams.AppendResp {
	ok := &streams.AppendResp_Success{
		CurrentRevisionOption: &streams.AppendResp_Success_NoStream{NoStream: &shared.Empty{}},
		PositionOption: &streams.AppendResp_Success_Position{Position: &streams.AppendResp_Position{
			CommitPosition: uint64(d.position), PreparePosition: uint64(d.position),
		}},
	}
	if d.last != noRevision { // an append of nothing to no stream leaves none
		ok.CurrentRevisionOption = &streams.AppendResp_Success_CurrentRevision{CurrentRevision: uint64(d.last)}
	}
	return &streams.AppendResp{Result: &streams.AppendResp_Success_{Success: ok}}
}

// conflicted answers what was expected and what the stream has.
func conflicted(want expectation, d decision) *streams.AppendResp {
	wrong := &streams.AppendResp_WrongExpectedVersion{}
	if d.last == noRevision {
		wrong.CurrentRevisionOption = &streams.AppendResp_WrongExpectedVersion_CurrentNoStream{CurrentNoStream: &shared.Empty{}}
	} else {
		wrong.CurrentRevisionOption = &streams.AppendResp_WrongExpectedVersion_CurrentRevision{CurrentRevision: uint64(d.last)}
	}
	switch want.kind {
	case expectAny:
		wrong.ExpectedRevisionOption = &streams.AppendResp_WrongExpectedVersion_ExpectedAny{ExpectedAny: &shared.Empty{}}
	case expectNoStream:
		wrong.ExpectedRevisionOption = &streams.AppendResp_WrongExpectedVersion_ExpectedNoStream{ExpectedNoStream: &shared.Empty{}}
	case expectExists:
		wrong.ExpectedRevisionOption = &streams.AppendResp_WrongExpectedVersion_ExpectedStreamExists{ExpectedStreamExists: &shared.Empty{}}
	case expectRevision:
		wrong.ExpectedRevisionOption = &streams.AppendResp_WrongExpectedVersion_ExpectedRevision{ExpectedRevision: uint64(want.revision)}
	}
	return &streams.AppendResp{Result: &streams.AppendResp_WrongExpectedVersion_{WrongExpectedVersion: wrong}}
}
