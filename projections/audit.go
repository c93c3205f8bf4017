package projections

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
)

// DefaultSample is how many streams an audit compares when it is not told.
const DefaultSample = 100

// Log is what an audit asks of an event store.
type Log interface {
	StreamReader
	// Subscribe delivers the log after a position, as eventstore.Store does.
	Subscribe(ctx context.Context, after eventstore.Position) (eventstore.Subscription, error)
}

// AuditOptions say what is audited.
type AuditOptions struct {
	// Sample is how many streams are drawn, half of them from the tables and half from the log. Zero: none if Streams names some,
	// else DefaultSample.
	Sample int
	// Streams are audited whatever is drawn.
	Streams []string
	// Heal lets each stream that has drifted be rebuilt.
	Heal bool
	// Seed decides what is drawn; zero: another sample each time.
	Seed uint64
}

// AuditReport is what an audit has found.
type AuditReport struct {
	Projection string `json:"projection"`
	Generation int64  `json:"generation"`
	// Position is where the rows and the log were compared.
	Position eventstore.Position `json:"position"`
	// Audited is how many streams were compared; Seed draws the same ones again, from the same tables and log.
	Audited int    `json:"audited"`
	Seed    uint64 `json:"seed"`
	// Drifted are the rows that are not what the log makes of them, ordered by stream, table and key.
	Drifted []Drift `json:"drifted"`
	// Healed are the streams that were rebuilt.
	Healed []string `json:"healed"`
	// Refused are the streams that could not be audited, or not be healed.
	Refused []AuditRefusal `json:"refused,omitempty"`
	// Error is why the audit could not be carried out; see Models.AuditLoop.
	Error string `json:"error,omitempty"`
}

// AuditRefusal says why nothing could be done about a stream.
type AuditRefusal struct {
	Stream string `json:"stream"`
	Reason string `json:"reason"`
}

// Clean reports whether everything that was to be audited was found as the log makes it.
func (r AuditReport) Clean() bool { return len(r.Drifted) == 0 && len(r.Refused) == 0 && r.Error == "" }

// Audit compares a sample of streams, folded from the log, with the rows of the generation that is read, at its position. It reads
// the rows in one snapshot and folds in a database of its own in memory: it locks nothing and writes nothing, unless it heals.
//
// A *subscription.LostHistoryError says that the log does not reach as far as the rows. A NotFound refusal: a named stream is not one
// that the read model uses.
func (p *Projection) Audit(ctx context.Context, log Log, o AuditOptions) (AuditReport, error) {
	generation, err := p.liveGeneration(ctx)
	if err != nil {
		return AuditReport{}, err
	}
	if o.Sample <= 0 && len(o.Streams) == 0 {
		o.Sample = DefaultSample
	}
	report, err := p.audit(ctx, log, generation, o)
	if err == nil && o.Heal {
		err = p.healAll(ctx, log, &report)
	}
	return report, err
}

// auditGeneration audits a generation that is not read, which may have no other to be compared with.
func (p *Projection) auditGeneration(ctx context.Context, log Log, generation int64, sample int) (AuditReport, error) {
	return p.audit(ctx, log, generation, AuditOptions{Sample: sample})
}

func (p *Projection) liveGeneration(ctx context.Context) (generation int64, err error) {
	err = p.db.Snapshot(ctx, func(ctx context.Context, tx bun.Tx) error {
		seen, err := p.snapshot(ctx, tx)
		if err == nil {
			generation = seen.specs[0].generation
		}
		return err
	})
	if errors.Is(err, errNotBuilt) {
		return 0, refuse("%q has not been built yet", p.spec.name)
	}
	if err != nil {
		return 0, fmt.Errorf("audit %s: %w", p.spec.name, err)
	}
	return generation, nil
}

// healAll rebuilds what has drifted.
func (p *Projection) healAll(ctx context.Context, log Log, report *AuditReport) error {
	for i, d := range report.Drifted {
		if i > 0 && report.Drifted[i-1].Stream == d.Stream {
			continue
		}
		_, err := p.RebuildStream(ctx, log, d.Stream)
		if refusal, ok := errors.AsType[*domain.Refusal](err); ok {
			report.Refused = append(report.Refused, AuditRefusal{Stream: d.Stream, Reason: refusal.Message})
			continue
		}
		if err != nil {
			return err
		}
		report.Healed = append(report.Healed, d.Stream)
	}
	return nil
}

// auditing is one audit of one generation.
type auditing struct {
	p     *Projection
	spec  spec
	model model
	log   Log
	read  *readings
	rng   *rand.Rand

	units map[string]unit
	skips skipSet
	rows  map[string][]unitTable // what is there, by stream
	at    eventstore.Position
}

func (p *Projection) audit(ctx context.Context, log Log, generation int64, o AuditOptions) (report AuditReport, err error) {
	seed := o.Seed
	for seed == 0 {
		seed = rand.Uint64()
	}
	s := p.spec.at(generation)
	a := auditing{
		p: p, spec: s, model: p.make(s), log: log, read: newReadings(log), rng: rand.New(rand.NewPCG(seed, 0)), units: map[string]unit{},
	}
	report = AuditReport{
		Projection: p.spec.name, Generation: generation, Seed: seed, Drifted: []Drift{}, Healed: []string{},
	}
	defer func() {
		if _, ok := errors.AsType[*domain.Refusal](err); err != nil && !ok {
			err = fmt.Errorf("audit %s: %w", p.spec.name, err)
		}
	}()
	for _, stream := range o.Streams {
		if err := a.choose(ctx, stream); err != nil {
			return report, err
		}
	}
	if err := a.draw(ctx, o.Sample); err != nil {
		return report, err
	}
	if err := a.look(ctx); err != nil {
		return report, err
	}
	report.Position, report.Audited = a.at, len(a.units)
	return report, a.compare(ctx, &report)
}

// choose adds what follows from a stream to what is audited.
func (a *auditing) choose(ctx context.Context, stream string) error {
	if u, ok := unitOf(a.model, stream); ok {
		a.units[stream] = u
		return nil
	}
	units, err := a.read.headed(ctx, a.p, stream)
	for _, u := range units {
		a.units[u.stream] = u
	}
	return err
}

// look reads, in one snapshot, what is there and as of when.
func (a *auditing) look(ctx context.Context) error {
	return a.p.db.Snapshot(ctx, func(ctx context.Context, tx bun.Tx) (err error) {
		if a.at, err = subscription.LoadCheckpoint(ctx, tx, a.spec.checkpoint(), a.p.storeID); err != nil {
			return err
		}
		if a.skips, err = a.p.skipSet(ctx, tx); err != nil {
			return err
		}
		a.rows = map[string][]unitTable{}
		for stream, u := range a.units {
			if a.rows[stream], err = u.load(ctx, tx, a.model, a.spec); err != nil {
				return err
			}
		}
		return nil
	})
}

// compare folds the streams one after the other. What was appended since the rows were read is left out.
func (a *auditing) compare(ctx context.Context, report *AuditReport) (err error) {
	if err := a.read.refresh(ctx); err != nil {
		return err
	}
	if err := a.read.requireUpTo(a.spec.checkpoint(), a.at); err != nil {
		return err
	}
	s, err := newScratch(ctx, a.p)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	for _, stream := range slices.Sorted(maps.Keys(a.units)) {
		share, err := a.read.share(ctx, a.model, a.units[stream])
		if err != nil {
			return err
		}
		events, err := share.upTo(a.at, a.skips)
		var want []unitTable
		if err == nil {
			want, err = s.fold(ctx, share.unit, events)
		}
		switch {
		case subscription.Halts(err), database.IsRefused(err):
			report.Refused = append(report.Refused, AuditRefusal{Stream: stream, Reason: err.Error()})
		case err != nil:
			return err
		default:
			report.Drifted = append(report.Drifted, drifts(stream, a.rows[stream], want)...)
		}
	}
	return nil
}
