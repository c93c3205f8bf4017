package agenda

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"
)

// perRound bounds how many subjects are read at once.
const perRound = 100

// row is an entry as the table holds it; due_at is microseconds since 1970 UTC.
type row struct {
	bun.BaseModel `bun:"table:keeper_agenda"`

	Keeper  string `bun:"keeper,pk"`
	Subject string `bun:"subject,pk"`
	DueAt   int64  `bun:"due_at"`
	Seq     int64  `bun:"seq"`
}

// note enters what came up. Of two times for one subject the earlier holds; the last word on striking it off holds, too.
func (k *Keeper) note(ctx context.Context, tx bun.Tx, entries []Entry) error {
	for _, e := range entries {
		var err error
		if e.Due.IsZero() {
			_, err = tx.ExecContext(ctx, "DELETE FROM keeper_agenda WHERE keeper = ? AND subject = ?", k.KeeperName, e.Subject)
		} else {
			_, err = tx.ExecContext(ctx, `INSERT INTO keeper_agenda (keeper, subject, due_at, seq) VALUES (?, ?, ?, 1)
				ON CONFLICT (keeper, subject) DO UPDATE SET seq = keeper_agenda.seq + 1,
				due_at = CASE WHEN excluded.due_at < keeper_agenda.due_at THEN excluded.due_at ELSE keeper_agenda.due_at END`,
				k.KeeperName, e.Subject, e.Due.UnixMicro())
		}
		if err != nil {
			return fmt.Errorf("note %s: %w", e.Subject, err)
		}
	}
	return nil
}

func (k *Keeper) due(ctx context.Context, now time.Time) ([]row, error) {
	var rows []row
	err := k.DB.Read.NewSelect().Model(&rows).Where("keeper = ?", k.KeeperName).Where("due_at <= ?", now.UnixMicro()).
		OrderExpr("due_at, subject").Limit(perRound).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("read agenda: %w", err)
	}
	return rows, nil
}

func (k *Keeper) nextDue(ctx context.Context) (due time.Time, ok bool, err error) {
	var at sql.NullInt64
	err = k.DB.Read.NewSelect().Model((*row)(nil)).ColumnExpr("MIN(due_at)").Where("keeper = ?", k.KeeperName).Scan(ctx, &at)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, false, fmt.Errorf("read agenda: %w", err)
	}
	return time.UnixMicro(at.Int64), at.Valid, nil
}

// strike removes an entry, unless it has come up again since it was read.
func (k *Keeper) strike(ctx context.Context, r row) error {
	_, err := k.DB.Write.ExecContext(ctx, "DELETE FROM keeper_agenda WHERE keeper = ? AND subject = ? AND seq = ?",
		r.Keeper, r.Subject, r.Seq)
	if err != nil {
		return fmt.Errorf("strike off %s: %w", r.Subject, err)
	}
	return nil
}

// postpone sets when to look again, unless it has come up again since it was read.
func (k *Keeper) postpone(ctx context.Context, r row, until time.Time) error {
	_, err := k.DB.Write.ExecContext(ctx, "UPDATE keeper_agenda SET due_at = ? WHERE keeper = ? AND subject = ? AND seq = ?",
		until.UnixMicro(), r.Keeper, r.Subject, r.Seq)
	if err != nil {
		return fmt.Errorf("postpone %s: %w", r.Subject, err)
	}
	return nil
}
