package commands

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/royalglow/booking/domain"
)

const scopeName = "github.com/royalglow/booking/commands"

// startCommand begins the span of a command; the appends are its children.
func (s *Service) startCommand(ctx context.Context, c command, id string) (context.Context, trace.Span) {
	return s.tracer.Start(ctx, "handle "+c.name, trace.WithAttributes(
		attribute.String("booking.command.type", c.name),
		attribute.String("booking.id", id),
	))
}

// endCommand closes the span. A refusal is an outcome and no error; of an error only its presence is told.
func endCommand(span trace.Span, err error) {
	refusal, refused := errors.AsType[*domain.Refusal](err)
	switch {
	case err == nil:
		span.SetAttributes(attribute.String("booking.command.outcome", "accepted"))
	case refused && refusal.Kind != domain.Unavailable:
		span.SetAttributes(
			attribute.String("booking.command.outcome", "rejected"),
			attribute.String("booking.command.refusal", string(refusal.Code)),
		)
	default:
		span.SetAttributes(attribute.String("booking.command.outcome", "failed"))
		span.SetStatus(codes.Error, "command failed")
	}
	span.End()
}
