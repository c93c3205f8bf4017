package projections

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect"

	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
)

// GenerationState is where a generation of a read model is in its life.
type GenerationState string

// The states of a generation. It is built beside the one that is read, joined to it so that both fold the same events in the
// same transactions, compared with it, and goes live; the one before is kept up to date for a rollback until it is dropped.
const (
	GenerationBuilding GenerationState = "building"
	GenerationJoined   GenerationState = "joined"
	GenerationLive     GenerationState = "live"
	GenerationPrevious GenerationState = "previous"
	GenerationFailed   GenerationState = "failed"
	GenerationDropped  GenerationState = "dropped"
)

// generationRow is a generation as the table "generations" holds it. Times are microseconds since 1970 UTC.
type generationRow struct {
	bun.BaseModel `bun:"table:generations,alias:g"`

	Name        string          `bun:"name,pk"`
	Version     int             `bun:"version,pk"`
	Generation  int64           `bun:"generation,pk"`
	State       GenerationState `bun:"state"`
	RequestedAt int64           `bun:"requested_at"`
	RequestedBy string          `bun:"requested_by"`
	BudgetUs    int64           `bun:"budget_us"`
	Forced      int64           `bun:"forced"`
	Events      int64           `bun:"events"`
	BusyUs      int64           `bun:"busy_us"`
	FinishedAt  int64           `bun:"finished_at,nullzero"`
	Verified    int64           `bun:"verified"`
	Hash        string          `bun:"hash"`
	Error       string          `bun:"error"`
	Rewritten   int64           `bun:"rewritten"`
	Dropped     int64           `bun:"dropped"`
	Replaced    int64           `bun:"replaced,nullzero"` // the generation before, once it went live

	// Ahead is up to where rows may be ahead of the checkpoint while it is built, and the others say what was folded on the way there.
	Ahead       eventstore.Position `bun:"ahead"`
	AheadEvents int64               `bun:"ahead_events"`
	AheadUs     int64               `bun:"ahead_us"`
}

// budget is by how much the build may slow commands down; zero: it runs at full speed.
func (r *generationRow) budget() time.Duration { return time.Duration(r.BudgetUs) * time.Microsecond }

// projectionRow is a read model as the table "projections" holds it.
type projectionRow struct {
	bun.BaseModel `bun:"table:projections,alias:p"`

	Name     string `bun:"name,pk"`
	Version  int    `bun:"version,pk"`
	Live     int64  `bun:"live,nullzero"` // generations begin with 1
	Previous int64  `bun:"previous,nullzero"`
	Last     int64  `bun:"last"`
	PausedAt int64  `bun:"paused_at,nullzero"`
	PausedBy string `bun:"paused_by"`

	HaltedAt       int64               `bun:"halted_at,nullzero"`
	HaltedPosition eventstore.Position `bun:"halted_position,nullzero"`
	HaltedEvent    string              `bun:"halted_event"`
	HaltedType     string              `bun:"halted_type"`
	HaltedStream   string              `bun:"halted_stream"`
	HaltedRevision eventstore.Revision `bun:"halted_revision,nullzero"`
	HaltedReason   string              `bun:"halted_reason"`
}

// still reports whether the live generation does not move, because somebody or something has stopped it.
func (r *projectionRow) still() bool { return r.PausedAt != 0 || r.HaltedAt != 0 }

// lockStrength says what else may happen while a read model's row is locked.
type lockStrength string

const (
	// lockFolding lets others fold, but nobody change which generations are folded into.
	lockFolding lockStrength = " FOR SHARE"
	// lockChanging waits until nobody folds, and keeps them from it.
	lockChanging lockStrength = " FOR UPDATE"
)

// entry reads the read model's row, locked until the transaction ends: what is followed must not change while it is followed.
// SQLite has one writer, and needs no lock.
func (p *Projection) entry(ctx context.Context, tx bun.Tx, lock lockStrength) (*projectionRow, error) {
	if tx.Dialect().Name() == dialect.SQLite {
		lock = ""
	}
	var row projectionRow
	err := tx.NewRaw("SELECT * FROM projections WHERE name = ? AND version = ?"+string(lock), p.spec.name, p.spec.version).Scan(ctx, &row)
	if err != nil {
		return nil, fmt.Errorf("read projection: %w", err)
	}
	return &row, nil
}

// locked runs fn on the read model's row while nobody folds. An owner whose term is over changes nothing. Whoever folded when it was
// asked for has committed, and fn sees what he has done; who changes what is followed, or passed over, must save the row.
func (p *Projection) locked(ctx context.Context, fn func(ctx context.Context, tx bun.Tx, entry *projectionRow) error) error {
	return p.db.InTxLocking(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := subscription.CheckTerm(ctx, tx); err != nil {
			return err
		}
		entry, err := p.entry(ctx, tx, lockChanging)
		if err != nil {
			return err
		}
		return fn(ctx, tx, entry)
	})
}

// lockCheckpoints keeps everybody from moving checkpoints, also one who does not lock the read model's row, as a build.
func (p *Projection) lockCheckpoints(ctx context.Context, tx bun.Tx, generations ...int64) error {
	if tx.Dialect().Name() == dialect.SQLite || len(generations) == 0 {
		return nil
	}
	var names, got []string
	for _, g := range generations {
		names = append(names, p.spec.at(g).checkpoint())
	}
	err := tx.NewRaw("SELECT name FROM checkpoints WHERE name IN (?) ORDER BY name FOR UPDATE", bun.List(names)).Scan(ctx, &got)
	if err != nil {
		return fmt.Errorf("lock checkpoints: %w", err)
	}
	return nil
}

// saveEntry writes the row back, also when nothing in it has changed: who waits for it to fold must begin again, because he would
// look up what is followed in a snapshot of before.
func (p *Projection) saveEntry(ctx context.Context, tx bun.Tx, row *projectionRow) error {
	if _, err := tx.NewUpdate().Model(row).WherePK().Exec(ctx); err != nil {
		return fmt.Errorf("save projection: %w", err)
	}
	return nil
}

// generations reads those in one of the states, the oldest first.
func (p *Projection) generations(
	ctx context.Context, db bun.IDB, states ...GenerationState,
) (rows []*generationRow, err error) {
	q := db.NewSelect().Model(&rows).Where("name = ?", p.spec.name).Where("version = ?", p.spec.version)
	if len(states) > 0 {
		q = q.Where("state IN (?)", bun.List(states))
	}
	if err := q.OrderExpr("generation").Scan(ctx); err != nil {
		return nil, fmt.Errorf("read generations: %w", err)
	}
	return rows, nil
}

// unsettled reads those about which there may be something to do, the oldest first.
func (p *Projection) unsettled(ctx context.Context, db bun.IDB) (rows []*generationRow, err error) {
	err = db.NewSelect().Model(&rows).Where("name = ?", p.spec.name).Where("version = ?", p.spec.version).
		Where("dropped = 0").OrderExpr("generation").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("read generations: %w", err)
	}
	return rows, nil
}

// underWay reads the one that is being built, or has joined and is not read yet; nil: there is none.
func (p *Projection) underWay(ctx context.Context, db bun.IDB) (*generationRow, error) {
	rows, err := p.generations(ctx, db, GenerationBuilding, GenerationJoined)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return rows[0], nil
}

// generation reads one.
func (p *Projection) generation(ctx context.Context, db bun.IDB, number int64) (*generationRow, error) {
	return p.readGeneration(ctx, db, number, "")
}

// toChange reads a generation that is written back as a whole: nobody may change it in between, as a build does that counts.
func (p *Projection) toChange(ctx context.Context, tx bun.Tx, number int64) (*generationRow, error) {
	lock := "UPDATE"
	if tx.Dialect().Name() == dialect.SQLite {
		lock = ""
	}
	return p.readGeneration(ctx, tx, number, lock)
}

func (p *Projection) readGeneration(ctx context.Context, db bun.IDB, number int64, lock string) (*generationRow, error) {
	row := &generationRow{Name: p.spec.name, Version: p.spec.version, Generation: number}
	q := db.NewSelect().Model(row).WherePK()
	if lock != "" {
		q = q.For(lock)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("read generation: %w", err)
	}
	return row, nil
}

func (p *Projection) saveGeneration(ctx context.Context, tx bun.Tx, row *generationRow) error {
	if _, err := tx.NewUpdate().Model(row).WherePK().Exec(ctx); err != nil {
		return fmt.Errorf("save generation: %w", err)
	}
	return nil
}

// addGeneration enters a new generation and makes its tables.
func (p *Projection) addGeneration(ctx context.Context, tx bun.Tx, row *generationRow, indexed bool) error {
	row.Name, row.Version = p.spec.name, p.spec.version
	if _, err := tx.NewInsert().Model(row).Exec(ctx); err != nil {
		return fmt.Errorf("add generation: %w", err)
	}
	s := p.spec.at(row.Generation)
	for _, t := range p.make(s).tables() {
		if err := t.create(ctx, tx, s); err != nil {
			return err
		}
		if indexed {
			if err := t.index(ctx, tx, s); err != nil {
				return err
			}
		}
	}
	return nil
}
