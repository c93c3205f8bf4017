package projections

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
)

// recordHalt shows every instance, and every operator, where the read model has stopped and why.
func (p *Projection) recordHalt(ctx context.Context, cause error) error {
	return p.locked(ctx, func(ctx context.Context, tx bun.Tx, row *projectionRow) error {
		row.haltAt(p.micros(), cause)
		return p.saveEntry(ctx, tx, row)
	})
}

func (r *projectionRow) haltAt(micros int64, cause error) {
	event, _ := subscription.HaltedAt(cause)
	r.HaltedAt, r.HaltedReason = micros, cause.Error()
	r.HaltedPosition, r.HaltedRevision = event.Position, event.Revision
	r.HaltedType, r.HaltedStream, r.HaltedEvent = event.Type, event.Stream, ""
	if event.ID != uuid.Nil {
		r.HaltedEvent = event.ID.String()
	}
}

// clearHalt takes the halt back once the event is behind.
func (p *Projection) clearHalt(ctx context.Context, tx bun.Tx, row *projectionRow, at eventstore.Position) error {
	if row.HaltedAt == 0 || at < row.HaltedPosition {
		return nil
	}
	row.unhalt()
	return p.saveEntry(ctx, tx, row)
}

func (r *projectionRow) unhalt() {
	r.HaltedAt, r.HaltedPosition, r.HaltedRevision = 0, 0, 0
	r.HaltedEvent, r.HaltedType, r.HaltedStream, r.HaltedReason = "", "", "", ""
}

// fail ends a generation that cannot go live, with the reason. Its tables are dropped afterwards.
func (p *Projection) fail(ctx context.Context, tx bun.Tx, entry *projectionRow, number int64, reason string) error {
	row, err := p.toChange(ctx, tx, number)
	if err != nil {
		return err
	}
	if entry.Previous == number {
		entry.Previous = 0
	}
	if err := p.saveEntry(ctx, tx, entry); err != nil {
		return err
	}
	row.State, row.Error, row.FinishedAt = GenerationFailed, reason, p.micros()
	if err := p.saveGeneration(ctx, tx, row); err != nil {
		return fmt.Errorf("give up generation %d: %w", number, err)
	}
	return nil
}
