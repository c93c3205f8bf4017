package claimkeeper

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/domain"
)

// perStatement bounds the length of a statement.
const perStatement = 100

// record is a row as the table holds it; instants are microseconds since 1970 UTC.
type record struct {
	bun.BaseModel `bun:"table:claim_keeper_claims"`

	ClaimID   string        `bun:"claim_id,pk"`
	Day       string        `bun:"day,pk"`
	BookingID string        `bun:"booking_id"`
	SegmentID string        `bun:"segment_id"`
	StaffID   string        `bun:"staff_id"`
	StartAt   int64         `bun:"start_at"`
	EndAt     int64         `bun:"end_at"`
	State     state         `bun:"state"`
	DueAt     sql.NullInt64 `bun:"due_at"`
}

func (r row) record() record {
	return record{
		ClaimID: r.ClaimID, Day: r.day, BookingID: r.bookingID, SegmentID: r.SegmentID, StaffID: r.StaffID,
		StartAt: r.StartAt.UnixMicro(), EndAt: r.EndAt.UnixMicro(), State: r.state,
		DueAt: sql.NullInt64{Int64: r.due.UnixMicro(), Valid: !r.due.IsZero()},
	}
}

func (r record) row() row {
	out := row{
		Claim: domain.Claim{
			ClaimID: r.ClaimID, SegmentID: r.SegmentID, StaffID: r.StaffID,
			StartAt: time.UnixMicro(r.StartAt).UTC(), EndAt: time.UnixMicro(r.EndAt).UTC(),
		},
		day: r.Day, bookingID: r.BookingID, state: r.State,
	}
	if r.DueAt.Valid {
		out.due = time.UnixMicro(r.DueAt.Int64).UTC()
	}
	return out
}

// readLedger returns all standing claims of the bookings.
func readLedger(ctx context.Context, db bun.IDB, bookingIDs []string) (ledger, error) {
	l := ledger{}
	for chunk := range slices.Chunk(bookingIDs, perStatement) {
		var records []record
		if err := db.NewSelect().Model(&records).Where("booking_id IN (?)", bun.List(chunk)).Scan(ctx); err != nil {
			return nil, fmt.Errorf("read claims: %w", err)
		}
		for _, r := range records {
			l[key{r.ClaimID, r.Day}] = r.row()
		}
	}
	return l, nil
}

// writeLedger makes the table differ as after differs from before.
func writeLedger(ctx context.Context, db bun.IDB, before, after ledger) error {
	var changed []record
	for k, r := range after {
		if have, ok := before[k]; !ok || have != r {
			changed = append(changed, r.record())
		}
	}
	for k := range before {
		if _, stands := after[k]; stands {
			continue
		}
		_, err := db.NewDelete().Model((*record)(nil)).Where("claim_id = ? AND day = ?", k.claimID, k.day).Exec(ctx)
		if err != nil {
			return fmt.Errorf("delete claim: %w", err)
		}
	}
	for chunk := range slices.Chunk(changed, perStatement) {
		q := db.NewInsert().Model(&chunk).
			On("CONFLICT (claim_id, day) DO UPDATE").Set("state = EXCLUDED.state, due_at = EXCLUDED.due_at")
		if _, err := q.Exec(ctx); err != nil {
			return fmt.Errorf("write claims: %w", err)
		}
	}
	return nil
}

// readDue returns up to limit bookings with claims that are due, those due longest first.
func readDue(ctx context.Context, db bun.IDB, now time.Time, limit int64) (bookingIDs []string, err error) {
	err = db.NewSelect().Model((*record)(nil)).Column("booking_id").
		Where("due_at <= ?", now.UnixMicro()).
		Group("booking_id").OrderExpr("MIN(due_at), booking_id").Limit(limit).
		Scan(ctx, &bookingIDs)
	if err != nil {
		return nil, fmt.Errorf("read due claims: %w", err)
	}
	return bookingIDs, nil
}

// readBookings returns up to limit bookings with standing claims, in the order of their ids, from after on.
func readBookings(ctx context.Context, db bun.IDB, after string, limit int64) (bookingIDs []string, err error) {
	err = db.NewSelect().Model((*record)(nil)).Column("booking_id").Distinct().
		Where("booking_id > ?", after).Order("booking_id").Limit(limit).
		Scan(ctx, &bookingIDs)
	if err != nil {
		return nil, fmt.Errorf("read bookings with claims: %w", err)
	}
	return bookingIDs, nil
}

// readNextDue returns when the next claim is due; ok is false when none is.
func readNextDue(ctx context.Context, db bun.IDB) (due time.Time, ok bool, err error) {
	var at sql.NullInt64
	err = db.NewSelect().Model((*record)(nil)).ColumnExpr("MIN(due_at)").Where("due_at IS NOT NULL").Scan(ctx, &at)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, false, fmt.Errorf("read next due claim: %w", err)
	}
	return time.UnixMicro(at.Int64).UTC(), at.Valid, nil
}

// postpone makes what is due of a booking due later. Rows that have been settled meanwhile stay settled.
func postpone(ctx context.Context, db bun.IDB, bookingID string, now, until time.Time) error {
	_, err := db.NewUpdate().Model((*record)(nil)).Set("due_at = ?", until.UnixMicro()).
		Where("booking_id = ? AND due_at <= ?", bookingID, now.UnixMicro()).Exec(ctx)
	if err != nil {
		return fmt.Errorf("postpone claims: %w", err)
	}
	return nil
}

// claims lists each claim of the ledger once, sorted by id.
func (l ledger) claims(want func(row) bool) []domain.Claim {
	found := map[string]domain.Claim{}
	for k, r := range l {
		if want(r) {
			found[k.claimID] = r.Claim
		}
	}
	out := make([]domain.Claim, 0, len(found))
	for _, id := range slices.Sorted(maps.Keys(found)) {
		out = append(out, found[id])
	}
	return out
}
