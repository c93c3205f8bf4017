package projections

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
)

// model folds events into the tables of one read model.
type model interface {
	// apply folds events, which are new to the tables and in log order. It reads and writes through tx alone.
	apply(ctx context.Context, tx bun.Tx, events []eventstore.Recorded) error
}

// Projection keeps one read model up to date. It is a subscription.Handler.
type Projection struct {
	spec    spec
	model   model
	db      *database.DB
	storeID string
	wait    time.Duration
	moved   progress
}

// Name returns the read model's name, such as "bookings".
func (p *Projection) Name() string { return p.spec.name }

// Checkpoint returns the position up to which the tables hold the log.
func (p *Projection) Checkpoint(ctx context.Context) (eventstore.Position, error) {
	at, err := p.position(ctx, p.db.Read)
	if err != nil {
		return 0, fmt.Errorf("read checkpoint of %s: %w", p.spec.name, err)
	}
	return at, nil
}

// Handle folds a batch: the rows and the checkpoint become durable together. Events that the checkpoint already covers are
// left out, so a batch may be given any number of times.
func (p *Projection) Handle(ctx context.Context, b subscription.Batch) error {
	err := p.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		at, err := p.position(ctx, tx)
		if err != nil {
			return err
		}
		if events := after(b.Events, at); len(events) > 0 {
			if err := p.model.apply(ctx, tx, events); err != nil {
				return err
			}
		}
		if b.Position <= at {
			return nil
		}
		return p.save(ctx, tx, b.Position)
	})
	if err != nil {
		return fmt.Errorf("project %s: %w", p.spec.name, err)
	}
	p.moved.advance()
	return nil
}

// after returns the events that lie past a position; events are in log order.
func after(events []eventstore.Recorded, at eventstore.Position) []eventstore.Recorded {
	for i, e := range events {
		if e.Position > at {
			return events[i:]
		}
	}
	return nil
}
