package subscription

import (
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/royalglow/booking/internal/eventstore"
)

// Event names the event at which a consumer has halted.
type Event struct {
	ID       uuid.UUID
	Type     string
	Stream   string
	Revision eventstore.Revision
	Position eventstore.Position
	// Undecodable: this program does not understand the event. Else the handler cannot apply it.
	Undecodable bool
}

// HaltError is a handler's way to say that trying again is useless: the consumer stops at the batch and shows it.
type HaltError struct {
	// Event is the one that cannot be applied; zero when it is not for an event.
	Event Event
	Err   error
}

// HaltAt halts at an event that cannot be applied; why says what does not fit.
func HaltAt(e eventstore.Recorded, why error) error {
	return &HaltError{
		Event: Event{ID: e.ID, Type: e.Event.EventType(), Stream: e.Stream, Revision: e.Revision, Position: e.Position},
		Err:   fmt.Errorf("apply %s (%s@%d): %w", e.Event.EventType(), e.Stream, e.Revision, why),
	}
}

// Error tells what is wrong.
func (e *HaltError) Error() string { return "halt: " + e.Err.Error() }

// Unwrap returns the cause.
func (e *HaltError) Unwrap() error { return e.Err }

// HaltedAt returns the event that an error of a handler or of a source is about, and whether there is one.
func HaltedAt(err error) (Event, bool) {
	if e, ok := errors.AsType[*HaltError](err); ok && e.Event != (Event{}) {
		return e.Event, true
	}
	if e, ok := errors.AsType[*eventstore.DecodeError](err); ok {
		return Event{
			ID: e.ID, Type: e.Type, Stream: e.Stream, Revision: e.Revision, Position: e.Position, Undecodable: true,
		}, true
	}
	return Event{}, false
}

// Halts reports whether an error is one that trying again does not cure.
func Halts(err error) bool {
	if _, ok := errors.AsType[*eventstore.DecodeError](err); ok {
		return true
	}
	if _, ok := errors.AsType[*ForeignStoreError](err); ok {
		return true
	}
	if errors.Is(err, eventstore.ErrForeignPosition) {
		return true
	}
	_, ok := errors.AsType[*HaltError](err)
	return ok
}
