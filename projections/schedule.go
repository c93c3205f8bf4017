package projections

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// schedule is the read model of the members' taken time. It is folded from the slot diffs of booking events and from
// nothing else, exactly as a page folds the messages on schedule channels.
type schedule struct{ spec }

func (m schedule) slots() bun.Ident { return m.table("schedule_slots") }
func (m schedule) dates() bun.Ident { return m.table("schedule_dates") }

// apply folds the diffs in memory, then removes what was freed and writes what stands.
func (m schedule) apply(ctx context.Context, tx bun.Tx, events []eventstore.Recorded) error {
	fold := slotFold{standing: map[slotKey]slotRow{}, freed: map[slotKey]bool{}}
	for _, e := range events {
		if fact, ok := e.Event.(domain.BookingEvent); ok {
			fold.add(e, fact)
		}
	}
	freed := fold.sortedFreed()
	for _, table := range []bun.Ident{m.slots(), m.dates()} {
		if err := removeSlots(ctx, tx, table, freed); err != nil {
			return err
		}
	}
	standing := fold.sortedStanding()
	if err := insert(ctx, tx, m.slots(), standing, "(booking_id, segment_id, staff_id) DO UPDATE"); err != nil {
		return err
	}
	var dates []slotDateRow
	for _, s := range standing {
		dates = append(dates, s.dates()...)
	}
	// A slot that only became firm has its dates already.
	return insert(ctx, tx, m.dates(), dates, "DO NOTHING")
}

func removeSlots(ctx context.Context, tx bun.Tx, table bun.Ident, keys []slotKey) error {
	for chunk := range slices.Chunk(keys, rowsPerStatement) {
		tuples := make([][]string, 0, len(chunk))
		for _, k := range chunk {
			tuples = append(tuples, []string{k.bookingID, k.segmentID, k.staffID})
		}
		_, err := tx.NewDelete().TableExpr("?", table).
			Where("(booking_id, segment_id, staff_id) IN (VALUES ?)", tupleList(tuples)).Exec(ctx)
		if err != nil {
			return err
		}
	}
	return nil
}

// slotDiff returns how a booking event changes the schedule, and where the booking is.
func slotDiff(e domain.BookingEvent) (domain.BookingRef, domain.SlotDiff) {
	switch e := e.(type) {
	case domain.BookingRequested:
		return e.BookingRef, e.Slots
	case domain.BookingConfirmed:
		return e.BookingRef, e.Slots
	case domain.BookingRejected:
		return e.BookingRef, e.Slots
	case domain.BookingCancelled:
		return e.BookingRef, e.Slots
	case domain.BookingStaffAssigned:
		return e.BookingRef, e.Slots
	case domain.BookingClaimFenced, domain.BookingAbandoned:
	}
	return domain.BookingRef{}, domain.SlotDiff{}
}
