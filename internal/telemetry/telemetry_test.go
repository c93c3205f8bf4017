package telemetry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"strings"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/royalglow/booking/internal/telemetry"
)

func env(vars map[string]string) func(string) string {
	return func(name string) string { return vars[name] }
}

func TestTracingIsOffUnlessAskedFor(t *testing.T) {
	t.Parallel()
	for name, vars := range map[string]map[string]string{
		"nothing set":       {},
		"exporter none":     {"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"},
		"the SDK disabled":  {"OTEL_SDK_DISABLED": "true", "OTEL_TRACES_EXPORTER": "console"},
		"only a name given": {"OTEL_SERVICE_NAME": "salon"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := telemetry.Open(t.Context(), env(vars), io.Discard)
			if err != nil {
				t.Fatal(err)
			}
			if _, off := p.Tracer.(noop.TracerProvider); !off {
				t.Errorf("tracer is %T, want noop", p.Tracer)
			}
			if err := p.Close(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAnExporterSwitchesTracingOn(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	p, err := telemetry.Open(t.Context(), env(map[string]string{"OTEL_TRACES_EXPORTER": "console"}), &out)
	if err != nil {
		t.Fatal(err)
	}
	if _, on := p.Tracer.(*sdktrace.TracerProvider); !on {
		t.Errorf("tracer is %T, want the SDK's", p.Tracer)
	}
	_, span := p.Tracer.Tracer("test").Start(t.Context(), "a piece of work")
	span.End()
	if err := p.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if !strings.Contains(out.String(), "a piece of work") {
		t.Error("the console exporter did not write where it was told")
	}
}

func TestAnUnknownExporterIsRefused(t *testing.T) {
	t.Setenv("OTEL_TRACES_EXPORTER", "carrier-pigeon")
	if _, err := telemetry.Open(t.Context(), env(map[string]string{"OTEL_TRACES_EXPORTER": "carrier-pigeon"}), io.Discard); err == nil {
		t.Fatal("opened")
	}
}

func TestLogLinesNameTheirTrace(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log, err := telemetry.NewLogger(&out, "json", slog.LevelInfo)
	if err != nil {
		t.Fatal(err)
	}
	provider := sdktrace.NewTracerProvider()
	defer func() { _ = provider.Shutdown(context.WithoutCancel(t.Context())) }()
	ctx, span := provider.Tracer("test").Start(t.Context(), "work")
	log.InfoContext(ctx, "inside")
	span.End()
	log.InfoContext(t.Context(), "outside")

	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	var inside, outside map[string]any
	if err := json.Unmarshal([]byte(lines[0]), &inside); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(lines[1]), &outside); err != nil {
		t.Fatal(err)
	}
	if inside["trace_id"] != span.SpanContext().TraceID().String() {
		t.Errorf("trace_id = %v, want that of the span", inside["trace_id"])
	}
	if _, has := outside["trace_id"]; has {
		t.Error("a line without a span names a trace")
	}
}

func TestAnUnknownLogFormatIsRefused(t *testing.T) {
	t.Parallel()
	if _, err := telemetry.NewLogger(&bytes.Buffer{}, "xml", slog.LevelInfo); err == nil {
		t.Fatal("accepted")
	}
}
