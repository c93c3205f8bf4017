package projections

import (
	"context"
	"fmt"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// Operator does what operators ask of read models, by their names. It works beside an engine as well as in it: what it changes are
// rows, and who runs the read model brings that about. Its methods may be called concurrently.
type Operator struct {
	Models *Models
	// Lag tells how far behind a position is; see Status.
	Lag Lag
	// Head returns where the log ends.
	Head func(ctx context.Context) (eventstore.Position, error)
	// Log is read by audits and by rebuilds of one stream.
	Log Log
}

// Overview is all read models at one moment.
type Overview struct {
	Position    eventstore.Position `json:"position"` // where the log ends
	Projections []Status            `json:"projections"`
}

// Overview returns what all read models are doing.
func (o *Operator) Overview(ctx context.Context) (v Overview, err error) {
	if v.Position, err = o.Head(ctx); err != nil {
		return v, fmt.Errorf("find the end of the log: %w", err)
	}
	for _, p := range o.Models.All() {
		s, err := p.Status(ctx, o.Lag)
		if err != nil {
			return v, err
		}
		v.Projections = append(v.Projections, s)
	}
	return v, nil
}

// Status returns what one read model is doing. A NotFound refusal when there is none of that name, as of all methods.
func (o *Operator) Status(ctx context.Context, name string) (Status, error) {
	p, err := o.Models.ByName(name)
	if err != nil {
		return Status{}, err
	}
	return p.Status(ctx, o.Lag)
}

// Rebuild begins to build a new generation, and returns it.
func (o *Operator) Rebuild(ctx context.Context, name string, r Rebuild) (Build, error) {
	return o.generation(ctx, name, func(p *Projection) (int64, error) { return p.Rebuild(ctx, r) })
}

// Build returns a generation and how its build goes, or went.
func (o *Operator) Build(ctx context.Context, name string, generation int64) (Build, error) {
	return o.generation(ctx, name, func(p *Projection) (int64, error) {
		rows, err := p.generations(ctx, p.db.Read)
		for _, row := range rows {
			if row.Generation == generation {
				return generation, nil
			}
		}
		if err == nil {
			err = domain.Refuse(domain.NotFound, domain.CodeNotFound, "%q has no generation %d", name, generation)
		}
		return 0, err
	})
}

// Cancel gives up the generation that is being built, and returns it.
func (o *Operator) Cancel(ctx context.Context, name, by string) (Build, error) {
	return o.generation(ctx, name, func(p *Projection) (int64, error) { return p.Cancel(ctx, by) })
}

// Rollback lets the generation before be read again, and returns it.
func (o *Operator) Rollback(ctx context.Context, name string) (Build, error) {
	return o.generation(ctx, name, func(p *Projection) (int64, error) { return p.Rollback(ctx) })
}

// generation returns the one whose number do returns.
func (o *Operator) generation(ctx context.Context, name string, do func(p *Projection) (int64, error)) (Build, error) {
	p, err := o.Models.ByName(name)
	if err != nil {
		return Build{}, err
	}
	number, err := do(p)
	if err != nil {
		return Build{}, err
	}
	return p.Build(ctx, number)
}

// Pause stops a read model where it is, until Resume.
func (o *Operator) Pause(ctx context.Context, name, by string) (Status, error) {
	return o.then(ctx, name, func(p *Projection) error { return p.Pause(ctx, by) })
}

// Resume ends a pause, and lets one that has halted try again.
func (o *Operator) Resume(ctx context.Context, name string) (Status, error) {
	return o.then(ctx, name, func(p *Projection) error { return p.Resume(ctx) })
}

// then returns how the read model is after do.
func (o *Operator) then(ctx context.Context, name string, do func(p *Projection) error) (Status, error) {
	p, err := o.Models.ByName(name)
	if err != nil {
		return Status{}, err
	}
	if err := do(p); err != nil {
		return Status{}, err
	}
	return p.Status(ctx, o.Lag)
}

// Skip lets a halted read model pass over the event that it has halted at; at is where that is, zero: wherever.
func (o *Operator) Skip(ctx context.Context, name string, at eventstore.Position, by string) (Skipped, error) {
	p, err := o.Models.ByName(name)
	if err != nil {
		return Skipped{}, err
	}
	return p.Skip(ctx, at, by)
}

// RebuildStream makes what a read model holds of one stream anew; see Projection.RebuildStream.
func (o *Operator) RebuildStream(ctx context.Context, name, stream string) (StreamRebuild, error) {
	p, err := o.Models.ByName(name)
	if err != nil {
		return StreamRebuild{}, err
	}
	return p.RebuildStream(ctx, o.Log, stream)
}

// Audit compares a sample of a read model's rows with the log; see Projection.Audit.
func (o *Operator) Audit(ctx context.Context, name string, options AuditOptions) (AuditReport, error) {
	p, err := o.Models.ByName(name)
	if err != nil {
		return AuditReport{}, err
	}
	return p.Audit(ctx, o.Log, options)
}
