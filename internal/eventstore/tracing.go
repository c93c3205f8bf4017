package eventstore

import (
	"context"
	"errors"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// Names of spans and attributes, after the messaging and database conventions of OpenTelemetry.
const (
	scopeName = "github.com/royalglow/booking/internal/eventstore"
	system    = "eventstoredb"
)

// tracer makes the spans of the store's calls.
type tracer struct{ t trace.Tracer }

func newTracer(p trace.TracerProvider) tracer {
	if p == nil {
		p = noop.NewTracerProvider()
	}
	return tracer{t: p.Tracer(scopeName)}
}

// startAppend begins the span of an append. Its context goes into the metadata of every event, so that whatever an event
// causes can be found from the command that made it.
func (t tracer) startAppend(ctx context.Context, a Append) (context.Context, trace.Span) {
	attrs := []attribute.KeyValue{
		attribute.String("messaging.system", system),
		attribute.String("messaging.operation.name", "append"),
		attribute.String("messaging.operation.type", "send"),
		attribute.String("messaging.destination.template", template(a.Stream)),
		attribute.String("db.eventstoredb.stream", a.Stream),
		attribute.Int64("booking.expected_revision", int64(a.Expected)),
	}
	if n := len(a.Events); n > 1 {
		attrs = append(attrs, attribute.Int("messaging.batch.message_count", n))
	}
	//nolint:spancheck // endSpan ends it
	return t.t.Start(ctx, "append "+template(a.Stream),
		trace.WithSpanKind(trace.SpanKindProducer), trace.WithAttributes(attrs...))
}

func (t tracer) startRead(ctx context.Context, stream string) (context.Context, trace.Span) {
	//nolint:spancheck // endSpan ends it
	return t.t.Start(ctx, "read_stream "+category(stream), trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(
			attribute.String("db.system.name", system),
			attribute.String("db.operation.name", "read_stream"),
			attribute.String("db.eventstoredb.stream", stream),
		))
}

// endSpan closes a span with the kind of error that the call ended in; no text of the error goes out.
func endSpan(span trace.Span, err error) {
	if err != nil {
		span.SetAttributes(attribute.String("error.type", errorType(err)))
		span.SetStatus(codes.Error, "")
	}
	span.End()
}

// errorType maps an error to the closed list that metrics and traces share.
func errorType(err error) string {
	if _, ok := errors.AsType[*ConflictError](err); ok {
		return "conflict"
	}
	if _, ok := errors.AsType[*DecodeError](err); ok {
		return "decode"
	}
	switch {
	case errors.Is(err, ErrInDoubt):
		return "in_doubt"
	case errors.Is(err, ErrTooLarge):
		return "too_large"
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	}
	return "_OTHER"
}

// category is the part of a stream's name before the first dash: what kind of thing it is about.
func category(stream string) string {
	kind, _, _ := strings.Cut(stream, "-")
	return kind
}

// template is the stream's name with its ids replaced, so that few different names come out.
func template(stream string) string {
	switch kind := category(stream); kind {
	case "staffday":
		return "staffday-{staffId}_{day}"
	case stream:
		return stream
	default:
		return kind + "-{id}"
	}
}

// MaxTraceState is the length up to which a tracestate is carried on, in bytes: what the W3C asks of everybody. Callers can
// send far more, which would travel with every event and every message.
const MaxTraceState = 512

// ShortTraceState returns a tracestate, or nothing when it is too long: to cut it would change what it says.
func ShortTraceState(state string) string {
	if len(state) > MaxTraceState {
		return ""
	}
	return state
}

// traced returns the metadata with the trace context of ctx, unless it has one already: an event that was caused by
// another keeps the context that its maker gave it.
func (m Metadata) traced(ctx context.Context) Metadata {
	sc := trace.SpanContextFromContext(ctx)
	if m.TraceParent != "" || !sc.IsValid() {
		return m
	}
	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, carrier)
	m.TraceParent, m.TraceState = carrier["traceparent"], ShortTraceState(carrier["tracestate"])
	m.TraceID, m.SpanID = sc.TraceID().String(), sc.SpanID().String()
	return m
}

// Context returns ctx with the event's trace context as the remote parent. Absent or malformed values leave ctx as it is:
// a broken trace never stops an event.
func (m Metadata) Context(ctx context.Context) context.Context {
	return propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier{
		"traceparent": m.TraceParent, "tracestate": ShortTraceState(m.TraceState),
	})
}

// SpanContext returns the event's creation context for a link; it is not valid when there is none or it is malformed.
func (m Metadata) SpanContext() trace.SpanContext {
	return trace.SpanContextFromContext(m.Context(context.Background()))
}
