package commands

import (
	"errors"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/royalglow/booking/domain"
)

const scopeName = "github.com/royalglow/booking/commands"

// about describes a command and the aggregate that it is for.
func about(c command, id string) trace.SpanStartOption {
	return trace.WithAttributes(attribute.String("booking.command.type", c.name), attribute.String("booking.id", id))
}

// tell says how a command ended. A refusal is an outcome and no error; of an error only its presence is told.
func tell(span trace.Span, err error) {
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
}
