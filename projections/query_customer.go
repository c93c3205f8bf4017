package projections

import (
	"context"
	"database/sql"
	"errors"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/eventstore"
)

// CustomerStanding returns what counts for or against a customer. One of whom nothing was ever noted is in good standing.
func (q *Queries) CustomerStanding(
	ctx context.Context, id string, lowest eventstore.Position,
) (standing Standing, err error) {
	err = q.models.Customers.AtLeast(ctx, lowest, func(ctx context.Context, tx bun.Tx, at Snapshot) error {
		m := at.customers()
		row := customerRow{Revision: eventstore.NoStream}
		err := tx.NewSelect().Model(&row).ModelTableExpr("? AS ?TableAlias", m.customers()).Where("customer_id = ?", id).Scan(ctx)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		standing = Standing{
			CustomerID: id, NoShows: []Counted{}, LateCancellations: []Counted{},
			NeedsApproval: row.NeedsApproval, RequiredAt: row.RequiredAt.time(), RequiredFor: row.RequiredFor,
			Cleared: row.Cleared, ErasedAt: row.ErasedAt.time(), Revision: row.Revision, Position: at.Position,
		}
		var counts []countRow
		err = tx.NewSelect().Model(&counts).ModelTableExpr("? AS ?TableAlias", m.counts()).
			Where("customer_id = ?", id).OrderExpr("at, booking_id").Scan(ctx)
		for _, r := range counts {
			standing.add(r)
		}
		return err
	})
	return standing, err
}

// NeedsApproval reports whether a customer's bookings need a manager, as far as the read model has come.
func (q *Queries) NeedsApproval(ctx context.Context, id string) (needs bool, err error) {
	err = q.models.Customers.AtLeast(ctx, 0, func(ctx context.Context, tx bun.Tx, seen Snapshot) error {
		m := seen.customers()
		needs, err = tx.NewSelect().TableExpr("? AS c", m.customers()).
			Where("customer_id = ?", id).Where("needs_approval").Exists(ctx)
		return err
	})
	return needs, err
}

func (s *Standing) add(r countRow) {
	counted := Counted{BookingID: r.BookingID, At: r.At.time()}
	switch r.Kind {
	case countNoShow:
		s.NoShows = append(s.NoShows, counted)
	case countLateCancel:
		s.LateCancellations = append(s.LateCancellations, counted)
	}
}
