package projections

import (
	"cmp"
	"maps"
	"slices"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// slotFold is a batch as it is folded in memory: the bookings, the slots that stand after it, and those that were freed at any
// time within it.
type slotFold struct {
	bookings map[string]*slotBookingRow
	standing map[slotKey]slotRow
	freed    map[slotKey]bool
}

func newSlotFold() *slotFold {
	return &slotFold{
		bookings: map[string]*slotBookingRow{}, standing: map[slotKey]slotRow{}, freed: map[slotKey]bool{},
	}
}

// add folds the booking's status and its diff. What an event frees goes before what it takes: a slot that ends at another time
// is in both.
func (f *slotFold) add(e eventstore.Recorded, fact domain.BookingEvent) error {
	ref := domain.RefOf(fact)
	row := f.bookings[ref.BookingID]
	if row == nil {
		if is, err := isFirst(e, fact); !is {
			return err
		}
		row = &slotBookingRow{BookingID: ref.BookingID, StreamRevision: e.Revision - 1}
		f.bookings[ref.BookingID] = row
	}
	if is, err := follows(e, row.StreamRevision); !is {
		return err
	}
	row.changed, row.StreamRevision = true, e.Revision
	if domain.IsFence(fact) {
		return nil
	}
	row.Revision = e.Revision
	row.Status = domain.Booking{Status: row.Status}.Evolve(fact).Status
	held, _ := domain.HoldingOf(fact)
	for _, s := range held.Slots.Freed {
		key := keyOf(ref.BookingID, s)
		delete(f.standing, key)
		f.freed[key] = true
	}
	for _, s := range held.Slots.Taken {
		f.standing[keyOf(ref.BookingID, s)] = newSlotRow(ref, s)
	}
	return nil
}

func (f *slotFold) changedBookings() []*slotBookingRow {
	var rows []*slotBookingRow
	for _, r := range f.bookings {
		if r.changed {
			rows = append(rows, r)
		}
	}
	slices.SortFunc(rows, func(a, b *slotBookingRow) int { return cmp.Compare(a.BookingID, b.BookingID) })
	return rows
}

func (f *slotFold) freedKeys() keys {
	freed := keys{columns: "(booking_id, segment_id, staff_id, start_at)"}
	for _, k := range slices.SortedFunc(maps.Keys(f.freed), slotKey.compare) {
		freed.add(k.bookingID, k.segmentID, k.staffID, k.startAt)
	}
	return freed
}

func (f *slotFold) standingSlots() []slotRow {
	var rows []slotRow
	for _, k := range slices.SortedFunc(maps.Keys(f.standing), slotKey.compare) {
		rows = append(rows, f.standing[k])
	}
	return rows
}
