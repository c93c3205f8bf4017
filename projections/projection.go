package projections

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
)

// Projection is one read model. As a subscription.Handler it folds the log into those of its generations that are kept up to
// date; see Models.Run for who calls it when.
type Projection struct {
	spec    spec // without a generation
	make    func(spec) model
	db      *database.DB
	storeID string
	wait    time.Duration
	now     func() time.Time
	moved   progress
	run     running
	sizes   buildSizes // zero: fullSpeed

	folds map[int64]*remembered // by generation; used by the one who calls Handle
	mu    sync.Mutex            // guards folds where somebody tells to forget them
}

// remembered is what is known in memory of a generation's rows.
type remembered struct {
	fold      fold
	rewritten int64 // the generation's count when it was learnt
}

// Name returns the read model's name, such as "bookings".
func (p *Projection) Name() string { return p.spec.name }

// Checkpoint returns the position up to which all generations that are kept up to date hold the log.
func (p *Projection) Checkpoint(ctx context.Context) (eventstore.Position, error) {
	followed, err := p.followed(ctx, p.db.Read)
	if err != nil {
		return 0, fmt.Errorf("read checkpoint of %s: %w", p.spec.name, err)
	}
	if len(followed) == 0 {
		return 0, fmt.Errorf("read checkpoint of %s: %w", p.spec.name, errNotBuilt)
	}
	lowest := followed[0].at
	for _, g := range followed {
		lowest = min(lowest, g.at)
	}
	return lowest, nil
}

// Handle folds a batch into all generations that are kept up to date: rows and checkpoints become durable together, those of a
// large batch in several transactions while commands are handled. Events that a checkpoint already covers are left out, so a batch
// may be given any number of times.
func (p *Projection) Handle(ctx context.Context, b subscription.Batch) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for part := range p.portions(b) {
		err := p.handle(ctx, part)
		if database.IsRefused(err) {
			err = p.singleOut(ctx, part)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (p *Projection) handle(ctx context.Context, b subscription.Batch) error {
	again := false
	err := p.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if again {
			p.folds = nil // they know what an attempt has folded that came to nothing
		}
		again = true
		return p.follow(ctx, tx, b)
	})
	if err != nil {
		p.folds = nil // what they know may never have been written
		return fmt.Errorf("project %s: %w", p.spec.name, err)
	}
	p.moved.advance()
	return nil
}

// forget makes Handle look at the tables again: somebody else may have written there.
func (p *Projection) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.folds = nil
}

// follow folds a batch in a transaction.
func (p *Projection) follow(ctx context.Context, tx bun.Tx, b subscription.Batch) error {
	entry, err := p.entry(ctx, tx, lockFolding)
	if err != nil {
		return err
	}
	followed, err := p.followed(ctx, tx)
	if err != nil {
		return err
	}
	events, err := p.withoutSkipped(ctx, tx, followed, b.Events)
	if err != nil {
		return err
	}
	for _, g := range followed {
		err := p.foldInto(ctx, tx, g, after(events, g.at))
		if halt, ok := errors.AsType[*subscription.HaltError](err); ok && g.number != entry.Live {
			// It must not stop the one that is read.
			if err := p.fail(ctx, tx, entry, g.number, halt.Error()); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		if b.Position > g.at {
			ctx := ctx
			if n := len(b.Events); n > 0 {
				ctx = subscription.Noting(ctx, b.Events[n-1])
			}
			if err := subscription.SaveCheckpoint(ctx, tx, p.spec.at(g.number).checkpoint(), p.storeID, b.Position); err != nil {
				return err
			}
		}
	}
	return p.clearHalt(ctx, tx, entry, b.Position)
}

// rememberedRows bounds what a generation that is kept up to date remembers of its rows.
const rememberedRows = 10_000

func (p *Projection) foldInto(ctx context.Context, tx bun.Tx, g followedGeneration, events []eventstore.Recorded) error {
	if len(events) == 0 {
		return nil
	}
	if p.folds == nil {
		p.folds = map[int64]*remembered{}
	}
	known := p.folds[g.number]
	if known == nil || known.rewritten != g.rewritten {
		known = &remembered{fold: p.make(p.spec.at(g.number)).begin(), rewritten: g.rewritten}
		p.folds[g.number] = known
	}
	if err := foldIn(ctx, known.fold, writer{tx: tx, db: p.db, bulk: true}, events); err != nil {
		delete(p.folds, g.number)
		return &generationError{generation: g.number, err: err}
	}
	if known.fold.known() > rememberedRows {
		known.fold.forget(false)
	}
	if known.fold.known() > rememberedRows {
		known.fold.forget(true)
	}
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
