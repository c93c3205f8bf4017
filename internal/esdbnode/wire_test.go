package esdbnode_test

import (
	"errors"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/persistent"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/serverfeatures"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/royalglow/booking/internal/esdbnode"
)

// wire speaks the protocol itself, for what the client hides or never sends.
type wire struct {
	conn    *grpc.ClientConn
	streams streams.StreamsClient
}

func dialWire(tb testing.TB, socket string) wire {
	tb.Helper()
	conn, err := grpc.NewClient("unix://"+socket, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = conn.Close() })
	return wire{conn: conn, streams: streams.NewStreamsClient(conn)}
}

func stream(name string) *shared.StreamIdentifier {
	return &shared.StreamIdentifier{StreamName: []byte(name)}
}

func options(name string) *streams.AppendReq {
	return &streams.AppendReq{Content: &streams.AppendReq_Options_{Options: &streams.AppendReq_Options{
		StreamIdentifier: stream(name), ExpectedStreamRevision: &streams.AppendReq_Options_Any{Any: &shared.Empty{}},
	}}}
}

func message(change func(*streams.AppendReq_ProposedMessage)) *streams.AppendReq {
	msg := &streams.AppendReq_ProposedMessage{
		Id:       &shared.UUID{Value: &shared.UUID_String_{String_: "8d0a9e4c-7a3e-4d43-9b84-4c1d5a1f0c11"}},
		Metadata: map[string]string{"type": "t", "content-type": "application/json"},
		Data:     []byte("{}"),
	}
	change(msg)
	return &streams.AppendReq{Content: &streams.AppendReq_ProposedMessage_{ProposedMessage: msg}}
}

// append sends the requests and gives the answer with its trailers.
func (w wire) append(tb testing.TB, reqs ...*streams.AppendReq) (*streams.AppendResp, metadata.MD, error) {
	tb.Helper()
	call, err := w.streams.Append(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	for _, r := range reqs {
		if err := call.Send(r); err != nil {
			tb.Fatalf("the server stopped reading: %v", err)
		}
	}
	resp, err := call.CloseAndRecv()
	return resp, call.Trailer(), err
}

func wantRefusal(tb testing.TB, err error, trailer metadata.MD, code codes.Code, pairs ...string) {
	tb.Helper()
	if status.Code(err) != code {
		tb.Fatalf("got %v, want status %s", err, code)
	}
	for key, values := range metadata.Pairs(pairs...) {
		if got := trailer.Get(key); len(got) != 1 || got[0] != values[0] {
			tb.Fatalf("trailer %s is %v, want %v (all: %v)", key, got, values, trailer)
		}
	}
}

func TestMalformedAppendsAreRefusedWithTheRightTrailers(t *testing.T) {
	n := startNode(t, esdbnode.Config{MaxAppendBytes: 1000})
	w := dialWire(t, n.socket)
	same := func(*streams.AppendReq_ProposedMessage) {}
	for _, tc := range []struct {
		name     string
		reqs     []*streams.AppendReq
		trailers []string
	}{
		{"no request at all", nil, nil},
		{"an event before the options", []*streams.AppendReq{message(same)}, nil},
		{"options twice", []*streams.AppendReq{options("s"), options("s")}, nil},
		{"no expected revision", []*streams.AppendReq{{Content: &streams.AppendReq_Options_{
			Options: &streams.AppendReq_Options{StreamIdentifier: stream("s")},
		}}}, nil},
		{"an expected revision out of range", []*streams.AppendReq{{Content: &streams.AppendReq_Options_{
			Options: &streams.AppendReq_Options{
				StreamIdentifier:       stream("s"),
				ExpectedStreamRevision: &streams.AppendReq_Options_Revision{Revision: math.MaxUint64},
			},
		}}}, nil},
		{"no stream name", []*streams.AppendReq{options(""), message(same)}, nil},
		{"a stream name that is not text", []*streams.AppendReq{options("\xff"), message(same)}, nil},
		{"the log itself", []*streams.AppendReq{options("$all"), message(same)}, nil},
		{"metadata of metadata", []*streams.AppendReq{options("$$$$s"), message(same)}, nil},
		{"no event id", []*streams.AppendReq{options("s"), message(func(m *streams.AppendReq_ProposedMessage) { m.Id = nil })}, nil},
		{"an event id that is none", []*streams.AppendReq{options("s"), message(func(m *streams.AppendReq_ProposedMessage) {
			m.Id = &shared.UUID{Value: &shared.UUID_String_{String_: "x"}}
		})}, nil},
		{
			"no type",
			[]*streams.AppendReq{options("s"), message(func(m *streams.AppendReq_ProposedMessage) { delete(m.Metadata, "type") }), message(same)},
			[]string{"exception", "missing-required-metadata-property", "required-metadata-properties", "type,content-type"},
		},
		{
			"no content type",
			[]*streams.AppendReq{options("s"), message(func(m *streams.AppendReq_ProposedMessage) { delete(m.Metadata, "content-type") })},
			[]string{"exception", "missing-required-metadata-property", "required-metadata-properties", "type,content-type"},
		},
		{
			"too much",
			[]*streams.AppendReq{options("s"), message(func(m *streams.AppendReq_ProposedMessage) { m.Data = make([]byte, 999) })},
			[]string{"exception", "maximum-append-size-exceeded", "maximum-append-size", "1000"},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, trailer, err := w.append(t, tc.reqs...)
			wantRefusal(t, err, trailer, codes.InvalidArgument, tc.trailers...)
		})
	}
	if resp, _, err := w.append(t, options("s"), message(same)); err != nil || resp.GetSuccess().GetCurrentRevision() != 0 || resp.GetSuccess().GetPosition() == nil {
		t.Fatalf("after the refusals the stream begins with %v, %v", resp, err)
	}
}

func TestDeletesAreRefusedWithTheRightTrailers(t *testing.T) {
	n := startNode(t, esdbnode.Config{})
	w := dialWire(t, n.socket)
	at := &streams.DeleteReq_Options_Revision{Revision: 3}
	var trailer metadata.MD
	_, err := w.streams.Delete(t.Context(), &streams.DeleteReq{Options: &streams.DeleteReq_Options{
		StreamIdentifier: stream("s"), ExpectedStreamRevision: at,
	}}, grpc.Trailer(&trailer))
	wantRefusal(t, err, trailer, codes.FailedPrecondition, "exception", "wrong-expected-version",
		"stream-name", "s", "expected-version", "3", "actual-version", "-1")

	tomb := &streams.TombstoneReq{Options: &streams.TombstoneReq_Options{
		StreamIdentifier: stream("s"), ExpectedStreamRevision: &streams.TombstoneReq_Options_NoStream{NoStream: &shared.Empty{}},
	}}
	if _, err = w.streams.Tombstone(t.Context(), tomb); err != nil {
		t.Fatal(err)
	}
	_, err = w.streams.Tombstone(t.Context(), tomb, grpc.Trailer(&trailer))
	wantRefusal(t, err, trailer, codes.FailedPrecondition, "exception", "stream-deleted", "stream-name", "s")
}

// The client reads these fields without asking whether they are there.
func TestAConflictNamesBothRevisions(t *testing.T) {
	n := startNode(t, esdbnode.Config{})
	w := dialWire(t, n.socket)
	expect := options("s")
	expect.GetOptions().ExpectedStreamRevision = &streams.AppendReq_Options_Revision{Revision: 7}
	resp, _, err := w.append(t, expect, message(func(*streams.AppendReq_ProposedMessage) {}))
	wrong := resp.GetWrongExpectedVersion()
	if err != nil || wrong.GetCurrentNoStream() == nil || wrong.GetExpectedRevision() != 7 {
		t.Fatalf("got %v, %v", resp, err)
	}
}

func TestWhatIsNotServedIsUnimplemented(t *testing.T) {
	n := startNode(t, esdbnode.Config{})
	w := dialWire(t, n.socket)
	batch, err := w.streams.BatchAppend(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, err = batch.Recv()
	wantRefusal(t, err, nil, codes.Unimplemented)
	_, err = persistent.NewPersistentSubscriptionsClient(w.conn).List(t.Context(), &persistent.ListReq{})
	wantRefusal(t, err, nil, codes.Unimplemented)

	features, err := serverfeatures.NewServerFeaturesClient(w.conn).GetSupportedMethods(t.Context(), &shared.Empty{})
	if err != nil || features.GetEventStoreServerVersion() != esdbnode.Version {
		t.Fatalf("features are %v, %v", features, err)
	}
	for _, m := range features.GetMethods() {
		if strings.Contains(m.GetServiceName(), "persistent") || m.GetMethodName() == "batchappend" {
			t.Errorf("%s/%s is advertised", m.GetServiceName(), m.GetMethodName())
		}
	}
}

func TestIdsComeAsTextOnRequest(t *testing.T) {
	n := startNode(t, esdbnode.Config{})
	w := dialWire(t, n.socket)
	if _, _, err := w.append(t, options("s"), message(func(*streams.AppendReq_ProposedMessage) {})); err != nil {
		t.Fatal(err)
	}
	call, err := w.streams.Read(t.Context(), &streams.ReadReq{Options: &streams.ReadReq_Options{
		StreamOption: &streams.ReadReq_Options_All{All: &streams.ReadReq_Options_AllOptions{
			AllOption: &streams.ReadReq_Options_AllOptions_Start{Start: &shared.Empty{}},
		}},
		CountOption: &streams.ReadReq_Options_Count{Count: 10},
		FilterOption: &streams.ReadReq_Options_Filter{Filter: &streams.ReadReq_Options_FilterOptions{
			Filter: &streams.ReadReq_Options_FilterOptions_EventType{EventType: &streams.ReadReq_Options_FilterOptions_Expression{Regex: "^t$"}},
			Window: &streams.ReadReq_Options_FilterOptions_Count{Count: &shared.Empty{}}, CheckpointIntervalMultiplier: 1,
		}},
		UuidOption: &streams.ReadReq_Options_UUIDOption{Content: &streams.ReadReq_Options_UUIDOption_String_{String_: &shared.Empty{}}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	resp, err := call.Recv()
	if id := resp.GetEvent().GetEvent().GetId().GetString_(); err != nil || id != "8d0a9e4c-7a3e-4d43-9b84-4c1d5a1f0c11" {
		t.Fatalf("got %v, %v", resp, err)
	}
	if _, err = call.Recv(); !errors.Is(err, io.EOF) {
		t.Fatalf("the read ends with %v", err)
	}
}

func TestMalformedReadsAreRefused(t *testing.T) {
	n := startNode(t, esdbnode.Config{})
	w := dialWire(t, n.socket)
	all := &streams.ReadReq_Options_All{All: &streams.ReadReq_Options_AllOptions{
		AllOption: &streams.ReadReq_Options_AllOptions_Start{Start: &shared.Empty{}},
	}}
	one := func(name string) *streams.ReadReq_Options_Stream {
		return &streams.ReadReq_Options_Stream{Stream: &streams.ReadReq_Options_StreamOptions{
			StreamIdentifier: stream(name), RevisionOption: &streams.ReadReq_Options_StreamOptions_Start{Start: &shared.Empty{}},
		}}
	}
	count := &streams.ReadReq_Options_Count{Count: 1}
	live := &streams.ReadReq_Options_Subscription{Subscription: &streams.ReadReq_Options_SubscriptionOptions{}}
	filter := &streams.ReadReq_Options_Filter{Filter: &streams.ReadReq_Options_FilterOptions{
		Filter: &streams.ReadReq_Options_FilterOptions_StreamIdentifier{
			StreamIdentifier: &streams.ReadReq_Options_FilterOptions_Expression{Prefix: []string{"a"}},
		},
	}}
	for name, opt := range map[string]*streams.ReadReq_Options{
		"nothing":                       nil,
		"no stream":                     {CountOption: count},
		"no count":                      {StreamOption: all},
		"an empty name":                 {StreamOption: one(""), CountOption: count},
		"a subscription to no name":     {StreamOption: one(""), CountOption: live},
		"no place to begin":             {StreamOption: &streams.ReadReq_Options_All{}, CountOption: count},
		"a subscription backwards":      {StreamOption: all, CountOption: live, ReadDirection: streams.ReadReq_Options_Backwards},
		"a filter without window":       {StreamOption: all, CountOption: live, FilterOption: filter},
		"a filter on a stream":          {StreamOption: one("s"), CountOption: count, FilterOption: filter},
		"a filter without expression":   {StreamOption: all, CountOption: live, FilterOption: &streams.ReadReq_Options_Filter{Filter: &streams.ReadReq_Options_FilterOptions{}}},
		"no place to begin in a stream": {StreamOption: &streams.ReadReq_Options_Stream{Stream: &streams.ReadReq_Options_StreamOptions{StreamIdentifier: stream("s")}}, CountOption: live},
	} {
		t.Run(name, func(t *testing.T) {
			call, err := w.streams.Read(t.Context(), &streams.ReadReq{Options: opt})
			if err != nil {
				t.Fatal(err)
			}
			_, err = call.Recv()
			wantRefusal(t, err, call.Trailer(), codes.InvalidArgument)
		})
	}
}
