package commands

import (
	"crypto/rand"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// Options are what a caller may say about a command beside its body.
type Options struct {
	// IdempotencyKey is 1 to 64 of [A-Za-z0-9_-]. A repeat with the key gets the first receipt; without one each call is a
	// command of its own.
	IdempotencyKey string
	// IfMatch is the revision on which the caller decided. The desk's changes of a booking require it.
	IfMatch *eventstore.Revision
}

// Receipt says that a command's facts are in the log.
type Receipt struct {
	ID       string              `json:"id" doc:"What was created or changed."`
	Revision eventstore.Revision `json:"revision" doc:"What reads show as ETag."`
	Position eventstore.Position `json:"position" doc:"The facts' place in the log, for reads that must include them (minPosition)."`
	Warnings []Warning           `json:"warnings,omitempty" doc:"What the desk should know of a command that was accepted all the same."`

	appended bool // by this call, not by an earlier one with the same key
}

// Warning is something that would have kept a customer from it.
type Warning string

// WarnCustomerOverlap says that the customer has another booking at this time.
const WarnCustomerOverlap Warning = "customer_overlap"

const maxKey = 64

// key returns the idempotency key, a random one if the caller gave none.
func (o Options) key() (string, error) {
	if o.IdempotencyKey == "" {
		return rand.Text(), nil
	}
	if len(o.IdempotencyKey) > maxKey {
		return "", errKey()
	}
	for i := range len(o.IdempotencyKey) {
		switch c := o.IdempotencyKey[i]; {
		case c >= '0' && c <= '9', c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', c == '_', c == '-':
		default:
			return "", errKey()
		}
	}
	return o.IdempotencyKey, nil
}

func errKey() *domain.Refusal {
	return errInvalid(FieldError{Header: "Idempotency-Key", Message: "must be 1 to 64 of letters, digits, '_' and '-'"})
}
