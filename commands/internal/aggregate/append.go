package aggregate

import (
	"context"
	"errors"
	"fmt"

	"github.com/royalglow/booking/internal/eventstore"
)

// tries is how often one append is sent. The store has repeated it already; once more bridges its restart.
const tries = 2

// Append sends the append, and the identical one again while its outcome is in doubt and ctx allows.
//
// A conflict is definite even after a doubt: had the first try been written, the repeat would have been recognised. That the
// store cannot be reached is definite only before any doubt, so that afterwards the error is eventstore.ErrInDoubt.
func Append(ctx context.Context, store Store, a eventstore.Append) (eventstore.Appended, error) {
	var doubt error
	for range tries {
		got, err := store.Append(ctx, a)
		if err == nil || Conflicted(err) {
			return got, err
		}
		if doubt == nil && NotWritten(err) {
			return got, err
		}
		doubt = err
		if ctx.Err() != nil {
			break
		}
	}
	return eventstore.Appended{}, fmt.Errorf("%w: %w", eventstore.ErrInDoubt, doubt)
}

// Conflicted reports whether the stream was certainly not at the expected revision.
func Conflicted(err error) bool {
	_, ok := errors.AsType[*eventstore.ConflictError](err)
	return ok
}

// NotWritten reports whether an append that failed with err was certainly not written. Every error that is not known is a
// doubt: releasing claims on a wrong guess would book someone twice.
func NotWritten(err error) bool {
	if errors.Is(err, eventstore.ErrInDoubt) {
		return false
	}
	return Conflicted(err) || errors.Is(err, eventstore.ErrUnavailable) || errors.Is(err, eventstore.ErrTooLarge)
}
