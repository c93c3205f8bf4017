package projections

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/subscription"
)

// drop removes the tables of a generation that nobody needs any more, one generation at a time and beside everything else. Where it is
// broken off, by a crash or an error, it goes on with what is left.
func (t *tender) drop(ctx context.Context, row *generationRow) {
	if row.Dropped != 0 || row.Generation == t.building || t.dropping {
		return
	}
	t.dropping = true
	t.work.Go(func() {
		err := t.p.drop(ctx, row.Generation)
		if err != nil {
			wait(ctx, lookAround) // it is tried again
		}
		t.dropped <- err
	})
}

func (p *Projection) drop(ctx context.Context, generation int64) error {
	err := p.empty(ctx, p.spec.at(generation))
	if err == nil {
		err = p.dropTables(ctx, generation)
	}
	if err != nil {
		return fmt.Errorf("drop generation %d: %w", generation, err)
	}
	return nil
}

// How much is deleted in one transaction: as much as takes about sliceTime.
const (
	firstSlice = 100 // rows
	sliceTime  = 15 * time.Millisecond
	// checkpointSlices is after how many of them the journal is emptied, before a command has to do it.
	checkpointSlices = 4
)

// empty deletes the rows of a generation in a SQLite file, which has one writer: to drop a table overwrites all of it, because nothing
// that was erased may stay in the file, and would hold commands up for seconds. It rests as long as it works.
func (p *Projection) empty(ctx context.Context, s spec) error {
	if p.db.Kind() != database.SQLite {
		return nil
	}
	slice, slices := firstSlice, 0
	for _, t := range p.make(s).tables() {
		for n := int64(slice); n > 0; {
			began := time.Now()
			err := p.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) (err error) {
				began = time.Now() // from here on others wait
				if err := subscription.CheckTerm(ctx, tx); err != nil {
					return err
				}
				n, err = t.deleteSome(ctx, tx, s, slice)
				return err
			})
			if err != nil {
				return err
			}
			took := time.Since(began)
			switch {
			case took > sliceTime:
				slice = max(1, slice/2)
			case took < sliceTime/2:
				slice += slice/4 + 1
			}
			if slices++; slices%checkpointSlices == 0 {
				if err := p.db.Checkpoint(ctx); err != nil {
					return err
				}
			}
			wait(ctx, took)
			if err := ctx.Err(); err != nil {
				return err
			}
		}
	}
	return nil
}

// deleteSome deletes the first rows of the table, if it is there.
func (t table) deleteSome(ctx context.Context, tx bun.Tx, s spec, most int) (n int64, err error) {
	name := s.named(t.part)
	there, err := tx.NewSelect().TableExpr("sqlite_master").Where("type = 'table'").Where("name = ?", name).Exists(ctx)
	if err != nil || !there {
		return 0, wrapTable(err, "look for", name)
	}
	key := "rowid"
	if t.clustered {
		key = strings.Join(names(tx.Dialect().Tables().Get(t.row).PKs), ", ")
	}
	gone, err := tx.ExecContext(ctx, fmt.Sprintf("DELETE FROM %s WHERE (%s) IN (SELECT %[2]s FROM %[1]s ORDER BY %[2]s LIMIT %d)", name, key, most))
	if err != nil {
		return 0, wrapTable(err, "empty", name)
	}
	return gone.RowsAffected()
}

// lockPatience bounds how long a drop waits for those who still read a table. Meanwhile it is in the way of others.
const lockPatience = "200ms"

// dropTables removes what a generation has in the database but for its entry. Nobody folds into it: who gave it up has seen to that.
func (p *Projection) dropTables(ctx context.Context, generation int64) error {
	return p.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := subscription.CheckTerm(ctx, tx); err != nil {
			return err
		}
		if p.db.Kind() == database.PostgreSQL {
			if _, err := tx.ExecContext(ctx, "SET LOCAL lock_timeout = '"+lockPatience+"'"); err != nil {
				return err
			}
		}
		row, err := p.toChange(ctx, tx, generation)
		if err != nil {
			return err
		}
		s := p.spec.at(generation)
		for _, table := range p.make(s).tables() {
			if err := table.drop(ctx, tx, s); err != nil {
				return err
			}
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM checkpoints WHERE name = ?", s.checkpoint()); err != nil {
			return fmt.Errorf("drop checkpoint: %w", err)
		}
		row.Dropped = 1
		if err := p.saveGeneration(ctx, tx, row); err != nil {
			return err
		}
		return p.forgetOld(ctx, tx)
	})
}

// keptEntries is how many generations are remembered that are gone.
const keptEntries = 100

// forgetOld removes the entries of generations that went long ago: what is to be done is looked up among all of them, all the time.
func (p *Projection) forgetOld(ctx context.Context, tx bun.Tx) error {
	_, err := tx.NewRaw(`DELETE FROM generations WHERE name = ? AND version = ? AND dropped = 1
		AND generation <= (SELECT last FROM projections AS p WHERE p.name = generations.name AND p.version = generations.version) - ?`,
		p.spec.name, p.spec.version, keptEntries).Exec(ctx)
	if err != nil {
		return fmt.Errorf("forget old generations: %w", err)
	}
	return nil
}
