package projections

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
)

// join ends the build of a generation that has come to at: from here on it is folded into together with the live one, in the
// same transactions. It is not joined as long as the live one is further, because what lies between would be missing. Where
// none is live it becomes that. event is where the last event lies that the build has folded.
func (p *Projection) join(ctx context.Context, number int64, at, event eventstore.Position) (joined bool, err error) {
	err = p.locked(ctx, func(ctx context.Context, tx bun.Tx, entry *projectionRow) error {
		joined = false
		row, err := p.toChange(ctx, tx, number)
		if err != nil {
			return err
		}
		switch {
		case row.State != GenerationBuilding:
			return errGone
		case entry.Live == 0:
			joined = true
			return p.goLive(ctx, tx, entry, row)
		}
		if err := p.lockCheckpoints(ctx, tx, number, entry.Live); err != nil {
			return err
		}
		reached, lastEvent, err := p.reached(ctx, tx, entry.Live)
		if err != nil || at < min(reached, lastEvent) {
			return err
		}
		// What one knows beyond its last event is that no event follows. The other may take its word for it: where both have
		// folded the same, both are at the same position.
		to := max(at, reached)
		ahead := []int64{number}
		if event <= reached {
			ahead = append(ahead, entry.Live)
		}
		for _, g := range ahead {
			if err := subscription.SaveCheckpoint(ctx, tx, p.spec.at(g).checkpoint(), p.storeID, to); err != nil {
				return err
			}
		}
		joined, row.State = true, GenerationJoined
		if err := p.saveGeneration(ctx, tx, row); err != nil {
			return err
		}
		return p.saveEntry(ctx, tx, entry)
	})
	if err != nil {
		return false, fmt.Errorf("join generation %d: %w", number, err)
	}
	return joined, nil
}

// reached reads how far a generation is, and where the last event lies that it has folded; the same where that is not known.
func (p *Projection) reached(
	ctx context.Context, tx bun.IDB, generation int64,
) (position, event eventstore.Position, err error) {
	var at, last sql.NullInt64
	err = tx.QueryRowContext(ctx, `SELECT c.position, c.event_position FROM projections AS p
		LEFT JOIN checkpoints AS c ON c.name = ? WHERE p.name = ? AND p.version = ?`,
		p.spec.at(generation).checkpoint(), p.spec.name, p.spec.version).Scan(&at, &last)
	if err != nil {
		return 0, 0, fmt.Errorf("read checkpoint: %w", err)
	}
	position = eventstore.Position(at.Int64)
	if !last.Valid {
		return position, position, nil
	}
	return position, eventstore.Position(last.Int64), nil
}

// goLive makes a generation the one that is read, and keeps the one before for a rollback. The one before that goes.
func (p *Projection) goLive(ctx context.Context, tx bun.Tx, entry *projectionRow, row *generationRow) error {
	for number, state := range map[int64]GenerationState{entry.Previous: GenerationDropped, entry.Live: GenerationPrevious} {
		if number == 0 {
			continue
		}
		old, err := p.toChange(ctx, tx, number)
		if err != nil {
			return err
		}
		old.State = state
		if err := p.saveGeneration(ctx, tx, old); err != nil {
			return err
		}
	}
	row.State, row.FinishedAt = GenerationLive, p.micros()
	if row.Replaced == 0 {
		row.Replaced = entry.Live
	}
	if err := p.saveGeneration(ctx, tx, row); err != nil {
		return err
	}
	entry.Previous, entry.Live = entry.Live, row.Generation
	entry.unhalt()
	return p.saveEntry(ctx, tx, entry)
}
