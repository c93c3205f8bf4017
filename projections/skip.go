package projections

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/eventstore"
)

// skipRow is a stream that is set aside from an event on. An event cannot be left out of the middle of a stream: what comes
// after it is told from what it would have made. So the rows of the stream stay as they were before the event until the stream
// is rebuilt by a program that can apply it.
type skipRow struct {
	bun.BaseModel `bun:"table:projection_skips,alias:s"`

	Name      string              `bun:"name,pk"`
	Version   int                 `bun:"version,pk"`
	Stream    string              `bun:"stream,pk"`
	Position  eventstore.Position `bun:"position"`
	EventID   string              `bun:"event_id"`
	EventType string              `bun:"event_type"`
	Reason    string              `bun:"reason"`
	SkippedAt int64               `bun:"skipped_at"` // microseconds since 1970 UTC
	SkippedBy string              `bun:"skipped_by"`
}

// skipSet says from which position on a stream is set aside.
type skipSet map[string]eventstore.Position

// covers reports whether an event of a stream is passed over.
func (s skipSet) covers(stream string, at eventstore.Position) bool {
	from, aside := s[stream]
	return aside && at >= from
}

// without leaves out the events that are passed over.
func (s skipSet) without(events []eventstore.Recorded) []eventstore.Recorded {
	if len(s) == 0 {
		return events
	}
	return slices.DeleteFunc(slices.Clone(events), func(e eventstore.Recorded) bool { return s.covers(e.Stream, e.Position) })
}

// skips lists the streams that are set aside, as db sees them, ordered by stream.
func (p *Projection) skips(ctx context.Context, db bun.IDB) (rows []*skipRow, err error) {
	err = db.NewSelect().Model(&rows).Where("name = ?", p.spec.name).Where("version = ?", p.spec.version).
		OrderExpr("stream").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("read skips: %w", err)
	}
	return rows, nil
}

func (p *Projection) skipSet(ctx context.Context, db bun.IDB) (skipSet, error) {
	rows, err := p.skips(ctx, db)
	set := skipSet{}
	for _, r := range rows {
		set[r.Stream] = r.Position
	}
	return set, err
}

// withoutSkipped leaves out of a batch what an operator has let the read model pass over.
func (p *Projection) withoutSkipped(
	ctx context.Context, tx bun.Tx, followed []followedGeneration, events []eventstore.Recorded,
) ([]eventstore.Recorded, error) {
	if len(followed) == 0 || followed[0].skips == 0 {
		return events, nil
	}
	set, err := p.skipSet(ctx, tx)
	return set.without(events), err
}
