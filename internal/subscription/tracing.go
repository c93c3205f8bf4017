package subscription

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/royalglow/booking/internal/eventstore"
)

// maxLinks is how many links a span keeps by default; more would be dropped one by one.
const maxLinks = 128

// startBatch begins the span of a batch. It is a root of its own: a batch belongs to many traces, and is linked to them.
func (r *Runner) startBatch(ctx context.Context, b Batch) (context.Context, trace.Span) {
	if r.Tracer == nil || len(b.Events) == 0 {
		return ctx, noop.Span{}
	}
	mode := "catchup"
	if b.Live {
		mode = "live"
	}
	first, last := b.Events[0], b.Events[len(b.Events)-1]
	lag := max(0, r.Now().Sub(first.Created).Seconds())
	//nolint:spancheck // endBatch ends it
	return r.Tracer.Tracer("github.com/royalglow/booking/internal/subscription").Start(ctx, "process "+r.Handler.Name(),
		trace.WithNewRoot(), trace.WithSpanKind(trace.SpanKindConsumer), trace.WithLinks(links(b.Events)...),
		trace.WithAttributes(
			attribute.String("messaging.system", "eventstoredb"),
			attribute.String("messaging.operation.name", "process"),
			attribute.String("messaging.operation.type", "process"),
			attribute.String("messaging.consumer.group.name", r.Handler.Name()),
			attribute.Int("messaging.batch.message_count", len(b.Events)),
			attribute.String("booking.projection.mode", mode),
			attribute.Int64("booking.position.first", int64(first.Position)),
			attribute.Int64("booking.position.last", int64(last.Position)),
			attribute.Float64("booking.lag.seconds", lag),
		))
}

// links lead to the spans that made the events. Events without a trace, or with a broken one, have none.
func links(events []eventstore.Recorded) []trace.Link {
	var all []trace.Link
	for _, e := range events {
		sc := e.Metadata.SpanContext()
		if !sc.IsValid() {
			continue
		}
		all = append(all, trace.Link{SpanContext: sc, Attributes: []attribute.KeyValue{
			attribute.String("messaging.message.id", e.ID.String()),
			attribute.String("booking.event.type", e.Event.EventType()),
			attribute.Int64("booking.revision", int64(e.Revision)),
		}})
		if len(all) == maxLinks {
			break
		}
	}
	return all
}

func endBatch(span trace.Span, err error) {
	if err != nil {
		kind := "_OTHER"
		if _, ok := errors.AsType[*eventstore.DecodeError](err); ok {
			kind = "decode"
		}
		span.SetAttributes(attribute.String("error.type", kind))
		span.SetStatus(codes.Error, "")
	}
	span.End()
}
