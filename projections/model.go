package projections

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/eventstore"
)

// model is one generation of a read model.
type model interface {
	// tables lists the physical tables, in a fixed order.
	tables() []table
	// begin returns a fold that knows nothing yet.
	begin() fold
	// owned says of each table which streams its rows follow from. Every table is in it.
	owned() []owner
}

// lookup gives what rows can be read by. It is asked for only where there is something to look up.
type lookup func(ctx context.Context) (bun.IDB, error)

// fold holds in memory what events have made of rows since these were last written. One that has failed is thrown away.
type fold interface {
	// prepare loads what add will need for these events and what is not known yet.
	prepare(ctx context.Context, db lookup, events []eventstore.Recorded) error
	// add folds one event. The events come in log order.
	add(e eventstore.Recorded) error
	// write writes what has changed since the last write. What was written stays known. A fold that hands rows to a plan
	// hands over copies of those that it may still change.
	write(ctx context.Context, w writer) error
	// pending counts the rows, more or less, that a write would write.
	pending() int
	// known counts the rows that are known.
	known() int
	// forget lets go of what was written: in a long build of what will hardly be needed again, else of everything.
	forget(all bool)
}

// foldIn folds events and writes what they change.
func foldIn(ctx context.Context, f fold, w writer, events []eventstore.Recorded) error {
	if err := f.prepare(ctx, func(context.Context) (bun.IDB, error) { return w.tx, nil }, events); err != nil {
		return err
	}
	for _, e := range events {
		if err := f.add(e); err != nil {
			return err
		}
	}
	return f.write(ctx, w)
}

// applier folds a batch of events in one go.
type applier interface {
	// apply folds events, which are new to the tables and in log order. It reads and writes through tx alone.
	apply(ctx context.Context, tx bun.Tx, events []eventstore.Recorded) error
}

// batched is the fold of a read model that is small, or changes seldom: it knows nothing from one batch to the next.
type batched struct {
	model  applier
	events []eventstore.Recorded
}

func (*batched) prepare(context.Context, lookup, []eventstore.Recorded) error { return nil }

func (b *batched) add(e eventstore.Recorded) error {
	b.events = append(b.events, e)
	return nil
}

func (b *batched) write(ctx context.Context, w writer) error {
	events := b.events
	b.events = nil
	switch {
	case len(events) == 0:
		return nil
	case w.plan != nil:
		w.plan.then(func(ctx context.Context, w writer) error {
			return b.model.apply(ctx, w.tx, events)
		})
		return nil
	}
	return b.model.apply(ctx, w.tx, events)
}

func (b *batched) pending() int { return len(b.events) }

func (*batched) known() int { return 0 }

func (*batched) forget(bool) {}
