package projections

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// BookingByID returns a booking's card with its notes, and the position of the read; a NotFound refusal when there is none.
func (q *Queries) BookingByID(
	ctx context.Context, id string, lowest eventstore.Position,
) (card Booking, at eventstore.Position, err error) {
	err = q.models.Bookings.AtLeast(ctx, lowest, func(ctx context.Context, tx bun.Tx, seen Snapshot) error {
		m := seen.bookings()
		var row bookingRow
		err := tx.NewSelect().Model(&row).ModelTableExpr("? AS ?TableAlias", m.cards()).Where("booking_id = ?", id).Scan(ctx)
		if errors.Is(err, sql.ErrNoRows) {
			return domain.ErrBookingNotFound()
		}
		if err != nil {
			return err
		}
		var notes []*noteRow
		err = tx.NewSelect().Model(&notes).ModelTableExpr("? AS ?TableAlias", m.notes()).
			Where("booking_id = ?", id).OrderExpr("revision").Scan(ctx)
		card, at = row.card(), seen.Position
		for _, n := range notes {
			card.Notes = append(card.Notes, n.note())
		}
		return err
	})
	return card, at, err
}

// SeenBookings waits until the bookings have come to a position, at most as long as every read.
func (q *Queries) SeenBookings(ctx context.Context, at eventstore.Position) error {
	return q.models.Bookings.AtLeast(ctx, at, func(context.Context, bun.Tx, Snapshot) error { return nil })
}

// ActiveBookings counts a customer's bookings that have not begun (pending, confirmed, checked in) and are not over. It is a
// proposal: what it counts may have changed since.
func (q *Queries) ActiveBookings(ctx context.Context, customerID string) (n int, err error) {
	now := toInstant(q.models.now())
	err = q.models.Bookings.AtLeast(ctx, 0, func(ctx context.Context, tx bun.Tx, seen Snapshot) error {
		count, err := seen.bookings().find(tx, domain.Status.Ahead).
			Where("b.customer_id = ?", customerID).Where("b.end_at > ?", now).Count(ctx)
		n = int(count)
		return err
	})
	return n, err
}

// OpenVisit is when one of a customer's open bookings is.
type OpenVisit struct {
	BookingID string
	Status    domain.Status
	domain.Interval
}

// OpenVisits lists a customer's open bookings that are not over, ordered by start. It is a proposal, too.
func (q *Queries) OpenVisits(ctx context.Context, customerID string) (visits []OpenVisit, err error) {
	var rows []struct {
		BookingID string        `bun:"booking_id"`
		Status    domain.Status `bun:"status"`
		StartAt   instant       `bun:"start_at"`
		EndAt     instant       `bun:"end_at"`
	}
	now := toInstant(q.models.now())
	err = q.models.Bookings.AtLeast(ctx, 0, func(ctx context.Context, tx bun.Tx, seen Snapshot) error {
		return seen.bookings().find(tx, domain.Status.Open).Column("booking_id", "status", "start_at", "end_at").
			Where("b.customer_id = ?", customerID).Where("b.end_at > ?", now).OrderExpr("b.start_at, b.booking_id").Scan(ctx, &rows)
	})
	for _, r := range rows {
		visits = append(visits, OpenVisit{
			BookingID: r.BookingID, Status: r.Status, Interval: domain.Interval{StartAt: r.StartAt.time(), EndAt: r.EndAt.time()},
		})
	}
	return visits, err
}

// Overlapping reports whether a customer has an open booking, other than the given one, in [start, end). It is a proposal,
// too. A guest, who has no id, has none.
func (q *Queries) Overlapping(
	ctx context.Context, customerID string, start, end time.Time, exceptBookingID string,
) (overlaps bool, err error) {
	if customerID == "" {
		return false, nil
	}
	err = q.models.Bookings.AtLeast(ctx, 0, func(ctx context.Context, tx bun.Tx, seen Snapshot) error {
		overlaps, err = seen.bookings().find(tx, domain.Status.Open).
			Where("b.customer_id = ?", customerID).Where("b.booking_id <> ?", exceptBookingID).
			Where("b.start_at < ?", toInstant(end)).Where("b.end_at > ?", toInstant(start)).
			Exists(ctx)
		return err
	})
	return overlaps, err
}

// ClosureConflicts lists the open bookings of a branch that are in the way of a closure during [start, end), ordered by
// start.
func (q *Queries) ClosureConflicts(ctx context.Context, branchID string, start, end time.Time) (ids []string, err error) {
	err = q.models.Bookings.AtLeast(ctx, 0, func(ctx context.Context, tx bun.Tx, seen Snapshot) error {
		ids, err = seen.bookings().inTheWay(ctx, tx, branchID, start, end)
		return err
	})
	return ids, err
}

// inTheWay lists the open bookings of a branch that overlap [start, end), ordered by start.
func (m bookings) inTheWay(ctx context.Context, tx bun.Tx, branchID string, start, end time.Time) ([]string, error) {
	ids := []string{}
	err := m.find(tx, domain.Status.Open).ColumnExpr("b.booking_id").Where("b.branch_id = ?", branchID).
		Where("b.start_at < ?", toInstant(end)).Where("b.end_at > ?", toInstant(start)).
		OrderExpr("b.start_at, b.booking_id").Scan(ctx, &ids)
	return ids, err
}

// find begins a query for the cards whose status is of a kind.
func (m bookings) find(tx bun.Tx, kind func(domain.Status) bool) *bun.SelectQuery {
	return tx.NewSelect().TableExpr("? AS b", m.cards()).Where("b.status IN (?)", bun.List(statuses(kind)))
}

func statuses(kind func(domain.Status) bool) (list []domain.Status) {
	for _, s := range domain.Statuses() {
		if kind(s) {
			list = append(list, s)
		}
	}
	return list
}
