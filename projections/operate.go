package projections

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// What operators do to a read model is a change of rows, which the instance that runs the read model brings about. So any
// instance can be told, and without one the database itself.

// ByName returns a read model; a NotFound refusal when there is none of that name.
func (m *Models) ByName(name string) (*Projection, error) {
	var names []string
	for _, p := range m.all() {
		if p.spec.name == name {
			return p, nil
		}
		names = append(names, p.spec.name)
	}
	return nil, domain.Refuse(domain.NotFound, domain.CodeNotFound,
		"there is no projection %q: there are %s", name, strings.Join(names, ", "))
}

// change runs fn on the read model's row while nobody folds, and wakes the one who runs it.
func (p *Projection) change(ctx context.Context, fn func(ctx context.Context, tx bun.Tx, entry *projectionRow) error) error {
	err := p.locked(ctx, func(ctx context.Context, tx bun.Tx, entry *projectionRow) error {
		if err := fn(ctx, tx, entry); err != nil {
			return err
		}
		return p.saveEntry(ctx, tx, entry)
	})
	if err == nil {
		p.run.poke()
		p.moved.advance()
	}
	return err
}

func refuse(format string, args ...any) error {
	return domain.Refuse(domain.Conflict, domain.CodeConflict, format, args...)
}

// Rebuild asks for a new generation.
type Rebuild struct {
	// By is who asks.
	By string
	// Budget is by how much the 99th percentile of the commands' latency may rise; zero: the build runs at full speed.
	Budget time.Duration
	// Force lets the new generation go live even where it differs from the one that is read.
	Force bool
}

// Rebuild begins to build a new generation and returns its number. A Conflict refusal when one is being built already.
func (p *Projection) Rebuild(ctx context.Context, r Rebuild) (generation int64, err error) {
	err = p.change(ctx, func(ctx context.Context, tx bun.Tx, entry *projectionRow) error {
		running, err := p.underWay(ctx, tx)
		if err != nil {
			return err
		}
		if running != nil {
			return refuse("generation %d of %q is being built: wait for it, or cancel it", running.Generation, p.spec.name)
		}
		generation, err = p.beginBuild(ctx, tx, entry, r)
		return err
	})
	return generation, err
}

func (p *Projection) beginBuild(ctx context.Context, tx bun.Tx, entry *projectionRow, r Rebuild) (generation int64, err error) {
	if entry.Live == 0 {
		entry.unhalt() // it was the build before that could go no further
	}
	entry.Last++
	row := &generationRow{
		Generation: entry.Last, State: GenerationBuilding, RequestedAt: p.micros(), RequestedBy: r.By,
		BudgetUs: r.Budget.Microseconds(),
	}
	if r.Budget > 0 {
		row.BudgetUs = max(1, row.BudgetUs) // the least of budgets is not none
	}
	if r.Force {
		row.Forced = 1
	}
	// Who must not get in the way of others keeps indexes as he goes: to make one of a full table takes long.
	return row.Generation, p.addGeneration(ctx, tx, row, r.Budget > 0)
}

// Cancel gives up the generation that is being built and returns its number; a Conflict refusal when there is none.
func (p *Projection) Cancel(ctx context.Context, by string) (generation int64, err error) {
	err = p.change(ctx, func(ctx context.Context, tx bun.Tx, entry *projectionRow) error {
		running, err := p.underWay(ctx, tx)
		if err != nil {
			return err
		}
		if running == nil || entry.Live == 0 {
			return refuse("no rebuild of %q is running", p.spec.name)
		}
		generation = running.Generation
		return p.fail(ctx, tx, entry, generation, "cancelled by "+by)
	})
	return generation, err
}

// Rollback lets the generation before be read again, at once, and returns its number. The one that was read is kept up to date
// in its place. A Conflict refusal when there is none to go back to.
func (p *Projection) Rollback(ctx context.Context) (generation int64, err error) {
	err = p.change(ctx, func(ctx context.Context, tx bun.Tx, entry *projectionRow) error {
		if entry.Previous == 0 {
			return refuse("%q has no older generation to go back to", p.spec.name)
		}
		err := p.requireNotBehind(ctx, tx, entry.Previous, entry.Live)
		if errors.Is(err, errBehindLive) {
			return refuse("generation %d of %q is behind the one that is read: readers would see things go back", entry.Previous, p.spec.name)
		}
		if err != nil {
			return err
		}
		generation = entry.Previous
		row, err := p.toChange(ctx, tx, generation)
		if err != nil {
			return err
		}
		entry.Previous = 0 // it is not dropped: it goes live
		return p.goLive(ctx, tx, entry, row)
	})
	return generation, err
}

// Pause stops the read model where it is; what is read stays as it is. It lasts until Resume, also across restarts.
func (p *Projection) Pause(ctx context.Context, by string) error {
	return p.change(ctx, func(_ context.Context, _ bun.Tx, entry *projectionRow) error {
		if entry.PausedAt == 0 {
			entry.PausedAt, entry.PausedBy = p.micros(), by
		}
		return nil
	})
}

// Resume ends a pause. One that has halted tries again at once.
func (p *Projection) Resume(ctx context.Context) error {
	return p.change(ctx, func(_ context.Context, _ bun.Tx, entry *projectionRow) error {
		entry.PausedAt, entry.PausedBy = 0, ""
		return nil
	})
}

// Skipped is an event that an operator has let a read model pass over: from there on its stream is set aside.
type Skipped struct {
	Projection string              `json:"projection"`
	EventID    string              `json:"eventId,omitempty"`
	EventType  string              `json:"eventType"`
	Stream     string              `json:"stream"`
	Position   eventstore.Position `json:"position"`
	Reason     string              `json:"reason"`
	SkippedBy  string              `json:"skippedBy"`
	SkippedAt  time.Time           `json:"skippedAt"` // UTC
}

// Skip lets a halted read model pass over the event it has halted at, and notes who did it. What the read model holds of the
// event's stream stays as it is, whatever follows, until the stream is rebuilt. Where nothing can be read yet, because the first build
// could go no further, the next one begins. A Conflict refusal when it has not halted, or at
// another position than the given one (zero: wherever it is).
func (p *Projection) Skip(ctx context.Context, at eventstore.Position, by string) (skipped Skipped, err error) {
	err = p.change(ctx, func(ctx context.Context, tx bun.Tx, entry *projectionRow) error {
		switch {
		case entry.HaltedAt == 0:
			return refuse("%q has not halted: there is nothing to skip", p.spec.name)
		case entry.HaltedStream == "":
			return refuse("%q has not halted at an event: %s", p.spec.name, entry.HaltedReason)
		case at != 0 && at != entry.HaltedPosition:
			return refuse("%q has halted at position %d, not at %d", p.spec.name, entry.HaltedPosition, at)
		}
		row := &skipRow{
			Name: p.spec.name, Version: p.spec.version, Stream: entry.HaltedStream, Position: entry.HaltedPosition,
			EventID: entry.HaltedEvent, EventType: entry.HaltedType, Reason: entry.HaltedReason,
			SkippedAt: p.micros(), SkippedBy: by,
		}
		if _, err := tx.NewInsert().Model(row).Exec(ctx); err != nil {
			return err
		}
		skipped = row.skipped()
		entry.unhalt()
		if entry.Live == 0 {
			_, err := p.beginBuild(ctx, tx, entry, Rebuild{By: by})
			return err
		}
		return nil
	})
	return skipped, err
}

func (r *skipRow) skipped() Skipped {
	return Skipped{
		Projection: r.Name, EventID: r.EventID, EventType: r.EventType, Stream: r.Stream, Position: r.Position,
		Reason: r.Reason, SkippedBy: r.SkippedBy, SkippedAt: time.UnixMicro(r.SkippedAt).UTC(),
	}
}
