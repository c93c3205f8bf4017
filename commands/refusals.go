package commands

import (
	"context"
	"log/slog"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// FieldError says what is wrong with one part of the input.
type FieldError struct {
	// Pointer is the JSON pointer of a member of the body, such as "/services/0/serviceId"; Header the name of a header.
	// One of them is set.
	Pointer string `json:"pointer,omitempty"`
	Header  string `json:"header,omitempty"`
	Message string `json:"message"`
}

// errInvalid names every wrong field in Details["fields"].
func errInvalid(fields ...FieldError) *domain.Refusal {
	return domain.Refuse(domain.Invalid, domain.CodeValidation, "the input is not valid").With("fields", fields)
}

func errKeyReused() *domain.Refusal {
	return domain.Refuse(domain.Unprocessable, domain.CodeKeyReused, "the idempotency key was used for another command")
}

func errIfMatchRequired() *domain.Refusal {
	return domain.Refuse(domain.PreconditionRequired, domain.CodeIfMatchRequired,
		"say by If-Match which revision you have seen")
}

func errStale(current eventstore.Revision) *domain.Refusal {
	return domain.Refuse(domain.Stale, domain.CodeStale, "it has changed since you read it").With("revision", current)
}

func errChangesTooFast() *domain.Refusal {
	return domain.Refuse(domain.Conflict, domain.CodeConflict, "it is changing too often at the moment, try again")
}

// unavailable tells the caller to try again, and the log why: the refusal cannot carry the cause.
func (s *Service) unavailable(ctx context.Context, c command, cause error) *domain.Refusal {
	s.log.WarnContext(ctx, "command not settled", slog.String("command", c.name), slog.String("command_id", c.id),
		slog.Any("error", cause))
	return domain.Refuse(domain.Unavailable, domain.CodeUnavailable,
		"the command could not be settled, repeat it with the same Idempotency-Key")
}
