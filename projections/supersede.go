package projections

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/uptrace/bun"
)

// supersede removes, one generation at a time, what older versions have left in the database: once this version has been read for as
// long as a generation is kept for a rollback, and nobody runs the older one. Until then the program before can be started again and
// goes on where it stopped; afterwards it would build its tables anew.
func (t *tender) supersede(ctx context.Context, o outlook) error {
	if t.dropping || t.p.spec.version == 1 {
		return nil
	}
	for _, row := range o.rows {
		if row.State != GenerationLive || t.p.now().UnixMicro()-row.FinishedAt <= t.Retain.Microseconds() {
			continue
		}
		version, generation, err := t.p.leftover(ctx)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return nil
		case err != nil:
			return fmt.Errorf("look for older versions: %w", err)
		}
		t.dropping = true
		t.work.Go(func() {
			err := t.p.ofVersion(version).supersededBy(ctx, t.p.spec.version, generation)
			if err != nil {
				wait(ctx, lookAround) // it is tried again
			}
			t.dropped <- err
		})
	}
	return nil
}

// leftover finds a generation of an older version that nobody runs, or the version alone, as generation 0, when it has none any more.
func (p *Projection) leftover(ctx context.Context) (version int, generation int64, err error) {
	err = p.db.Read.NewRaw(`SELECT p.version, COALESCE(MAX(g.generation), 0) FROM projections AS p
		LEFT JOIN generations AS g ON g.name = p.name AND g.version = p.version AND g.dropped = 0
		WHERE p.name = ? AND p.version < ? AND NOT EXISTS (
			SELECT 1 FROM leases AS l WHERE l.name = p.name || '_v' || p.version AND l.owner <> '' AND l.expires_at > ?)
		GROUP BY p.version ORDER BY p.version LIMIT 1`,
		p.spec.name, p.spec.version, p.micros()).Scan(ctx, &version, &generation)
	return version, generation, err
}

// ofVersion returns the read model as another version of it. Its tables are looked for under the names that they have now.
func (p *Projection) ofVersion(version int) *Projection {
	s := p.spec
	s.version = version
	return &Projection{spec: s, make: p.make, db: p.db, storeID: p.storeID, now: p.now}
}

// supersededBy removes a generation of this version, and the version itself with the last one.
func (p *Projection) supersededBy(ctx context.Context, version int, generation int64) error {
	if generation != 0 {
		return p.drop(ctx, generation)
	}
	err := p.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		for _, table := range []string{"generations", "projection_skips", "projections"} {
			_, err := tx.NewDelete().TableExpr(table).Where("name = ? AND version = ?", p.spec.name, p.spec.version).Exec(ctx)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("remove version %d, which version %d has replaced: %w", p.spec.version, version, err)
	}
	return nil
}
