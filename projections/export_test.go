package projections

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
)

// SetVersion makes the read model another version of itself, as a later program would have it.
func (p *Projection) SetVersion(v int) { p.spec.version = v }

// BuildAtOnce sets how many rows builds at full speed write at once, of what has come to its end and in all, and how long they go on
// without a checkpoint.
func (p *Projection) BuildAtOnce(finished, rows int, every time.Duration) {
	p.sizes = buildSizes{finished: finished, rows: rows, every: every}
}

// Heed makes Handle do as Run would with such a Latency.
func (p *Projection) Heed(latency Latency) { p.run.heed(latency) }

// Pace is what makes a build give way, for tests in virtual time.
type Pace struct{ *pace }

// NewPace returns one.
func NewPace(latency Latency) Pace { return Pace{newPace(latency)} }

// After is called between two pieces of work.
func (p Pace) After(ctx context.Context, budget time.Duration) { p.after(ctx, budget) }

// Observe notes how long commands take without a build.
func (p Pace) Observe() { p.observeIdle(true) }

// AuditGeneration audits a generation that need not be the one that is read.
func AuditGeneration(ctx context.Context, p *Projection, log Log, generation int64, sample int) (AuditReport, error) {
	return p.auditGeneration(ctx, log, generation, sample)
}

// Careless is a read model that keeps its checkpoint in a transaction of its own, before the rows: a program that is killed
// between the two has lost what it had in hand. Tests that kill programs must notice.
type Careless struct{ *Projection }

// Handle moves the checkpoint, and folds then.
func (c Careless) Handle(ctx context.Context, b subscription.Batch) error {
	followed, err := c.followed(ctx, c.db.Read)
	if err != nil {
		return err
	}
	g := followed[0]
	s := c.spec.at(g.number)
	err = c.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		return subscription.SaveCheckpoint(ctx, tx, s.checkpoint(), c.storeID, b.Position)
	})
	if err != nil {
		return err
	}
	return c.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		return foldIn(ctx, c.make(s).begin(), writer{tx: tx, db: c.db}, after(b.Events, g.at))
	})
}

// RestingContent digests the rows of a read model's first generation, and tells how often it gave way meanwhile.
func RestingContent(ctx context.Context, p *Projection) (c Content, rests int, err error) {
	c, err = p.content(ctx, p.db.Read, 1, func(context.Context) { rests++ })
	return c, rests, err
}

// Join lets a generation that was built up to a position join the live one.
func Join(ctx context.Context, p *Projection, generation int64, at, event eventstore.Position) (joined bool, err error) {
	return p.join(ctx, generation, at, event)
}

// Conclude compares a generation that has joined with the live one, and lets it go live.
func Conclude(ctx context.Context, p *Projection, generation int64) error {
	return p.conclude(ctx, generation, func(context.Context) {})
}

// Drop removes what a generation has in the database.
func Drop(ctx context.Context, p *Projection, generation int64) error { return p.drop(ctx, generation) }

var errUndo = errors.New("undone")

// Units draws streams, reads the rows that follow from them, and deletes these, as audits and rebuilds of one stream do; then all of it is
// undone.
func Units(ctx context.Context, p *Projection) error {
	err := p.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		s := p.spec.at(1)
		a := auditing{p: p, spec: s, model: p.make(s), rng: rand.New(rand.NewPCG(1, 1))}
		streams, err := a.drawRows(ctx, tx, 2*len(a.model.owned()))
		if err != nil {
			return err
		}
		for _, stream := range streams {
			u, ok := unitOf(a.model, stream)
			if !ok {
				return fmt.Errorf("nothing follows from %s", stream)
			}
			if _, err := u.load(ctx, tx, a.model, s); err != nil {
				return err
			}
			if _, err := u.clear(ctx, tx, s); err != nil {
				return err
			}
		}
		return errUndo
	})
	if errors.Is(err, errUndo) {
		return nil
	}
	return err
}

// SegmentsJSON is what a row holds of segments, as bulk writes and as statements write it.
func SegmentsJSON(s []domain.Segment) (bulk, statement string) {
	bulk, err := document(segmentTuples(s))
	text, err2 := json.Marshal(segmentTuples(s))
	if err := errors.Join(err, err2); err != nil {
		panic(err)
	}
	return bulk, string(text)
}

// ReadSegments reads what SegmentsJSON writes.
func ReadSegments(text string) (s []domain.Segment, err error) {
	var tuples segmentTuples
	err = json.Unmarshal([]byte(text), &tuples)
	return tuples, err
}

// PolicyJSON is what a row holds of a policy, and ReadPolicy reads it.
func PolicyJSON(p domain.Policy) string { return string(policyTuple(p).appendJSON(nil)) }

// ReadPolicy reads what PolicyJSON writes.
func ReadPolicy(text string) (domain.Policy, error) {
	var p policyTuple
	err := json.Unmarshal([]byte(text), &p)
	return domain.Policy(p), err
}
