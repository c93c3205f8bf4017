package projections

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// BookingFilter says which bookings a list shows. All conditions hold together; a zero condition does not restrict, but
// for Branches, whose zero value finds nothing.
type BookingFilter struct {
	Branches   BranchScope
	CustomerID string
	// StaffID finds bookings that a segment names the member for, whatever their status.
	StaffID string
	Status  domain.Status
	// From and To bound the start: From <= start < To.
	From, To time.Time
	// LatestFirst lists by falling start; by rising start otherwise. Equal starts are ordered by id.
	LatestFirst bool
	After       Cursor // Next of the page before; with the same filter
	Limit       int    // cards on a page; 0 means DefaultLimit, and MaxLimit is the most
}

// BookingPage is a page of a list of bookings.
type BookingPage struct {
	Bookings []Booking           `json:"bookings"`
	Next     Cursor              `json:"next,omitempty"` // empty on the last page
	Position eventstore.Position `json:"position"`       // of the read
}

// Bookings returns a page of the bookings that the filter finds, ordered by start and id.
func (q *Queries) Bookings(
	ctx context.Context, f BookingFilter, lowest eventstore.Position,
) (page BookingPage, err error) {
	err = q.models.Bookings.AtLeast(ctx, lowest, func(ctx context.Context, tx bun.Tx, at eventstore.Position) error {
		page = BookingPage{Bookings: []Booking{}, Position: at}
		if f.Branches.empty() {
			return nil
		}
		var rows []*bookingRow
		query, err := f.query(tx.NewSelect().Model(&rows))
		if err != nil {
			return err
		}
		if err := query.Scan(ctx); err != nil {
			return err
		}
		page.fill(rows, limit(f.Limit))
		return nil
	})
	return page, err
}

// query asks for one card more than the page takes: it shows whether there is another page.
func (f BookingFilter) query(q *bun.SelectQuery) (*bun.SelectQuery, error) {
	m := bookings{bookingsSpec()}
	q = q.ModelTableExpr("? AS ?TableAlias", m.cards())
	order := keyset{start: "b.start_at", id: "b.booking_id", falling: f.LatestFirst}
	if f.StaffID != "" {
		// The order is that of the join table, whose rows of one member are few.
		q = q.Join("JOIN ? AS bs ON bs.booking_id = b.booking_id", m.staff()).Where("bs.staff_id = ?", f.StaffID)
		order.start, order.id = "bs.start_at", "bs.booking_id"
	}
	if f.CustomerID != "" {
		q = q.Where("b.customer_id = ?", f.CustomerID)
	}
	if f.Status != "" {
		q = q.Where("b.status = ?", f.Status)
	}
	if !f.From.IsZero() {
		q = q.Where("? >= ?", bun.Ident(order.start), toMicros(f.From))
	}
	if !f.To.IsZero() {
		q = q.Where("? < ?", bun.Ident(order.start), toMicros(f.To))
	}
	q = f.Branches.restrict(q, "b.branch_id")
	return order.page(q, f.After, limit(f.Limit))
}

func (p *BookingPage) fill(rows []*bookingRow, most int) {
	if len(rows) > most {
		rows = rows[:most]
		last := rows[most-1]
		p.Next = newCursor(last.StartAt, last.BookingID)
	}
	for _, r := range rows {
		p.Bookings = append(p.Bookings, r.card())
	}
}
