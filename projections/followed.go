package projections

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
)

// followedGeneration is one that is kept up to date.
type followedGeneration struct {
	number    int64
	at        eventstore.Position
	rewritten int64
	skips     int64 // streams that are set aside in this version
}

// followed lists the generations that are kept up to date, the oldest first, as tx sees them.
func (p *Projection) followed(ctx context.Context, tx bun.IDB) (list []followedGeneration, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT g.generation, g.rewritten, c.position, c.store_id,
			(SELECT count(*) FROM projection_skips AS s WHERE s.name = g.name AND s.version = g.version)
		FROM generations AS g LEFT JOIN checkpoints AS c ON c.name = ? || g.generation
		WHERE g.name = ? AND g.version = ? AND g.state IN ('joined', 'live', 'previous') ORDER BY g.generation`,
		p.spec.checkpoints(), p.spec.name, p.spec.version)
	if err != nil {
		return nil, fmt.Errorf("read generations: %w", err)
	}
	defer rows.Close() //nolint:errcheck // the error of the iteration is checked
	for rows.Next() {
		var g followedGeneration
		var at sql.NullInt64
		var store sql.NullString
		if err := rows.Scan(&g.number, &g.rewritten, &at, &store, &g.skips); err != nil {
			return nil, fmt.Errorf("read generations: %w", err)
		}
		if store.Valid && store.String != p.storeID {
			return nil, &subscription.ForeignStoreError{
				Name: p.spec.at(g.number).checkpoint(), Have: store.String, Want: p.storeID,
			}
		}
		g.at = eventstore.Position(at.Int64)
		list = append(list, g)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read generations: %w", err)
	}
	return list, nil
}

func numbers(followed []followedGeneration) (list []int64) {
	for _, g := range followed {
		list = append(list, g.number)
	}
	return list
}
