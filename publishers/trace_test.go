package publishers_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
)

// traced runs one event, appended under a command's span, through a publisher, and returns the spans and the headers.
func traced(t *testing.T, live bool, age time.Duration) (spans tracetest.SpanStubs, command trace.SpanContext, sent []spec) {
	t.Helper()
	exporter := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(exporter))
	ctx, span := provider.Tracer("test").Start(t.Context(), "append booking-{id}")
	span.End()
	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, carrier)
	exporter.Reset()

	b := &bench{tb: t, db: openDatabase(t), key: "app.key:secret", endpoint: "127.0.0.1:1"}
	wire := newNetwork(nil)
	wire.reply = func(_ int, body []spec) *reply { return answer(http.StatusCreated, created(body)) }
	cfg := b.config()
	cfg.Transport, cfg.Tracer = wire, provider
	log := dayStory(t).log[:1]
	log[0].Metadata.TraceParent = carrier["traceparent"]
	log[0].Created = time.Now().Add(-age)
	batch, root := provider.Tracer("test").Start(t.Context(), "process publisher", trace.WithNewRoot())
	p := open(t, cfg)
	if err := handleBatches(batch, p, subscription.Batch{Events: log, Position: log[0].Position, Live: live}); err != nil {
		t.Fatal(err)
	}
	root.End()
	for _, r := range wire.seen() {
		sent = append(sent, r...)
	}
	got := query(t, b, `SELECT DISTINCT trace_id FROM deliveries`)
	if len(got) != 1 || got[0] != span.SpanContext().TraceID().String() {
		t.Errorf("the delivery log names traces %v, want the command's", got)
	}
	return exporter.GetSpans(), span.SpanContext(), sent
}

func TestTheCommandsTraceLeadsToEveryMessage(t *testing.T) {
	t.Parallel()
	spans, command, sent := traced(t, true, 0)
	creates := map[trace.SpanID]tracetest.SpanStub{}
	var send, root, post tracetest.SpanStub
	for _, s := range spans {
		switch {
		case strings.HasPrefix(s.Name, "create "):
			creates[s.SpanContext.SpanID()] = s
			if s.Parent.SpanID() != command.SpanID() || s.SpanContext.TraceID() != command.TraceID() {
				t.Errorf("%s is not a child of the append", s.Name)
			}
			if s.SpanKind != trace.SpanKindProducer || attr(s, "booking.publish.outcome") != "ok" ||
				attr(s, "booking.id") != "bkg_evening01" || strings.Contains(s.Name, "bkg_") {
				t.Errorf("%s: kind %v, %v", s.Name, s.SpanKind, s.Attributes)
			}
		case s.Name == "send ably":
			send = s
		case s.Name == "process publisher":
			root = s
		case s.Name == http.MethodPost:
			post = s
		}
	}
	if send.Parent.SpanID() != root.SpanContext.SpanID() || post.Parent.SpanID() != send.SpanContext.SpanID() {
		t.Error("the request is not under the batch, or the HTTP call not under the request")
	}
	if send.SpanKind != trace.SpanKindClient || attr(send, "http.response.status_code") != "201" ||
		attr(send, "messaging.batch.message_count") != "8" {
		t.Errorf("send ably: kind %v, %v", send.SpanKind, send.Attributes)
	}
	linked := map[trace.SpanID]bool{}
	for _, l := range send.Links {
		linked[l.SpanContext.SpanID()] = true
	}
	messages := 0
	for _, s := range sent {
		for _, m := range s.Messages {
			messages++
			sc := trace.SpanContextFromContext(propagation.TraceContext{}.Extract(t.Context(),
				propagation.MapCarrier{"traceparent": m.Extras.Headers["traceparent"]}))
			create, ok := creates[sc.SpanID()]
			if !ok || create.Name == "" || !linked[sc.SpanID()] {
				t.Errorf("%s carries %v: not the span of its creation, or that is not linked", m.Name, sc.SpanID())
			}
			delete(creates, sc.SpanID())
		}
	}
	if messages != 8 || len(creates) != 0 {
		t.Errorf("%d messages, %d spans of creation left", messages, len(creates))
	}
}

// TestHistoryIsNotTracedMessageByMessage: the traces of old commands are closed; the headers still lead to them.
func TestHistoryIsNotTracedMessageByMessage(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		live bool
		age  time.Duration
	}{"catching up": {false, 0}, "live but old": {true, 16 * time.Minute}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spans, command, sent := traced(t, tc.live, tc.age)
			for _, s := range spans {
				if strings.HasPrefix(s.Name, "create ") {
					t.Errorf("span %s", s.Name)
				}
			}
			for _, s := range sent {
				for _, m := range s.Messages {
					if !strings.Contains(m.Extras.Headers["traceparent"], command.TraceID().String()) {
						t.Errorf("%s carries %q", m.Name, m.Extras.Headers["traceparent"])
					}
				}
			}
		})
	}
}

// TestALongTraceStateDoesNotTravelWithMessages: events of a log may carry what a caller of then has sent.
func TestALongTraceStateDoesNotTravelWithMessages(t *testing.T) {
	t.Parallel()
	for _, live := range []bool{true, false} {
		for state, want := range map[string]string{
			"a=short": "a=short",
			"a=" + strings.Repeat("x", 255) + ",b=" + strings.Repeat("y", 255): "",
		} {
			b := newBench(t)
			wire := newNetwork(nil)
			cfg := b.config()
			cfg.Transport, cfg.Tracer = wire, sdktrace.NewTracerProvider()
			log := dayStory(t).log[:1]
			log[0].Metadata.TraceParent, log[0].Metadata.TraceState = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", state
			log[0].Created = time.Now()
			batch := subscription.Batch{Events: log, Position: log[0].Position, Live: live}
			if err := handleBatches(t.Context(), open(t, cfg), batch); err != nil {
				t.Fatal(err)
			}
			for _, s := range wire.seen()[0] {
				for _, m := range s.Messages {
					if got := m.Extras.Headers["tracestate"]; got != want || m.Extras.Headers["traceparent"] == "" {
						t.Errorf("live %v: %s carries %q of %d bytes", live, m.Name, got, len(state))
					}
				}
			}
		}
	}
}

// TestAnEventWithoutATraceStartsItsOwn and never hangs on the batch in which it happened to arrive.
func TestAnEventWithoutATraceStartsItsOwn(t *testing.T) {
	t.Parallel()
	for _, parent := range []string{"", "00-nonsense-01", "00-" + strings.Repeat("0", 32) + "-" + strings.Repeat("0", 16) + "-01"} {
		exporter := tracetest.NewInMemoryExporter()
		provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(exporter))
		b := newBench(t)
		cfg := b.config()
		cfg.Tracer = provider
		log := dayStory(t).log[:1]
		log[0].Metadata = eventstore.Metadata{TraceParent: parent, Actor: log[0].Metadata.Actor}
		log[0].Created = time.Now()
		ctx, root := provider.Tracer("test").Start(t.Context(), "process publisher")
		if err := handle(ctx, open(t, cfg), log, 1); err != nil {
			t.Fatal(err)
		}
		root.End()
		found := 0
		for _, s := range exporter.GetSpans() {
			if strings.HasPrefix(s.Name, "create ") {
				found++
				if s.SpanContext.TraceID() == root.SpanContext().TraceID() || s.Parent.IsValid() {
					t.Errorf("%q: %s is part of the batch's trace", parent, s.Name)
				}
			}
		}
		if found != 8 {
			t.Errorf("%q: %d spans of creation", parent, found)
		}
	}
}

func attr(s tracetest.SpanStub, key attribute.Key) string {
	for _, a := range s.Attributes {
		if a.Key == key {
			return a.Value.String()
		}
	}
	return ""
}
