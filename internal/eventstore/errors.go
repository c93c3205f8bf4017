package eventstore

import (
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// What an append or read can end in. Test with errors.Is, or errors.AsType for the structs.
var (
	// ErrUnavailable: the store could not be asked; certainly nothing was written.
	ErrUnavailable = errors.New("event store unavailable")
	// ErrInDoubt: the append may or may not have been written. Only the identical request may be repeated.
	ErrInDoubt = errors.New("append in doubt")
	// ErrTooLarge: the append exceeds what every version of the store accepts (1 MiB).
	ErrTooLarge = errors.New("append too large")
	// ErrDeleted: the stream was deleted or shortened behind the engine's back; what it says can no longer be trusted.
	ErrDeleted = errors.New("stream deleted or truncated")
	// ErrForeignPosition: the log has no event at the position to go on from, so it is not the log that the position was
	// taken from: another one, or an older state of the same.
	ErrForeignPosition = errors.New("the log has no event at this position")
	// ErrClosed: the store client was closed.
	ErrClosed = errors.New("event store closed")
)

// ConflictError says that the stream was not at the expected revision; nothing was written.
type ConflictError struct {
	Stream   string
	Expected Revision
}

// Error names the stream and the revision that was expected.
func (e *ConflictError) Error() string {
	return fmt.Sprintf("append to %s: not at revision %d", e.Stream, e.Expected)
}

// DecodeError says that a stored event cannot be understood by this build. Readers stop at it; they never skip.
type DecodeError struct {
	ID       uuid.UUID
	Stream   string
	Revision Revision
	Position Position
	Type     string
	Created  time.Time // by the store's clock; zero where it is not known
	Err      error
}

// Error names the event and what is wrong with it.
func (e *DecodeError) Error() string {
	return fmt.Sprintf("decode %s (%s@%d): %v", e.Type, e.Stream, e.Revision, e.Err)
}

// Unwrap returns the cause.
func (e *DecodeError) Unwrap() error { return e.Err }
