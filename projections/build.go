package projections

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"time"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
)

// eventsPerChunk is how many events are folded before the build looks up, at full speed.
const eventsPerChunk = 1000

// buildSizes is how much a build does at once at full speed.
type buildSizes struct {
	// finished is after how many rows what has come to its end is written.
	finished int
	// All is written, with a checkpoint, when there are so many rows, because memory is bounded, and when so much time has passed,
	// because all of that is lost in a crash.
	rows  int
	every time.Duration
}

// fullSpeed are the sizes where nobody asks for others.
func fullSpeed() buildSizes { return buildSizes{finished: 10_000, rows: 100_000, every: time.Minute} }

// Within a budget pieces of work are short, and the shorter the less the build may work, because the machine, its disk and the database
// are also others': a transaction of 25 rows takes some 8 ms. What is written is known for a while longer.
const (
	mostRowsInBetween  = 1000
	leastRowsInBetween = 25
	rowsKnownInBetween = 10_000
)

// errGone says that the generation that is built has been given up meanwhile.
var errGone = errors.New("the generation is not being built any more")

// builder fills a generation from the log, beside the one that is read: it folds in memory and writes rows when there are many
// of them. A crash costs what was folded since the last checkpoint; rows that were written since then are ahead of it, and pass over
// what is folded again.
type builder struct {
	p      *Projection
	row    *generationRow
	source subscription.Source
	pace   *pace
	log    *slog.Logger

	spec     spec
	fold     fold
	skips    skipSet
	at       eventstore.Position   // folded up to
	saved    eventstore.Position   // written up to
	last     *eventstore.Recorded  // the last event folded
	later    []eventstore.Recorded // scratch: events of what may be in the tables
	written  bool                  // there are rows in the tables
	ahead    eventstore.Position   // and perhaps rows of what comes after the checkpoint, up to here
	events   int64                 // folded since the last checkpoint
	since    time.Time             // the last checkpoint
	indexed  bool
	finished bool
	writing  *writing // nil: none

	careful int // how many events are written at once, because the database has refused more; zero: as many as there are
	calm    int // writes since then
}

// run builds until the generation has joined the live one, or was given up. Trouble is waited out.
func (b *builder) run(ctx context.Context) error {
	for failures := 1; ; failures++ {
		err := b.attempt(ctx)
		switch {
		case err == nil, ctx.Err() != nil, errors.Is(err, errGone), errors.Is(err, subscription.ErrTermOver):
			return nil //nolint:nilerr // there is nothing to do any more
		case database.IsRefused(err) && b.careful != 1:
			b.careful, b.calm = max(1, cmp.Or(b.careful, 10*eventsPerChunk)/10), 0 // until the event is known that it does not take
			continue
		}
		if cause := b.haltOf(ctx, err); cause != nil {
			if b.isSetAside(ctx, cause) {
				continue
			}
			return b.giveUp(ctx, cause)
		}
		if failures == 1 {
			b.log.WarnContext(ctx, "rebuild interrupted", slog.Any("error", err))
		}
		wait(ctx, min(time.Second, 50*time.Millisecond<<min(failures-1, 6)))
	}
}

// isSpare reports whether another generation is read already. One that is built beside it gives its room back where there is none left:
// events and what is read need it more. One that is waited for tries again until there is room.
func (b *builder) isSpare(ctx context.Context) (spare bool) {
	err := b.p.db.Snapshot(ctx, func(ctx context.Context, tx bun.Tx) error {
		entry, err := b.p.entry(ctx, tx, "")
		spare = err == nil && entry.Live != 0
		return err
	})
	return err == nil && spare
}

// haltOf returns why it is useless to try again; nil: it is not.
func (b *builder) haltOf(ctx context.Context, err error) error {
	switch {
	case database.IsRefused(err) && b.last != nil:
		return subscription.HaltAt(*b.last, err)
	case subscription.Halts(err), errors.Is(err, database.ErrFull) && b.isSpare(ctx):
		return err
	}
	return nil
}

// isSetAside reports whether an operator has let the read model pass over the event of a halt since the attempt began.
func (b *builder) isSetAside(ctx context.Context, halt error) bool {
	event, known := subscription.HaltedAt(halt)
	if !known || b.skips.covers(event.Stream, event.Position) {
		return false
	}
	now, err := b.p.skipSet(ctx, b.p.db.Read)
	return err == nil && now.covers(event.Stream, event.Position)
}

// giveUp fails the generation, so that whoever asked for it learns why.
func (b *builder) giveUp(ctx context.Context, cause error) error {
	b.log.ErrorContext(ctx, "rebuild failed", slog.Any("error", cause))
	err := b.p.locked(ctx, func(ctx context.Context, tx bun.Tx, entry *projectionRow) error {
		if entry.Live == 0 {
			entry.haltAt(b.p.micros(), cause) // nothing can be read until somebody has looked at it
		}
		return b.p.fail(ctx, tx, entry, b.row.Generation, cause.Error())
	})
	if err != nil {
		return fmt.Errorf("give up rebuild: %w", err)
	}
	return nil
}

// attempt builds over one subscription, from what is written on.
func (b *builder) attempt(ctx context.Context) (err error) {
	defer func() { err = errors.Join(err, b.settle()) }()
	if err := b.begin(ctx); err != nil {
		return err
	}
	if b.throttled() {
		// To make them in full tables takes less time, but all at once.
		if err := b.index(ctx); err != nil {
			return err
		}
	}
	in, err := receive(ctx, b.source, b.at, b.receiveAhead())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.feed.Close()) }()
	b.pace.begin()
	for {
		limit, err := b.limit(ctx)
		if err != nil {
			return err
		}
		events, pause, err := in.chunk(ctx, min(cmp.Or(b.careful, eventsPerChunk), b.rows()), limit)
		if err != nil {
			return err
		}
		if err := b.take(ctx, events, in.at); err != nil {
			return err
		}
		joined, err := b.proceed(ctx, pause)
		if err != nil || joined {
			return err
		}
		if pause && len(events) == 0 {
			wait(ctx, idle)
		}
		if !pause {
			b.pace.after(ctx, b.row.budget()) // not in sight of the live one: it would get away each time
		}
	}
}

// begin finds out where the build stands.
func (b *builder) begin(ctx context.Context) (err error) {
	b.spec = b.p.spec.at(b.row.Generation)
	b.fold = b.p.make(b.spec).begin()
	b.at, err = subscription.LoadCheckpoint(ctx, b.p.db.Read, b.spec.checkpoint(), b.p.storeID)
	if err != nil {
		return err
	}
	row, err := b.building(ctx, b.p.db.Read)
	if err != nil {
		return err
	}
	b.ahead, b.written = row.Ahead, b.at > 0 || row.Ahead > 0
	b.saved, b.last, b.events, b.since = b.at, nil, 0, time.Now()
	b.skips, err = b.p.skipSet(ctx, b.p.db.Read)
	return err
}

// limit is how far the build may go: where the live generation stands still, it stops at the same position, because only
// there can the two be compared. Rows may be ahead of that: then it goes as far as they do.
func (b *builder) limit(ctx context.Context) (limit eventstore.Position, err error) {
	limit = math.MaxUint64
	err = b.p.db.Snapshot(ctx, func(ctx context.Context, tx bun.Tx) error {
		entry, err := b.p.entry(ctx, tx, "")
		if err != nil || !entry.still() || entry.Live == 0 {
			return err
		}
		seen, err := b.p.snapshot(ctx, tx)
		limit = max(seen.Position, b.at, b.ahead)
		return err
	})
	return limit, err
}

// take folds events. What is in no table yet need not be looked for there.
func (b *builder) take(ctx context.Context, events []eventstore.Recorded, at eventstore.Position) error {
	events = b.skips.without(events)
	if b.written {
		b.later = b.later[:0]
		for i := range events {
			if events[i].Revision > 0 || events[i].Position <= b.ahead {
				b.later = append(b.later, events[i])
			}
		}
		if err := b.fold.prepare(ctx, lookup{db: b.p.db.Read, settle: b.settle}, b.later); err != nil {
			return err
		}
	}
	for i := range events {
		if err := b.fold.add(events[i]); err != nil {
			return err
		}
	}
	if n := len(events); n > 0 {
		last := events[n-1]
		b.last = &last
		b.events += int64(n)
	}
	b.at = max(b.at, at)
	return nil
}

// proceed writes when it is time to, and joins the live generation when it has come as far. pause says that there is nothing
// more to fold at the moment.
func (b *builder) proceed(ctx context.Context, pause bool) (joined bool, err error) {
	if !pause && b.careful == 0 && b.fold.pending() < b.rows() && time.Since(b.since) < b.sizes().every {
		if b.fold.known()-b.fold.pending() > b.known() {
			b.fold.forget(true) // what was looked up, and had seen these events already
		}
		return false, b.writeFinished(ctx)
	}
	if b.events > 0 || b.at > b.saved {
		if err := b.write(ctx); err != nil {
			return false, err
		}
		if b.careful > 0 || b.throttled() { // to write is work to rest from, too, and most of it
			if err := b.settle(); err != nil {
				return false, err
			}
		}
		if b.careful > 0 {
			b.relax()
		}
		b.fold.forget(false)
		if b.fold.known() > b.known() {
			b.fold.forget(true)
		}
	}
	if !pause {
		return false, nil
	}
	if err := b.settle(); err != nil {
		return false, err
	}
	if err := b.finish(ctx); err != nil {
		return false, err
	}
	event := b.at
	if b.last != nil {
		event = b.last.Position
	}
	return b.p.join(ctx, b.row.Generation, b.at, event)
}

// throttled reports whether the build has a budget.
func (b *builder) throttled() bool { return b.row.BudgetUs > 0 }

func (b *builder) sizes() buildSizes { return cmp.Or(b.p.sizes, fullSpeed()) }

// rows is how many are folded before they are written.
func (b *builder) rows() int {
	if !b.throttled() {
		return b.sizes().rows
	}
	return max(leastRowsInBetween, int(b.pace.share()*mostRowsInBetween))
}

// known is how many rows are remembered once they are written.
func (b *builder) known() int {
	if !b.throttled() {
		return b.sizes().rows
	}
	return rowsKnownInBetween
}

// receiveAhead is how many events are received before they are folded.
func (b *builder) receiveAhead() int {
	if !b.throttled() {
		return 4 * eventsPerChunk
	}
	return 4 * leastRowsInBetween
}

// relax lets more be written at once again when what was refused has turned out to be none of the next events.
func (b *builder) relax() {
	if b.calm++; b.calm <= 10 {
		return
	}
	b.calm = 0
	if b.careful *= 10; b.careful > eventsPerChunk {
		b.careful = 0
	}
}

// wait waits, or ends early with ctx.
func wait(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
