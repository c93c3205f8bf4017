package projections

import (
	"context"
	"database/sql"
	"errors"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// BookingByID returns a booking's card and the position of the read; a NotFound refusal when there is none.
func (q *Queries) BookingByID(
	ctx context.Context, id string, lowest eventstore.Position,
) (card Booking, at eventstore.Position, err error) {
	err = q.models.Bookings.AtLeast(ctx, lowest, func(ctx context.Context, tx bun.Tx, position eventstore.Position) error {
		var row bookingRow
		err := tx.NewSelect().Model(&row).ModelTableExpr("? AS ?TableAlias", bookings{bookingsSpec()}.cards()).
			Where("booking_id = ?", id).Scan(ctx)
		if errors.Is(err, sql.ErrNoRows) {
			return domain.ErrBookingNotFound()
		}
		card, at = row.card(), position
		return err
	})
	return card, at, err
}

// ActiveBookings counts a customer's pending and confirmed bookings that are not over yet. It is a proposal: what it
// counts may have changed since.
func (q *Queries) ActiveBookings(ctx context.Context, customerID string) (n int, err error) {
	now := toMicros(q.models.now())
	err = q.models.Bookings.AtLeast(ctx, 0, func(ctx context.Context, tx bun.Tx, _ eventstore.Position) error {
		count, err := tx.NewSelect().Model((*bookingRow)(nil)).
			ModelTableExpr("? AS ?TableAlias", bookings{bookingsSpec()}.cards()).
			Where("customer_id = ?", customerID).
			Where("status IN (?)", bun.List([]domain.Status{domain.StatusPending, domain.StatusConfirmed})).
			Where("end_at > ?", now).
			Count(ctx)
		n = int(count)
		return err
	})
	return n, err
}
