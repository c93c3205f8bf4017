// Package telemetry sets up tracing from the standard OTEL_* environment variables.
//
// Nothing is traced unless one of them asks for it: an engine without a collector must neither wait for one nor complain
// about it. The providers are returned and passed on by hand.
package telemetry

import (
	"context"
	"errors"
	"fmt"
	"io"

	"go.opentelemetry.io/contrib/exporters/autoexport"
	"go.opentelemetry.io/otel/exporters/stdout/stdouttrace"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// ServiceName is the service.name of every span unless OTEL_SERVICE_NAME gives another.
const ServiceName = "booking"

// Providers are what the parts of the engine trace with.
type Providers struct {
	Tracer   trace.TracerProvider
	shutdown func(context.Context) error
}

// Open reads the environment through getenv. Tracing is on when OTEL_TRACES_EXPORTER, OTEL_EXPORTER_OTLP_ENDPOINT or
// OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is set, and OTEL_SDK_DISABLED is not "true". The exporter "console" writes to w.
func Open(ctx context.Context, getenv func(string) string, w io.Writer) (*Providers, error) {
	if !enabled(getenv) {
		return &Providers{Tracer: noop.NewTracerProvider()}, nil
	}
	exporter, err := newExporter(ctx, getenv, w)
	if err != nil {
		return nil, fmt.Errorf("OTEL_TRACES_EXPORTER: use otlp, console or none: %w", err)
	}
	res, err := resource.New(ctx,
		resource.WithAttributes(serviceName(getenv)), resource.WithFromEnv(), resource.WithTelemetrySDK())
	if err != nil {
		return nil, fmt.Errorf("describe service: %w", err)
	}
	// The sampler comes from OTEL_TRACES_SAMPLER; its default follows the parent and samples roots.
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(res))
	return &Providers{Tracer: provider, shutdown: provider.Shutdown}, nil
}

// newExporter leaves the choice to the library, but for the console: the library would write to stdout, which belongs to
// the command's answer.
func newExporter(ctx context.Context, getenv func(string) string, w io.Writer) (sdktrace.SpanExporter, error) {
	if getenv("OTEL_TRACES_EXPORTER") == "console" {
		return stdouttrace.New(stdouttrace.WithWriter(w))
	}
	return autoexport.NewSpanExporter(ctx)
}

func enabled(getenv func(string) string) bool {
	if getenv("OTEL_SDK_DISABLED") == "true" || getenv("OTEL_TRACES_EXPORTER") == "none" {
		return false
	}
	return getenv("OTEL_TRACES_EXPORTER") != "" || getenv("OTEL_EXPORTER_OTLP_ENDPOINT") != "" ||
		getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") != ""
}

// Close sends what is still buffered, as long as ctx allows.
func (p *Providers) Close(ctx context.Context) error {
	if p.shutdown == nil {
		return nil
	}
	if err := p.shutdown(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("send last spans: %w", err)
	}
	return nil
}
