package projections

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
)

// Snapshot is what one read transaction shows: each read model that is read, at the generation that is live in this very
// snapshot. A reader can therefore not come upon rows of a generation that, as far as the snapshot tells, is still being built.
type Snapshot struct {
	// Position is that of the read model that is furthest behind.
	Position eventstore.Position
	specs    []spec
}

func (s Snapshot) bookings() bookings   { return bookings{s.of(BookingsName)} }
func (s Snapshot) timeline() timeline   { return timeline{s.of(TimelineName)} }
func (s Snapshot) schedule() schedule   { return schedule{s.of(ScheduleName)} }
func (s Snapshot) leaves() leaves       { return leaves{s.of(LeaveName)} }
func (s Snapshot) branches() branches   { return branches{s.of(BranchesName)} }
func (s Snapshot) customers() customers { return customers{s.of(CustomersName)} }

// of returns the generation of a read model. A query that asks for one it does not read is a mistake in this package.
func (s Snapshot) of(name string) spec {
	i := slices.IndexFunc(s.specs, func(s spec) bool { return s.name == name })
	if i < 0 {
		panic("the read model " + name + " is not in the snapshot")
	}
	return s.specs[i]
}

// and adds what a snapshot shows of another read model.
func (s Snapshot) and(o Snapshot) Snapshot {
	return Snapshot{Position: min(s.Position, o.Position), specs: append(slices.Clone(s.specs), o.specs...)}
}

// errNotBuilt says that a read model has no generation that could be read.
var errNotBuilt = errors.New("the read model has not been built yet")

// snapshot looks up, as tx sees it, which generation is live and how far it has come.
func (p *Projection) snapshot(ctx context.Context, tx bun.IDB) (Snapshot, error) {
	var live, position sql.NullInt64
	var store sql.NullString
	err := tx.QueryRowContext(ctx, `SELECT p.live, c.position, c.store_id FROM projections AS p
		LEFT JOIN checkpoints AS c ON c.name = ? || p.live WHERE p.name = ? AND p.version = ?`,
		p.spec.checkpoints(), p.spec.name, p.spec.version).Scan(&live, &position, &store)
	switch {
	case errors.Is(err, sql.ErrNoRows), err == nil && !live.Valid:
		return Snapshot{}, errNotBuilt
	case err != nil:
		return Snapshot{}, fmt.Errorf("look up generation: %w", err)
	case store.Valid && store.String != p.storeID:
		return Snapshot{}, &subscription.ForeignStoreError{
			Name: p.spec.at(live.Int64).checkpoint(), Have: store.String, Want: p.storeID,
		}
	}
	return Snapshot{Position: eventstore.Position(position.Int64), specs: []spec{p.spec.at(live.Int64)}}, nil
}
