package projections

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// DefaultWait is how long a read with a minimum position waits for it.
const DefaultWait = 5 * time.Second

// errBehind says that the read model has not come to the wanted position yet. It stays in this file.
var errBehind = errors.New("read model is behind")

// Read is what a query does within its snapshot.
type Read func(ctx context.Context, tx bun.Tx, seen Snapshot) error

// lookAgain is how often a waiting read looks for what another instance may have folded, of which nobody tells it.
const lookAgain = 25 * time.Millisecond

// AtLeast runs fn in a read transaction in which the read model has come to position lowest or further. It waits for that
// at most the configured time and then refuses with READ_BEHIND. Zero never waits.
//
// The position is checked in the transaction that fn reads in, so fn cannot see less. fn runs at most once.
func (p *Projection) AtLeast(ctx context.Context, lowest eventstore.Position, fn Read) error {
	w := patience{limit: p.wait}
	defer w.end()
	return p.atLeast(ctx, lowest, &w, fn)
}

// patience is how long one read waits in all; it begins with the first wait.
type patience struct {
	limit time.Duration
	timer *time.Timer
	tick  *time.Ticker
}

func (w *patience) again() <-chan time.Time {
	if w.tick == nil {
		w.tick = time.NewTicker(lookAgain)
	}
	return w.tick.C
}

func (w *patience) over() <-chan time.Time {
	if w.timer == nil {
		w.timer = time.NewTimer(w.limit)
	}
	return w.timer.C
}

func (w *patience) end() {
	if w.timer != nil {
		w.timer.Stop()
	}
	if w.tick != nil {
		w.tick.Stop()
	}
}

func (p *Projection) atLeast(ctx context.Context, lowest eventstore.Position, w *patience, fn Read) error {
	for {
		moved := p.moved.changed()
		err := p.read(ctx, lowest, fn)
		if !errors.Is(err, errBehind) && !errors.Is(err, errNotBuilt) {
			return err
		}
		select {
		case <-moved:
		case <-w.again():
		case <-w.over():
			if errors.Is(err, errNotBuilt) {
				return domain.Refuse(domain.Unavailable, domain.CodeReadBehind, "the read model %q is still being built", p.spec.name)
			}
			return domain.Refuse(domain.Unavailable, domain.CodeReadBehind,
				"the read model has not come to position %d within %s", lowest, w.limit)
		case <-ctx.Done():
			return fmt.Errorf("wait for %s: %w", p.spec.name, context.Cause(ctx))
		}
	}
}

// atLeast is AtLeast over several read models, which are read in one snapshot. The position is that of the one that is
// furthest behind. They are waited for in turn, and all together no longer than for one.
func atLeast(ctx context.Context, models []*Projection, lowest eventstore.Position, fn Read) error {
	last := models[len(models)-1]
	w := patience{limit: last.wait}
	defer w.end()
	for _, p := range models[:len(models)-1] {
		// Once there it stays there: the snapshot that is taken below cannot see less.
		err := p.atLeast(ctx, lowest, &w, func(context.Context, bun.Tx, Snapshot) error { return nil })
		if err != nil {
			return err
		}
	}
	return last.atLeast(ctx, lowest, &w, func(ctx context.Context, tx bun.Tx, seen Snapshot) error {
		for _, p := range models[:len(models)-1] {
			other, err := p.snapshot(ctx, tx)
			if err != nil {
				return err
			}
			seen = seen.and(other)
		}
		return fn(ctx, tx, seen)
	})
}

func (p *Projection) read(ctx context.Context, lowest eventstore.Position, fn Read) error {
	err := p.db.Snapshot(ctx, func(ctx context.Context, tx bun.Tx) error {
		seen, err := p.snapshot(ctx, tx)
		if err != nil {
			return err
		}
		if seen.Position < lowest {
			return errBehind
		}
		return fn(ctx, tx, seen)
	})
	if err == nil || errors.Is(err, errBehind) || errors.Is(err, errNotBuilt) {
		return err
	}
	if _, ok := errors.AsType[*domain.Refusal](err); ok {
		return err
	}
	return fmt.Errorf("read %s: %w", p.spec.name, err)
}
