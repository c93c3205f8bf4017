package projections

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"
)

// conclude compares a generation that has joined with the live one, and lets it go live. Where they differ it fails instead,
// unless whoever asked for it wants it all the same. It calls rest while it compares.
func (p *Projection) conclude(ctx context.Context, number int64, rest func(context.Context)) error {
	for ctx.Err() == nil {
		same, hash, difference, err := p.compare(ctx, number, rest)
		switch {
		case err == nil:
			return p.swap(ctx, number, verdict{same: same, hash: hash, difference: difference})
		case !errors.Is(err, errApart):
			return err
		case p.hasHalted(ctx):
			// It will not come any further, and is waiting for this very generation.
			return p.swap(ctx, number, verdict{unknown: true})
		}
		wait(ctx, 5*time.Millisecond) // the next batch brings both to the same position
	}
	return nil
}

// verdict is how a new generation compares with the live one.
type verdict struct {
	unknown    bool // there was no position at which both could be compared
	same       bool
	hash       string // of the new one
	difference string
}

func (p *Projection) hasHalted(ctx context.Context) (halted bool) {
	err := p.db.Snapshot(ctx, func(ctx context.Context, tx bun.Tx) error {
		entry, err := p.entry(ctx, tx, "")
		halted = err == nil && entry.HaltedAt != 0
		return err
	})
	return err == nil && halted
}

// swap lets the generation go live, in one transaction that holds everybody off who folds. The new one must be as far as the old
// one: no reader ever sees a revision fall.
func (p *Projection) swap(ctx context.Context, number int64, v verdict) error {
	err := p.locked(ctx, func(ctx context.Context, tx bun.Tx, entry *projectionRow) error {
		row, err := p.toChange(ctx, tx, number)
		if err != nil || row.State != GenerationJoined {
			return err
		}
		if !v.unknown && !v.same && row.Forced == 0 {
			return p.fail(ctx, tx, entry, number, v.difference)
		}
		if err := p.requireNotBehind(ctx, tx, number, entry.Live); err != nil {
			return err
		}
		row.Hash, row.Error = v.hash, v.difference
		if v.same {
			row.Verified = 1
		}
		return p.goLive(ctx, tx, entry, row)
	})
	if err != nil {
		return fmt.Errorf("swap to generation %d: %w", number, err)
	}
	p.moved.advance()
	return nil
}

// errBehindLive says that a generation does not hold what the live one holds.
var errBehindLive = errors.New("the generation is behind the live one")

func (p *Projection) requireNotBehind(ctx context.Context, tx bun.Tx, number, live int64) error {
	if err := p.lockCheckpoints(ctx, tx, number, live); err != nil {
		return err
	}
	at, _, err := p.reached(ctx, tx, number)
	if err != nil {
		return err
	}
	reached, _, err := p.reached(ctx, tx, live)
	if err == nil && at < reached {
		err = errBehindLive
	}
	return err
}
