package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/royalglow/booking/internal/telemetry"
)

// TestOneTraceLeadsFromTheRequestToTheMessage: the request, the command, the append and every message it leads to.
func TestOneTraceLeadsFromTheRequestToTheMessage(t *testing.T) {
	t.Parallel()
	ended := tracetest.NewSpanRecorder()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(ended))
	ably := startAbly(t.Context(), t)
	e := startEngine(t, func(c *Config) {
		c.AblyKey, c.AblyEndpoint = ably.server.Key(), ably.addr.String()
	}, &telemetry.Providers{Tracer: provider})
	x := e.openSalon(t)[0]
	made := e.call(t, customer("usr_customer001"), http.MethodPost, "/api/bookings", wish(x, 10)).want(t, http.StatusCreated)
	const parent = "00-11112222333344445555666677778888-1111222233334444-01"
	e.call(t, owner(), http.MethodPatch, "/api/bookings/"+made.text("id"), map[string]any{"action": "approve"},
		"If-Match", made.header.Get("ETag"), "traceparent", parent).want(t, http.StatusOK)

	want := []string{
		"PATCH /api/bookings/{id}", "handle approve_booking", "append booking", "create customer:", "create booking:",
		"create admin:bookings:", "create admin:schedule:", "create staff:",
	}
	deadline := time.Now().Add(20 * time.Second)
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for {
		names := namesOf(ended.Ended(), trace.TraceID{0x11, 0x11, 0x22, 0x22, 0x33, 0x33, 0x44, 0x44, 0x55, 0x55, 0x66, 0x66, 0x77, 0x77, 0x88, 0x88})
		missing := missingFrom(names, want)
		if len(missing) == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the trace has %q and lacks %q", names, missing)
		}
		<-ticker.C
	}
}

func namesOf(spans []sdktrace.ReadOnlySpan, id trace.TraceID) []string {
	var names []string
	for _, s := range spans {
		if s.SpanContext().TraceID() == id {
			names = append(names, s.Name())
		}
	}
	return names
}

func missingFrom(names, want []string) []string {
	var missing []string
	for _, prefix := range want {
		found := false
		for _, n := range names {
			found = found || strings.HasPrefix(n, prefix)
		}
		if !found {
			missing = append(missing, prefix)
		}
	}
	return missing
}
