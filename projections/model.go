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

// lookup is what rows are read by.
type lookup struct {
	db bun.IDB
	// settle waits for what is being written meanwhile. A fold that holds in memory what it has handed over
	// to be written reads other rows without that.
	settle func() error
}

// fold holds in memory what events have made of rows since these were last written. One that has failed is thrown away.
type fold interface {
	// prepare loads what add will need for these events and what is not known yet.
	prepare(ctx context.Context, from lookup, events []eventstore.Recorded) error
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

// finisher is a fold that tells what has come to its end from what will change again. A build writes the first while it folds on:
// what changes again would have to be written twice.
type finisher interface {
	fold
	// finished counts the rows, more or less, that writeFinished would write.
	finished() int
	// writeFinished writes what has come to its end, as write does. What is written of a stream is all that follows from it up to one
	// revision, and says which, so that who folds the same events again passes over them.
	writeFinished(ctx context.Context, w writer) error
}

// foldIn folds events and writes what they change.
func foldIn(ctx context.Context, f fold, w writer, events []eventstore.Recorded) error {
	if err := f.prepare(ctx, lookup{db: w.tx, settle: func() error { return nil }}, events); err != nil {
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
