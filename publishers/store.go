package publishers

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
)

// checkpointRow is where the publisher stands: everything up to it is acknowledged.
type checkpointRow struct {
	bun.BaseModel `bun:"table:checkpoints"`

	Name     string              `bun:"name,pk"`
	StoreID  string              `bun:"store_id"`
	Position eventstore.Position `bun:"position"`
}

// planRow is what the publisher last set out to publish: the events in (After, UpTo].
type planRow struct {
	bun.BaseModel `bun:"table:plans"`

	Name      string              `bun:"name,pk"`
	StoreID   string              `bun:"store_id"`
	After     eventstore.Position `bun:"after_position"`
	UpTo      eventstore.Position `bun:"up_to"`
	PlannedAt time.Time           `bun:"planned_at"`
}

// rowsAtOnce bounds the length of one statement: databases limit it.
const rowsAtOnce = 500

// state is the publisher's part of the database.
type state struct {
	db      *database.DB
	storeID string
}

// standing is where the publisher stands: its checkpoint, the end of its last plan, and when that was planned.
type standing struct {
	at, upTo  eventstore.Position
	plannedAt time.Time
}

// load returns where the publisher stands; found is false before the first start with a key, which is not
// the same as a checkpoint at the beginning of an empty log.
func (s state) load(ctx context.Context) (stands standing, found bool, err error) {
	err = s.db.Snapshot(ctx, func(ctx context.Context, tx bun.Tx) error {
		stands, found = standing{}, false
		var c checkpointRow
		if err := tx.NewSelect().Model(&c).Where("name = ?", name).Scan(ctx); err != nil {
			return err
		}
		if c.StoreID != s.storeID {
			return &subscription.ForeignStoreError{Name: name, Have: c.StoreID, Want: s.storeID}
		}
		stands.at, found = c.Position, true
		var p planRow
		err := tx.NewSelect().Model(&p).Where("name = ?", name).Scan(ctx)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err == nil && p.StoreID != s.storeID {
			return &subscription.ForeignStoreError{Name: name, Have: p.StoreID, Want: s.storeID}
		}
		stands.upTo, stands.plannedAt = p.UpTo, p.PlannedAt
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		return standing{}, false, nil
	}
	if err != nil {
		return standing{}, false, fmt.Errorf("load publisher position: %w", err)
	}
	return stands, found, nil
}

// begin writes the first checkpoint, unless another instance was faster, and returns what there is then.
func (s state) begin(ctx context.Context, head eventstore.Position) (standing, error) {
	row := &checkpointRow{Name: name, StoreID: s.storeID, Position: head}
	// One that is there must not move: what lies between it and this end of the log is still to be published.
	if _, err := s.db.Write.NewInsert().Model(row).On("CONFLICT (name) DO NOTHING").Exec(ctx); err != nil {
		return standing{}, fmt.Errorf("begin at the end of the log: %w", err)
	}
	stands, _, err := s.load(ctx)
	return stands, err
}

// plan makes it durable that (after, upTo] is about to be sent. It fails when the term is over: another instance has begun a
// plan by now, which must stay as it is.
func (s state) plan(ctx context.Context, after, upTo eventstore.Position, now time.Time) error {
	row := &planRow{Name: name, StoreID: s.storeID, After: after, UpTo: upTo, PlannedAt: now.UTC()}
	// A plan that a power failure undoes is composed anew, with other ids maybe: what has been sent repeats, and none is lost.
	err := s.db.InTxUnsynced(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := subscription.CheckTerm(ctx, tx); err != nil {
			return err
		}
		_, err := tx.NewInsert().Model(row).On("CONFLICT (name) DO UPDATE").
			Set("store_id = EXCLUDED.store_id").Set("after_position = EXCLUDED.after_position").
			Set("up_to = EXCLUDED.up_to").Set("planned_at = EXCLUDED.planned_at").Exec(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("write plan: %w", err)
	}
	return nil
}

// commit makes the new checkpoint durable together with the record of how it was reached, and with the messages that were put off.
// It never moves back.
func (s state) commit(ctx context.Context, at eventstore.Position, j *journal, put deferred) error {
	rows := j.unwritten()
	err := s.db.InTxUnsynced(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := replaceRows(ctx, tx, rows); err != nil {
			return err
		}
		if err := j.keep(ctx, tx); err != nil {
			return err
		}
		for rows := range slices.Chunk(put.rows, rowsAtOnce) {
			if _, err := tx.NewInsert().Model(&rows).Returning("NULL").Exec(ctx); err != nil {
				return err
			}
		}
		if err := put.forgotten.apply(ctx, tx); err != nil {
			return err
		}
		if err := park(ctx, tx, put.parked); err != nil {
			return err
		}
		return subscription.SaveCheckpoint(ctx, tx, name, s.storeID, at)
	})
	if err != nil {
		return fmt.Errorf("commit deliveries: %w", err)
	}
	return nil
}

// note writes lines of the delivery log before the plan is through: then less is left for the commit. Should the plan be sent again, they
// are written again.
func (s state) note(ctx context.Context, rows []*deliveryRow) error {
	err := s.db.InTxUnsynced(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := subscription.CheckTerm(ctx, tx); err != nil {
			return err
		}
		return replaceRows(ctx, tx, rows)
	})
	if err != nil {
		return fmt.Errorf("write delivery log: %w", err)
	}
	return nil
}

// delivered returns how many messages of which events were acknowledged on which channels, as far as the delivery log knows.
func (s state) delivered(ctx context.Context, after, upTo eventstore.Position) (map[journalKey]int, error) {
	var rows []*deliveryRow
	if err := s.db.Read.NewSelect().Model(&rows).Column("event_id", "channel", "names").
		Where("position > ? AND position <= ? AND outcome = ? AND names <> ''", after, upTo, outcomeOK.String()).Scan(ctx); err != nil {
		return nil, fmt.Errorf("look up what was delivered: %w", err)
	}
	known := make(map[journalKey]int, len(rows))
	for _, r := range rows {
		known[journalKey{r.EventID, r.Channel}] = 1 + strings.Count(r.Names, ",")
	}
	return known, nil
}
