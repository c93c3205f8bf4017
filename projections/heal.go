package projections

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
)

// StreamRebuild is what the rebuild of one stream has done.
type StreamRebuild struct {
	Projection string `json:"projection"`
	Stream     string `json:"stream"`
	// Streams are those whose rows were made anew: the one that was asked for, or those that its events have a part in.
	Streams []string `json:"streams"`
	// Generations are those in which it was done, the oldest first: all that are kept up to date.
	Generations []int64 `json:"generations"`
	// Position is that of what is read; Events is how many were folded for it, and Replaced how many rows went.
	Position eventstore.Position `json:"position"`
	Events   int                 `json:"events"`
	Replaced int64               `json:"replaced"`
	// Resumed: the stream was set aside, and is not any more.
	Resumed bool `json:"resumed"`
}

// How often the log is read for one rebuild before the read model is held still for it, and how long it may then take to read what
// is new.
const (
	readAheads   = 5
	readHoldMost = 2 * time.Second
)

// errReadTooLittle says that the read model has come further than what was read of the log.
var errReadTooLittle = errors.New("the read model has moved on")

// RebuildStream makes what a read model holds of one stream anew from the log: in all generations that are kept up to date, in one
// transaction, each as of its own position. Nobody sees anything between. A stream that was set aside is followed again.
//
// Refusals, of which nothing is changed: NotFound where the read model does not use such a stream, or there is none of that name;
// Conflict where an event cannot be applied, nothing has been built yet, or a generation that passes over the stream is being built.
func (p *Projection) RebuildStream(ctx context.Context, log StreamReader, stream string) (StreamRebuild, error) {
	h := healing{p: p, stream: stream, read: newReadings(log)}
	for attempt := 1; ; attempt++ {
		done, err := h.attempt(ctx, attempt == readAheads)
		if errors.Is(err, errReadTooLittle) && attempt < readAheads {
			continue
		}
		if _, ok := errors.AsType[*domain.Refusal](err); err != nil && !ok {
			err = fmt.Errorf("rebuild %s in %s: %w", stream, p.spec.name, err)
		}
		return done, err
	}
}

// healing is one rebuild of a stream.
type healing struct {
	p      *Projection
	stream string
	read   *readings
	shares []share
}

// attempt reads the log and then changes the rows. Only the last one reads while it holds the read model still: one that moves fast
// would else get away each time.
func (h *healing) attempt(ctx context.Context, last bool) (done StreamRebuild, err error) {
	if err := h.catchUp(ctx); err != nil {
		return done, err
	}
	err = h.p.change(ctx, func(ctx context.Context, tx bun.Tx, _ *projectionRow) error {
		followed, err := h.p.followed(ctx, tx)
		if err != nil {
			return err
		}
		if len(followed) == 0 {
			return refuse("%q has not been built yet", h.p.spec.name)
		}
		if err := h.p.lockCheckpoints(ctx, tx, numbers(followed)...); err != nil {
			return err
		}
		if err := h.require(ctx, furthest(followed), last); err != nil {
			return err
		}
		done, err = h.refold(ctx, tx, followed)
		return err
	})
	return done, err
}

func (h *healing) catchUp(ctx context.Context) (err error) {
	if err := h.read.refresh(ctx); err != nil {
		return err
	}
	h.shares, err = h.read.shares(ctx, h.p, h.stream)
	return err
}

func (h *healing) require(ctx context.Context, at eventstore.Position, last bool) error {
	if at <= h.read.complete {
		return nil
	}
	if !last {
		return errReadTooLittle
	}
	ctx, cancel := context.WithTimeout(ctx, readHoldMost)
	defer cancel()
	if err := h.catchUp(ctx); err != nil {
		return err
	}
	return h.read.requireUpTo(h.p.spec.name, at)
}

func furthest(followed []followedGeneration) (at eventstore.Position) {
	for _, g := range followed {
		at = max(at, g.at)
	}
	return at
}

func (h *healing) refold(ctx context.Context, tx bun.Tx, followed []followedGeneration) (done StreamRebuild, err error) {
	done = StreamRebuild{Projection: h.p.spec.name, Stream: h.stream, Streams: []string{}}
	for _, s := range h.shares {
		done.Streams = append(done.Streams, s.stream)
	}
	skips, err := h.p.skipSet(ctx, tx)
	if err != nil {
		return done, err
	}
	if _, aside := skips[h.stream]; aside {
		if err := h.resume(ctx, tx, skips, followed); err != nil {
			return done, err
		}
		done.Resumed = true
	}
	live, err := h.p.entry(ctx, tx, "")
	if err != nil {
		return done, err
	}
	for _, g := range followed {
		events, replaced, err := h.refoldIn(ctx, tx, g, skips)
		if err != nil {
			return done, h.cannot(err)
		}
		done.Generations = append(done.Generations, g.number)
		if g.number == live.Live {
			done.Position, done.Events, done.Replaced = g.at, events, replaced
		}
	}
	if done.Events == 0 && done.Replaced == 0 && !done.Resumed && h.unknown() {
		return done, domain.Refuse(domain.NotFound, domain.CodeNotFound, "there is no stream %q", h.stream)
	}
	return done, h.p.rewritten(ctx, tx, done.Generations)
}

// unknown reports whether the log has no event of the stream.
func (h *healing) unknown() bool {
	r := h.read.streams[h.stream]
	return r == nil || len(r.events) == 0 && r.broken == nil
}

// refoldIn replaces the rows in one generation.
func (h *healing) refoldIn(
	ctx context.Context, tx bun.Tx, g followedGeneration, skips skipSet,
) (events int, replaced int64, err error) {
	s := h.p.spec.at(g.number)
	m := h.p.make(s)
	for _, share := range h.shares {
		n, err := share.clear(ctx, tx, s)
		if err != nil {
			return 0, 0, err
		}
		replaced += n
		fold, err := share.upTo(g.at, skips)
		if err != nil {
			return 0, 0, err
		}
		events += len(fold)
		if err := foldIn(ctx, m.begin(), writer{tx: tx}, fold); err != nil {
			return 0, 0, err
		}
	}
	return events, replaced, nil
}

// clear deletes the unit's rows.
func (u unit) clear(ctx context.Context, tx bun.Tx, s spec) (n int64, err error) {
	for _, r := range u.rows {
		for _, c := range r.keys.conditions() {
			gone, err := tx.NewDelete().TableExpr("?", r.table(s)).Where("?", c).Exec(ctx)
			if err != nil {
				return 0, err
			}
			some, err := gone.RowsAffected()
			if err != nil {
				return 0, err
			}
			n += some
		}
	}
	return n, nil
}

// resume lets the stream be followed again. Where the event at which it was set aside is still to come, it is tried out before.
func (h *healing) resume(ctx context.Context, tx bun.Tx, skips skipSet, followed []followedGeneration) error {
	running, err := h.p.generations(ctx, tx, GenerationBuilding)
	if err != nil {
		return err
	}
	if len(running) > 0 {
		return refuse("generation %d of %q is being built without the stream: wait for it, or cancel it", running[0].Generation, h.p.spec.name)
	}
	from := skips[h.stream]
	delete(skips, h.stream)
	if slices.ContainsFunc(followed, func(g followedGeneration) bool { return g.at < from }) {
		if err := h.tryOut(ctx, skips); err != nil {
			return h.cannot(err)
		}
	}
	row := &skipRow{Name: h.p.spec.name, Version: h.p.spec.version, Stream: h.stream}
	if _, err := tx.NewDelete().Model(row).WherePK().Exec(ctx); err != nil {
		return fmt.Errorf("follow stream again: %w", err)
	}
	return nil
}

// tryOut folds all that was read, also what the read model has not come to yet.
func (h *healing) tryOut(ctx context.Context, skips skipSet) (err error) {
	s, err := newScratch(ctx, h.p)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	for _, share := range h.shares {
		events, err := share.upTo(math.MaxUint64, skips)
		if err == nil {
			_, err = s.fold(ctx, share.unit, events)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// cannot makes a refusal of an event that does not fit.
func (h *healing) cannot(err error) error {
	if !subscription.Halts(err) && !database.IsRefused(err) {
		return err
	}
	return refuse("the stream %q cannot be folded into %q: %v", h.stream, h.p.spec.name, err)
}

// rewritten voids what is remembered of the rows of generations.
func (p *Projection) rewritten(ctx context.Context, tx bun.Tx, generations []int64) error {
	_, err := tx.NewRaw(`UPDATE generations SET rewritten = rewritten + 1 WHERE name = ? AND version = ? AND generation IN (?)`,
		p.spec.name, p.spec.version, bun.List(generations)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("note rewritten rows: %w", err)
	}
	return nil
}
