package projections

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
)

// write makes what was folded durable, and says how far that is. It is written while more is folded; the write before must have
// ended.
func (b *builder) write(ctx context.Context) error {
	if err := b.settle(); err != nil {
		return err
	}
	now := time.Now()
	w := &writing{at: b.at, last: b.last, events: b.events, busy: now.Sub(b.since), done: make(chan struct{})}
	if err := b.fold.write(ctx, writer{plan: &w.plan}); err != nil {
		return err
	}
	b.events, b.since, b.saved = 0, now, b.at
	b.start(ctx, w)
	return nil
}

// writeFinished writes what has come to its end, if that is much and nothing else is being written. There is no checkpoint, because
// what is open is not written: after a crash the same is folded again, and rows that are ahead of an event pass over it.
func (b *builder) writeFinished(ctx context.Context) error {
	f, ok := b.fold.(finisher)
	if !ok || b.throttled() || b.isWriting() {
		return nil
	}
	if err := b.settle(); err != nil || f.finished() < b.sizes().finished {
		return err
	}
	w := &writing{unfinished: true, at: b.at, events: b.events, busy: time.Since(b.since), done: make(chan struct{})}
	if err := f.writeFinished(ctx, writer{plan: &w.plan}); err != nil {
		return err
	}
	b.start(ctx, w)
	return nil
}

func (b *builder) start(ctx context.Context, w *writing) {
	b.written, b.writing = true, w
	go func() {
		defer close(w.done)
		w.err = b.commit(ctx, w)
	}()
}

// isWriting reports whether a write is under way.
func (b *builder) isWriting() bool {
	if b.writing == nil {
		return false
	}
	select {
	case <-b.writing.done:
		return false
	default:
		return true
	}
}

// writing is a write that may be under way.
type writing struct {
	plan       plan
	unfinished bool // without a checkpoint
	at         eventstore.Position
	last       *eventstore.Recorded
	events     int64 // since the last checkpoint
	busy       time.Duration
	done       chan struct{}
	err        error // once done is closed
}

// settle waits for the write that is under way.
func (b *builder) settle() error {
	if b.writing == nil {
		return nil
	}
	<-b.writing.done // it heeds its own context
	err := b.writing.err
	b.writing = nil
	return err
}

func (b *builder) commit(ctx context.Context, w *writing) error {
	// What a power failure undoes of a build is built again: nobody has read it.
	return b.p.db.InTxUnsynced(ctx, func(ctx context.Context, tx bun.Tx) error {
		row, err := b.building(ctx, tx)
		if err != nil {
			return err
		}
		if err := w.plan.run(ctx, writer{tx: tx, db: b.p.db, bulk: true}); err != nil {
			return err
		}
		if w.unfinished {
			if w.at >= row.Ahead {
				row.Ahead, row.AheadEvents, row.AheadUs = w.at, w.events, w.busy.Microseconds()
			}
			if err := b.p.saveGeneration(ctx, tx, row); err != nil {
				return err
			}
			return subscription.CheckTerm(ctx, tx)
		}
		row.Events += w.events
		row.BusyUs += w.busy.Microseconds()
		// A build before this one may have come further: its rows are still ahead.
		row.AheadEvents, row.AheadUs = max(0, row.AheadEvents-w.events), max(0, row.AheadUs-w.busy.Microseconds())
		if w.at >= row.Ahead {
			row.Ahead, row.AheadEvents, row.AheadUs = 0, 0, 0
		}
		if err := b.p.saveGeneration(ctx, tx, row); err != nil {
			return err
		}
		if w.last != nil {
			ctx = subscription.Noting(ctx, *w.last)
		}
		return subscription.SaveCheckpoint(ctx, tx, b.spec.checkpoint(), b.p.storeID, w.at)
	})
}

// index makes the indexes, each in a transaction of its own, because others wait meanwhile.
func (b *builder) index(ctx context.Context) error {
	if b.indexed {
		return nil
	}
	for _, t := range b.p.make(b.spec).tables() {
		for _, statement := range t.indexing(b.p.db.Write.Dialect(), b.spec, index.isAny) {
			err := b.alter(ctx, func(ctx context.Context, tx bun.Tx) error { return t.perform(ctx, tx, b.spec, statement) })
			if err != nil {
				return err
			}
		}
	}
	b.indexed = true
	return nil
}

// finish does to full tables what they need to be read.
func (b *builder) finish(ctx context.Context) error {
	if b.finished {
		return nil
	}
	if err := b.index(ctx); err != nil {
		return err
	}
	for _, t := range b.p.make(b.spec).tables() {
		err := b.alter(ctx, func(ctx context.Context, tx bun.Tx) error { return t.count(ctx, tx, b.spec) })
		if err != nil {
			return err
		}
	}
	b.finished = true
	return nil
}

// alter does something to a table of the generation, as long as that is being built. Whose term is over does nothing: PostgreSQL refuses
// the second of two equal indexes that are made beside each other, and that would be his who builds now.
func (b *builder) alter(ctx context.Context, do func(ctx context.Context, tx bun.Tx) error) error {
	err := b.p.db.InTxUnsynced(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := b.building(ctx, tx); err != nil {
			return err
		}
		if err := do(ctx, tx); err != nil {
			return err
		}
		return subscription.CheckTerm(ctx, tx)
	})
	if database.IsRefused(err) {
		return &subscription.HaltError{Err: errors.New(err.Error())} // no event's fault: to write fewer at once would find none
	}
	return err
}

// building returns the generation, or errGone when it is not built any more.
func (b *builder) building(ctx context.Context, db bun.IDB) (*generationRow, error) {
	row, err := b.p.generation(ctx, db, b.row.Generation)
	if errors.Is(err, sql.ErrNoRows) || err == nil && row.State != GenerationBuilding {
		err = errGone
	}
	return row, err
}
