package projections

import (
	"context"
	"slices"
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
	StaffID  string
	Statuses []domain.Status // one of them
	Type     domain.ServiceType
	// NeedsStaff finds open bookings that have a segment which nobody does.
	NeedsStaff bool
	// From and To bound the start: From <= start < To.
	From, To time.Time
	// FromDate and ToDate (YYYY-MM-DD) bound the branch-local date of the start, both inclusive.
	FromDate, ToDate string
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
	after, err := f.check()
	if err != nil {
		return page, err
	}
	err = q.models.Bookings.AtLeast(ctx, lowest, func(ctx context.Context, tx bun.Tx, at Snapshot) error {
		m := at.bookings()
		page = BookingPage{Bookings: []Booking{}, Position: at.Position}
		var parts []*bun.SelectQuery
		for _, part := range f.parts() {
			parts = append(parts, part.query(tx, m, after))
		}
		found, err := merged(ctx, parts, f.LatestFirst, limit(f.Limit))
		if err != nil {
			return err
		}
		page.Next = found.next
		page.Bookings, err = m.cardsOf(ctx, tx, found.ids)
		return err
	})
	return page, err
}

// check reads the cursor and refuses dates that are none.
func (f BookingFilter) check() (after entry, err error) {
	for _, date := range []string{f.FromDate, f.ToDate} {
		if date != "" && !domain.ValidDate(date) {
			return after, domain.Refuse(domain.Invalid, domain.CodeValidation, "%q is not a date", date)
		}
	}
	if f.After != "" {
		return f.After.parse(domain.BookingPrefix)
	}
	return after, nil
}

// parts divides the filter into such as an index finds in the order of the list: one branch and one status each. What
// belongs to one customer or member, or needs staff, is little and need not be divided.
func (f BookingFilter) parts() []BookingFilter {
	if f.Branches.empty() {
		return nil
	}
	if f.CustomerID != "" || f.StaffID != "" || f.NeedsStaff {
		return []BookingFilter{f}
	}
	each := [][]domain.Status{nil}
	if len(f.Statuses) > 0 {
		each = slices.Collect(slices.Chunk(slices.Compact(slices.Sorted(slices.Values(f.Statuses))), 1))
	}
	var parts []BookingFilter
	for _, branches := range f.Branches.each() {
		for _, status := range each {
			part := f
			part.Branches, part.Statuses = branches, status
			parts = append(parts, part)
		}
	}
	return parts
}

func (f BookingFilter) query(tx bun.Tx, m bookings, after entry) *bun.SelectQuery {
	q := tx.NewSelect().TableExpr("? AS b", m.cards())
	order := keyset{start: "b.start_at", id: "b.booking_id", falling: f.LatestFirst}
	if f.StaffID != "" {
		// The order is that of the join table, whose rows of one member are few.
		q = q.Join("JOIN ? AS bs ON bs.booking_id = b.booking_id", m.staff()).Where("bs.staff_id = ?", f.StaffID)
		order.start, order.id = "bs.start_at", "bs.booking_id"
	}
	if f.CustomerID != "" {
		q = q.Where("b.customer_id = ?", f.CustomerID)
	}
	switch len(f.Statuses) {
	case 0:
	case 1:
		q = q.Where("b.status = ?", f.Statuses[0])
	default:
		q = q.Where("b.status IN (?)", bun.List(f.Statuses))
	}
	if f.Type != "" {
		q = q.Where("b.service_type = ?", f.Type)
	}
	if f.NeedsStaff {
		q = q.Where("b.needs_staff")
	}
	q = f.Branches.restrict(q, "b.branch_id")
	return order.page(f.bound(q, order.start), after, limit(f.Limit))
}

// clockReach is more than the clocks of any zone differ from UTC.
const clockReach = 15 * time.Hour

// bound adds the conditions on the start. Dates are looked for by the column in the index, too: those of a zone lie within a
// few hours of those of UTC.
func (f BookingFilter) bound(q *bun.SelectQuery, start string) *bun.SelectQuery {
	from, to := f.From, f.To
	if f.FromDate != "" {
		q = q.Where("b.local_date >= ?", f.FromDate)
		from = later(from, startOf(f.FromDate).Add(-clockReach))
	}
	if f.ToDate != "" {
		q = q.Where("b.local_date <= ?", f.ToDate)
		if end := startOf(domain.AddDays(f.ToDate, 1)).Add(clockReach); to.IsZero() || end.Before(to) {
			to = end
		}
	}
	if !from.IsZero() {
		q = q.Where("? >= ?", bun.Ident(start), toInstant(from))
	}
	if !to.IsZero() {
		q = q.Where("? < ?", bun.Ident(start), toInstant(to))
	}
	return q
}

// cardsOf returns the cards with the given ids, in their order.
func (m bookings) cardsOf(ctx context.Context, tx bun.Tx, ids []string) ([]Booking, error) {
	rows, err := load[*bookingRow](ctx, tx, m.cards(), idKeys("booking_id", ids))
	if err != nil {
		return nil, err
	}
	found := make(map[string]*bookingRow, len(rows))
	for _, r := range rows {
		found[r.BookingID] = r
	}
	cards := make([]Booking, 0, len(ids))
	for _, id := range ids {
		cards = append(cards, found[id].card())
	}
	return cards, nil
}
