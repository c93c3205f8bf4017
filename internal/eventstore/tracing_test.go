package eventstore_test

import (
	"errors"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/eventstore/storetest"
)

const parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

func attributes(s sdktrace.ReadOnlySpan) map[attribute.Key]string {
	all := map[attribute.Key]string{}
	for _, kv := range s.Attributes() {
		all[kv.Key] = kv.Value.String()
	}
	return all
}

func TestAnAppendPutsItsSpanIntoTheEvents(t *testing.T) {
	spans := tracetest.NewSpanRecorder()
	s := open(t, eventstore.Config{
		Socket: newNode(t).socket, Tracer: sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans)),
	})
	ctx := eventstore.Metadata{TraceParent: parent, TraceState: "vendor=1"}.Context(t.Context())
	a := storetest.Sample("br_traced", eventstore.NoStream, 2)
	if _, err := s.Append(ctx, a); err != nil {
		t.Fatal(err)
	}
	_, err := s.Append(ctx, storetest.Sample("br_traced", 7, 1))
	if _, ok := errors.AsType[*eventstore.ConflictError](err); !ok {
		t.Fatal(err)
	}
	events := storetest.ReadAll(t, s, a.Stream, 0)

	ended := spans.Ended()
	if len(ended) != 3 {
		t.Fatalf("%d spans, want 3", len(ended))
	}
	written, failed, read := ended[0], ended[1], ended[2]
	if written.Name() != "append branch-{id}" || written.SpanKind() != trace.SpanKindProducer ||
		written.Parent().SpanID().String() != "00f067aa0ba902b7" {
		t.Errorf("span %q, kind %v, parent %v", written.Name(), written.SpanKind(), written.Parent().SpanID())
	}
	for key, want := range map[attribute.Key]string{
		"messaging.system": "eventstoredb", "messaging.operation.name": "append", "messaging.operation.type": "send",
		"messaging.destination.template": "branch-{id}", "messaging.batch.message_count": "2",
		"db.eventstoredb.stream": a.Stream, "booking.revision": "1",
	} {
		if got := attributes(written)[key]; got != want {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}
	if failed.Status().Code != codes.Error || failed.Status().Description != "" || attributes(failed)["error.type"] != "conflict" {
		t.Errorf("the failed append has status %+v and type %q", failed.Status(), attributes(failed)["error.type"])
	}
	if read.Name() != "read_stream branch" || read.SpanKind() != trace.SpanKindClient || attributes(read)["booking.events_replayed"] != "2" {
		t.Errorf("span %q with %v", read.Name(), attributes(read))
	}
	for _, e := range events {
		sc := e.Metadata.SpanContext()
		if sc.SpanID() != written.SpanContext().SpanID() || sc.TraceID() != written.SpanContext().TraceID() || !sc.IsRemote() {
			t.Errorf("event %d was made in %+v", e.Revision, sc)
		}
		m := e.Metadata
		if m.TraceID != sc.TraceID().String() || m.SpanID != sc.SpanID().String() || m.TraceState != "vendor=1" {
			t.Errorf("metadata %+v", m)
		}
	}
}

func TestATraceContextThatIsThereStays(t *testing.T) {
	s := open(t, eventstore.Config{Socket: newNode(t).socket, Tracer: sdktrace.NewTracerProvider()})
	a := storetest.Sample("br_traced", eventstore.NoStream, 1)
	a.Metadata.TraceParent = parent
	storetest.MustAppend(t, s, a)
	if got := storetest.ReadAll(t, s, a.Stream, 0)[0].Metadata.TraceParent; got != parent {
		t.Errorf("traceparent is %q", got)
	}
}

func TestWithoutATracerNothingIsAdded(t *testing.T) {
	s := open(t, eventstore.Config{Socket: newNode(t).socket})
	a := storetest.Sample("br_traced", eventstore.NoStream, 1)
	storetest.MustAppend(t, s, a)
	if got := storetest.ReadAll(t, s, a.Stream, 0)[0].Metadata; got.TraceParent != "" || got.TraceID != "" {
		t.Errorf("metadata %+v", got)
	}
}

func TestBrokenTraceContextsAreNone(t *testing.T) {
	for _, broken := range []string{"", "00", "00-zz-yy-01", parent[:40], "ff" + parent[2:], "00-00000000000000000000000000000000-00f067aa0ba902b7-01"} {
		m := eventstore.Metadata{TraceParent: broken, TraceState: ",,=,"}
		if sc := m.SpanContext(); sc.IsValid() {
			t.Errorf("%q gives %+v", broken, sc)
		}
	}
	if sc := (eventstore.Metadata{TraceParent: parent, TraceState: "=,=,"}).SpanContext(); !sc.IsValid() {
		t.Error("a broken tracestate takes the traceparent with it")
	}
}

// Programs that import the commands have no HTTP API before them.
func TestALongTraceStateIsNotStored(t *testing.T) {
	s := open(t, eventstore.Config{Socket: newNode(t).socket})
	state := trace.TraceState{}
	for _, key := range []string{"a", "b", "c"} {
		var err error
		if state, err = state.Insert(key, strings.Repeat("x", 200)); err != nil {
			t.Fatal(err)
		}
	}
	sc := trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID{1}, SpanID: trace.SpanID{1}, TraceFlags: trace.FlagsSampled, TraceState: state,
	})
	a := storetest.Sample("br_traced", eventstore.NoStream, 1)
	if _, err := s.Append(trace.ContextWithSpanContext(t.Context(), sc), a); err != nil {
		t.Fatal(err)
	}
	for _, e := range storetest.ReadAll(t, s, a.Stream, 0) {
		if e.Metadata.TraceParent == "" || e.Metadata.TraceState != "" {
			t.Errorf("stored: %q, %d bytes of state", e.Metadata.TraceParent, len(e.Metadata.TraceState))
		}
	}
}
