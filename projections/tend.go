package projections

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/subscription"
)

// tender runs one read model for one term: a runner for the generations that are followed, a builder for one that is built, and
// what is to be done between the two.
type tender struct {
	Running
	p   *Projection
	log *slog.Logger

	work     sync.WaitGroup
	runner   *subscription.Runner // nil: none runs
	followed chan error           // how it ended
	building int64                // the generation that is being built or concluded; zero: none
	built    chan error
	pace     *pace
	dropping bool // something is being dropped
	dropped  chan error
}

// tend returns when the term ends, or when the read model has halted and there is nothing else to do.
func (t *tender) tend(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer t.work.Wait()
	defer stop()
	t.p.forget()
	t.followed, t.built, t.dropped = make(chan error, 1), make(chan error, 1), make(chan error, 1)
	t.pace = newPace(t.Latency)
	tick := time.NewTicker(lookAround)
	defer tick.Stop()
	for {
		state, err := t.look(ctx)
		if err == nil {
			err = t.act(ctx, state)
		}
		if err != nil && ctx.Err() == nil {
			t.log.WarnContext(ctx, "projection not tended", slog.Any("error", err))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			t.pace.observeIdle(t.building == 0)
		case <-t.p.run.poked:
		case err := <-t.built:
			t.building = 0
			if err != nil && ctx.Err() == nil {
				t.log.WarnContext(ctx, "rebuild interrupted", slog.Any("error", err))
			}
		case err := <-t.dropped:
			t.dropping = false
			if err != nil && ctx.Err() == nil {
				t.log.WarnContext(ctx, "generation not dropped", slog.Any("error", err))
			}
		case err := <-t.followed:
			t.runner = nil
			if err == nil {
				return nil // the term is over
			}
			if err := t.halted(ctx, err); err != nil {
				return err
			}
		}
	}
}

// halted shows a halt. Unless something is being built, which may cure it, the lease goes to another for a while.
func (t *tender) halted(ctx context.Context, cause error) error {
	if err := t.p.recordHalt(ctx, cause); err != nil && ctx.Err() == nil {
		t.log.WarnContext(ctx, "halt not recorded", slog.Any("error", err))
	}
	t.p.run.settleDown()
	if t.building == 0 {
		return cause
	}
	return nil
}

// outlook is what the database says is to be done.
type outlook struct {
	entry *projectionRow
	rows  []*generationRow
}

func (t *tender) look(ctx context.Context) (o outlook, err error) {
	err = t.p.db.Snapshot(ctx, func(ctx context.Context, tx bun.Tx) error {
		if o.entry, err = t.p.entry(ctx, tx, ""); err != nil {
			return err
		}
		o.rows, err = t.p.unsettled(ctx, tx)
		return err
	})
	return o, err
}

// act brings about what the database says.
func (t *tender) act(ctx context.Context, o outlook) error {
	if o.entry.Live != 0 {
		t.follow(ctx, o.entry)
	}
	for _, row := range o.rows {
		switch row.State {
		case GenerationBuilding, GenerationJoined:
			t.build(ctx, row)
		case GenerationFailed, GenerationDropped:
			t.drop(ctx, row)
		case GenerationPrevious:
			if err := t.retire(ctx, o, row); err != nil {
				return err
			}
		case GenerationLive:
		}
	}
	return t.supersede(ctx, o)
}

// follow starts and stops the runner.
func (t *tender) follow(ctx context.Context, entry *projectionRow) {
	if t.runner == nil {
		if entry.HaltedAt != 0 && t.building != 0 {
			return // what is built may cure it; until then the event is as it was
		}
		t.start(ctx)
	}
	if entry.PausedAt != 0 {
		t.runner.Pause()
		t.p.run.settleDown()
	} else {
		t.runner.Resume()
	}
}

func (t *tender) start(ctx context.Context) {
	r := &subscription.Runner{
		Source: passing{source: t.Source, skips: func(ctx context.Context) (skipSet, error) {
			return t.p.skipSet(ctx, t.p.db.Read)
		}},
		Handler: t.p, Logger: t.Logger, Tracer: t.Tracer, MaxBatch: eventsInABatch, ReturnOnHalt: true,
	}
	t.runner = r
	t.p.run.mu.Lock()
	t.p.run.runner = r
	t.p.run.mu.Unlock()
	t.work.Go(func() { t.followed <- r.Run(ctx) })
	t.work.Go(func() {
		select {
		case <-r.CaughtUp():
			t.p.run.settleDown()
		case <-ctx.Done():
		}
	})
}

// build starts a builder, or what follows a build, one at a time.
func (t *tender) build(ctx context.Context, row *generationRow) {
	if t.building != 0 {
		return
	}
	t.building = row.Generation
	t.work.Go(func() {
		t.built <- t.complete(ctx, row)
	})
}

func (t *tender) complete(ctx context.Context, row *generationRow) error {
	if row.State == GenerationBuilding {
		b := &builder{p: t.p, row: row, pace: t.pace, log: t.log.With(slog.Int64("generation", row.Generation))}
		b.source = passing{source: t.Source, skips: func(context.Context) (skipSet, error) { return b.skips, nil }}
		if err := b.run(ctx); err != nil {
			return err
		}
	}
	now, err := t.p.generation(ctx, t.p.db.Read, row.Generation)
	if err != nil || now.State != GenerationJoined {
		t.p.moved.advance() // the first one is live at once
		return err
	}
	t.pace.begin()
	err = t.p.conclude(ctx, row.Generation, func(ctx context.Context) { t.pace.after(ctx, row.budget()) })
	if errors.Is(err, errBehindLive) {
		return nil // it is looked at again
	}
	return err
}

// retire lets the generation before go when it has been kept long enough.
func (t *tender) retire(ctx context.Context, o outlook, row *generationRow) error {
	for _, live := range o.rows {
		if live.State == GenerationLive && t.p.now().Sub(time.UnixMicro(live.FinishedAt)) > t.Retain {
			return t.p.release(ctx, row.Generation)
		}
	}
	return nil
}

// release gives up the generation before the live one.
func (p *Projection) release(ctx context.Context, number int64) error {
	return p.locked(ctx, func(ctx context.Context, tx bun.Tx, entry *projectionRow) error {
		if entry.Previous != number {
			return nil
		}
		row, err := p.toChange(ctx, tx, number)
		if err != nil {
			return err
		}
		row.State, entry.Previous = GenerationDropped, 0
		if err := p.saveGeneration(ctx, tx, row); err != nil {
			return err
		}
		return p.saveEntry(ctx, tx, entry)
	})
}
