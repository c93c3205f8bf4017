package projections

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/domain"
)

// OwnBookingIDs returns at most most ids of a customer's bookings: those to come first, the next one leading, then those
// that have begun, the latest leading. A client token is made from them, and may have to be cut at the end.
func (q *Queries) OwnBookingIDs(ctx context.Context, customerID string, most int) ([]string, error) {
	return q.bookingIDs(ctx, most, func(tx bun.Tx, m bookings) *bun.SelectQuery {
		return tx.NewSelect().ColumnExpr("b.booking_id").TableExpr("? AS b", m.cards()).
			Where("b.customer_id = ?", customerID)
	}, keyset{start: "b.start_at", id: "b.booking_id"})
}

// AssignedBookingIDs returns at most most ids of the bookings that a member of staff works on and is told of, in the order of
// OwnBookingIDs. A tentative hold is not told.
func (q *Queries) AssignedBookingIDs(ctx context.Context, staffID string, most int) ([]string, error) {
	return q.bookingIDs(ctx, most, func(tx bun.Tx, m bookings) *bun.SelectQuery {
		return tx.NewSelect().ColumnExpr("bs.booking_id").TableExpr("? AS bs", m.staff()).
			Join("JOIN ? AS b ON b.booking_id = bs.booking_id", m.cards()).
			Where("bs.staff_id = ?", staffID).Where("b.status IN (?)", bun.List(statuses(domain.Status.ToldToStaff)))
	}, keyset{start: "bs.start_at", id: "bs.booking_id"})
}

// bookingIDs runs a query twice: from now on upwards, then from now downwards until there are enough.
func (q *Queries) bookingIDs(
	ctx context.Context, most int, query func(bun.Tx, bookings) *bun.SelectQuery, order keyset,
) (ids []string, err error) {
	if most <= 0 {
		return []string{}, nil
	}
	now := toInstant(q.models.now())
	err = q.models.Bookings.AtLeast(ctx, 0, func(ctx context.Context, tx bun.Tx, seen Snapshot) error {
		ids = []string{}
		var begun []string
		err := query(tx, seen.bookings()).Where("? >= ?", bun.Ident(order.start), now).
			OrderExpr("?, ?", bun.Ident(order.start), bun.Ident(order.id)).Limit(int64(most)).Scan(ctx, &ids)
		if err != nil || len(ids) >= most {
			return err
		}
		err = query(tx, seen.bookings()).Where("? < ?", bun.Ident(order.start), now).
			OrderExpr("? DESC, ? DESC", bun.Ident(order.start), bun.Ident(order.id)).Limit(int64(most-len(ids))).Scan(ctx, &begun)
		ids = append(ids, begun...)
		return err
	})
	return ids, err
}
