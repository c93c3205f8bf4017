package projections

import (
	"cmp"
	"slices"

	"github.com/uptrace/bun/schema"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// slotKey is what a slot is known by: a booking's segment at one member.
type slotKey struct{ bookingID, segmentID, staffID string }

func (k slotKey) compare(o slotKey) int {
	return cmp.Or(cmp.Compare(k.bookingID, o.bookingID), cmp.Compare(k.segmentID, o.segmentID),
		cmp.Compare(k.staffID, o.staffID))
}

// slotFold is a batch as it is folded in memory: what stands after it, and what was freed at any time within it.
type slotFold struct {
	standing map[slotKey]slotRow
	freed    map[slotKey]bool
}

// add folds one diff. What an event frees goes before what it takes: a slot that moves is in both.
func (f slotFold) add(e eventstore.Recorded, fact domain.BookingEvent) {
	ref, diff := slotDiff(fact)
	for _, s := range diff.Freed {
		key := slotKey{ref.BookingID, s.SegmentID, s.StaffID}
		delete(f.standing, key)
		f.freed[key] = true
	}
	for _, s := range diff.Taken {
		f.standing[slotKey{ref.BookingID, s.SegmentID, s.StaffID}] = newSlotRow(e, ref, s)
	}
}

func (f slotFold) sortedFreed() []slotKey {
	keys := make([]slotKey, 0, len(f.freed))
	for k := range f.freed {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, slotKey.compare)
	return keys
}

func (f slotFold) sortedStanding() []slotRow {
	keys := make([]slotKey, 0, len(f.standing))
	for k := range f.standing {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, slotKey.compare)
	rows := make([]slotRow, 0, len(keys))
	for _, k := range keys {
		rows = append(rows, f.standing[k])
	}
	return rows
}

// tuples is a list of row values: ('a', 'b'), ('c', 'd').
type tuples [][]string

func tupleList(rows [][]string) tuples { return rows }

// AppendQuery writes the list, quoted by the dialect.
func (t tuples) AppendQuery(gen schema.QueryGen, b []byte) ([]byte, error) {
	for i, row := range t {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = append(b, '(')
		for j, value := range row {
			if j > 0 {
				b = append(b, ", "...)
			}
			b = gen.Dialect().AppendString(b, value)
		}
		b = append(b, ')')
	}
	return b, nil
}
