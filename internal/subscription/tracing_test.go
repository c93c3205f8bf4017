package subscription_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/royalglow/booking/internal/subscription"
)

func TestABatchIsARootSpanLinkedToItsEvents(t *testing.T) {
	spans := tracetest.NewSpanRecorder()
	inBubble(t, func(_ *testing.T, s *fakeSource, r *subscription.Runner) {
		s.add(1)
		r.Tracer = sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))
		fail := true
		handlerOf(r).handle = func(ctx context.Context, _ subscription.Batch) error {
			if !trace.SpanFromContext(ctx).IsRecording() {
				return &subscription.HaltError{Err: errors.New("no span in the handler's context")}
			}
			if fail {
				fail = false
				// They arrive while the first batch waits to be tried again, so they make one batch.
				s.addTraced(140, func(i int) string {
					if i == 5 {
						return "00-nonsense"
					}
					return "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
				})
				return errors.New("once")
			}
			return nil
		}
	}, func(t *testing.T, s *fakeSource, r *subscription.Runner, _ func()) {
		t.Helper()
		<-r.CaughtUp()
		synctest.Wait()
		s.add(1)
		synctest.Wait()
		ended := spans.Ended()
		if len(ended) != 4 {
			t.Fatalf("%d spans, want a failed batch, its repeat, a large and a live one", len(ended))
		}
		for i, span := range ended {
			if span.Name() != "process recorder" || span.SpanKind() != trace.SpanKindConsumer || span.Parent().IsValid() {
				t.Errorf("span %d: %q, %v, parent %v", i, span.Name(), span.SpanKind(), span.Parent())
			}
		}
		if got := ended[0].Status().Code; got != codes.Error {
			t.Errorf("the failed batch has status %v", got)
		}
		links := ended[2].Links()
		if len(links) != 128 || links[0].SpanContext.SpanID().String() != "00f067aa0ba902b7" {
			t.Errorf("%d links, the first %+v", len(links), links[0])
		}
		catchup, live := attribute.String("booking.projection.mode", "catchup"), attribute.String("booking.projection.mode", "live")
		if got := ended[0].Attributes(); !slices.Contains(got, catchup) {
			t.Errorf("attributes %v", got)
		}
		if got := ended[2].Attributes(); !slices.Contains(got, attribute.Int("messaging.batch.message_count", 140)) {
			t.Errorf("attributes %v", got)
		}
		if got := ended[3].Attributes(); !slices.Contains(got, live) {
			t.Errorf("attributes %v", got)
		}
	})
}
