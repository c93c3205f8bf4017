package projections

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// bookings is the read model of the booking cards, of who works on them, and of their timelines.
type bookings struct{ spec }

func (m bookings) cards() bun.Ident    { return m.table("bookings") }
func (m bookings) staff() bun.Ident    { return m.table("booking_staff") }
func (m bookings) timeline() bun.Ident { return m.table("booking_timeline") }

// apply folds in memory, then writes each booking that changed once.
func (m bookings) apply(ctx context.Context, tx bun.Tx, events []eventstore.Recorded) error {
	fold, err := m.load(ctx, tx, events)
	if err != nil {
		return err
	}
	for _, e := range events {
		if fact, ok := e.Event.(domain.BookingEvent); ok {
			if err := fold.add(e, fact); err != nil {
				return err
			}
		}
	}
	return m.write(ctx, tx, fold)
}

// load fetches the cards that the events concern.
func (m bookings) load(ctx context.Context, tx bun.Tx, events []eventstore.Recorded) (*bookingFold, error) {
	fold := &bookingFold{cards: map[string]*bookingRow{}, restaff: map[string]bool{}}
	var ids []string
	for _, e := range events {
		if fact, ok := e.Event.(domain.BookingEvent); ok {
			ids = append(ids, domain.BookingOf(fact))
		}
	}
	slices.Sort(ids)
	for chunk := range slices.Chunk(slices.Compact(ids), rowsPerStatement) {
		var rows []*bookingRow
		err := tx.NewSelect().Model(&rows).ModelTableExpr("? AS ?TableAlias", m.cards()).
			Where("booking_id IN (?)", bun.List(chunk)).Scan(ctx)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			fold.cards[r.BookingID] = r
		}
	}
	return fold, nil
}

func (m bookings) write(ctx context.Context, tx bun.Tx, fold *bookingFold) error {
	changed := fold.changed()
	if err := insert(ctx, tx, m.cards(), changed, "(booking_id) DO UPDATE"); err != nil {
		return err
	}
	var moved []string
	var staff []bookingStaffRow
	for _, r := range changed {
		if fold.restaff[r.BookingID] {
			moved = append(moved, r.BookingID)
			staff = append(staff, r.staff()...)
		}
	}
	if err := removeWhere(ctx, tx, m.staff(), "booking_id", moved); err != nil {
		return err
	}
	if err := insert(ctx, tx, m.staff(), staff, ""); err != nil {
		return err
	}
	return insert(ctx, tx, m.timeline(), fold.timeline, "")
}
