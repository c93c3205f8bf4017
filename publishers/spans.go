package publishers

import (
	"context"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/royalglow/booking/internal/eventstore"
)

// Names of spans and attributes follow the messaging conventions of OpenTelemetry, which are not stable yet: they are all
// here.
const (
	scopeName          = "github.com/royalglow/booking/publishers"
	keySystem          = attribute.Key("messaging.system")
	keyOperationName   = attribute.Key("messaging.operation.name")
	keyOperationType   = attribute.Key("messaging.operation.type")
	keyTemplate        = attribute.Key("messaging.destination.template")
	keyDestination     = attribute.Key("messaging.destination.name")
	keyMessageID       = attribute.Key("messaging.message.id")
	keyBatchCount      = attribute.Key("messaging.batch.message_count")
	keyHTTPStatus      = attribute.Key("http.response.status_code")
	keyErrorType       = attribute.Key("error.type")
	keyServer          = attribute.Key("server.address")
	keySequence        = attribute.Key("booking.seq")
	keyAttempts        = attribute.Key("booking.publish.attempts")
	keyOutcome         = attribute.Key("booking.publish.outcome")
	keyAblyCode        = attribute.Key("ably.error_code")
	keyRetryAfter      = attribute.Key("ably.retry_after_s")
	maxTracedAge       = 15 * time.Minute
	defaultServiceHost = "main.realtime.ably.net"
)

// tracing makes the publisher's spans.
type tracing struct {
	tracer trace.Tracer
	server string
}

// create begins the span of one message and returns the headers that carry its context to the subscriber. It belongs to the
// trace of the command that caused the event, and ends when the message is acknowledged, so that this trace shows how long
// that took. History and old events get none: their traces are closed.
func (t tracing) create(ctx context.Context, m Message, e eventstore.Recorded, live bool, now time.Time) (headers, trace.Span) {
	h := headers{
		TraceParent: e.Metadata.TraceParent, TraceState: eventstore.ShortTraceState(e.Metadata.TraceState),
		EventID: m.EventID.String(), EventType: m.EventType,
	}
	if !live || now.Sub(e.Created) > maxTracedAge {
		return h, noop.Span{}
	}
	options := []trace.SpanStartOption{
		trace.WithSpanKind(trace.SpanKindProducer),
		trace.WithLinks(trace.LinkFromContext(ctx)),
		trace.WithAttributes(
			keySystem.String("ably"), keyOperationName.String("create"), keyOperationType.String("create"),
			keyTemplate.String(m.Template), keyDestination.String(m.Channel),
			entityKey(m).String(m.Envelope.Entity), keySequence.Int64(int64(m.Envelope.Version)),
		),
	}
	cause := causeOf(ctx, e.Metadata)
	if !cause.IsValid() {
		options = append(options, trace.WithNewRoot())
	}
	ctx, span := t.tracer.Start(trace.ContextWithRemoteSpanContext(ctx, cause), "create "+m.Template, options...)
	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, carrier)
	if carrier["traceparent"] != "" {
		h.TraceParent, h.TraceState = carrier["traceparent"], eventstore.ShortTraceState(carrier["tracestate"])
	}
	return h, span
}

// entityKey is booking.id, leave.id or branch.id: the first part of an event's name is what it is about.
func entityKey(m Message) attribute.Key {
	kind, _, _ := strings.Cut(m.EventType, ".")
	return attribute.Key(kind + ".id")
}

// send begins the span of one request, which links to the messages in it; sent ends it.
func (t tracing) send(ctx context.Context, arrays []array) (context.Context, trace.Span) {
	count := 0
	var links []trace.Link
	for _, a := range arrays {
		count += len(a.messages)
		base := ""
		for i, m := range a.messages {
			if sc := m.span.SpanContext(); sc.IsValid() {
				if base == "" {
					base = a.base()
				}
				links = append(links, trace.Link{
					SpanContext: sc, Attributes: []attribute.KeyValue{keyMessageID.String(idOf(base, i))},
				})
			}
		}
	}
	//nolint:spancheck // sent ends it
	return t.tracer.Start(ctx, "send ably", trace.WithSpanKind(trace.SpanKindClient), trace.WithLinks(links...),
		trace.WithAttributes(
			keySystem.String("ably"), keyOperationName.String("send"), keyOperationType.String("send"),
			keyBatchCount.Int(count), keyServer.String(t.server),
		))
}

func (t tracing) sent(span trace.Span, a answer) {
	span.SetAttributes(keyOutcome.String(a.outcome.String()))
	if a.status != 0 {
		span.SetAttributes(keyHTTPStatus.Int(a.status))
	}
	if a.outcome != outcomeOK {
		span.SetStatus(codes.Error, "")
		span.SetAttributes(keyErrorType.String(errorType(a.outcome)))
		if a.code != 0 {
			span.SetAttributes(keyAblyCode.Int(a.code))
		}
		if a.retryAfter > 0 {
			span.SetAttributes(keyRetryAfter.Float64(a.retryAfter.Seconds()))
		}
	}
	span.End()
}

func (t tracing) acknowledged(m outgoing, attempts int) {
	m.span.SetAttributes(keyAttempts.Int(attempts), keyOutcome.String(outcomeOK.String()))
	m.span.End()
}

// putOff ends the span of a message that goes to the durable queue: how long it waits there may be longer than traces are kept.
func (t tracing) putOff(m outgoing) {
	m.span.SetAttributes(keyOutcome.String(outcomeQueued))
	m.span.End()
}

func (t tracing) refused(m outgoing, attempts int) {
	m.span.SetAttributes(keyAttempts.Int(attempts), keyOutcome.String(outcomePermanent.String()),
		keyErrorType.String(errorType(outcomePermanent)))
	m.span.SetStatus(codes.Error, "")
	m.span.End()
}

// errorType is error.type: a closed list, so that it may become an attribute of metrics.
func errorType(o outcome) string {
	switch o {
	case outcomeRetryable:
		return "rate_limited"
	case outcomeInDoubt:
		return "in_doubt"
	case outcomeAuth:
		return "auth"
	case outcomeOK, outcomePermanent:
	}
	return "_OTHER"
}

// causeOf is the trace context under which an event was appended. It is not valid when there is none or it is malformed;
// the span of ctx, in which the event happened to arrive, never stands in.
func causeOf(ctx context.Context, m eventstore.Metadata) trace.SpanContext {
	return trace.SpanContextFromContext(m.Context(trace.ContextWithSpanContext(ctx, trace.SpanContext{})))
}

func traceID(ctx context.Context, m eventstore.Metadata) string {
	if sc := causeOf(ctx, m); sc.IsValid() {
		return sc.TraceID().String()
	}
	return ""
}
