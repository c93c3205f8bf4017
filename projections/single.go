package projections

import (
	"context"
	"errors"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/subscription"
)

// generationError says in which generation something went wrong.
type generationError struct {
	generation int64
	err        error
}

func (e *generationError) Error() string { return e.err.Error() }
func (e *generationError) Unwrap() error { return e.err }

// singleOut folds a batch that the database has refused in parts, until it is known which event it is that the database does not take:
// what comes before is folded, and there the read model halts. The database only says that some row is wrong, and would say so for ever.
func (p *Projection) singleOut(ctx context.Context, b subscription.Batch) error {
	err := p.handle(ctx, b)
	if !database.IsRefused(err) || len(b.Events) == 0 {
		return err
	}
	if len(b.Events) == 1 {
		return p.refusedAt(ctx, b, err)
	}
	first, second := b, b
	n := len(b.Events) / 2
	first.Events, second.Events = b.Events[:n], b.Events[n:]
	first.Position = b.Events[n-1].Position
	if err := p.singleOut(ctx, first); err != nil {
		return err
	}
	return p.singleOut(ctx, second)
}

// refusedAt halts at the one event of a batch; where another generation than the one that is read does not take it, that one fails.
func (p *Projection) refusedAt(ctx context.Context, b subscription.Batch, cause error) error {
	halt := subscription.HaltAt(b.Events[0], cause)
	where, ok := errors.AsType[*generationError](cause)
	if !ok {
		return halt
	}
	err := p.locked(ctx, func(ctx context.Context, tx bun.Tx, entry *projectionRow) error {
		if entry.Live == where.generation {
			return halt
		}
		return p.fail(ctx, tx, entry, where.generation, halt.Error())
	})
	if err != nil {
		return err
	}
	return p.singleOut(ctx, b)
}
