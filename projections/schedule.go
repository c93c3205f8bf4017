package projections

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// schedule is the read model of the members' time. What is taken is folded from the slot diffs of booking events and from
// nothing else, exactly as a page folds the messages on schedule channels; when members are off follows from the blocks on
// their days.
type schedule struct{ spec }

func (m schedule) bookings() bun.Ident { return m.table("schedule_bookings") }
func (m schedule) slots() bun.Ident    { return m.table("schedule_slots") }
func (m schedule) blocks() bun.Ident   { return m.table("schedule_blocks") }

func (schedule) tables() []table {
	return []table{
		// Slots are short: what touches a time is found by when it begins.
		{part: "schedule_slots", row: rowOf[slotRow](), clustered: true, indexes: []index{
			{name: "branch", columns: "branch_id, start_at"},
			{name: "staff", columns: "staff_id, start_at, end_at"},
			{name: "start", columns: "start_at"},
		}},
		{part: "schedule_bookings", row: rowOf[slotBookingRow](), clustered: true},
		{part: "schedule_blocks", row: rowOf[blockRow](), clustered: true, indexes: []index{
			{name: "staff", columns: "staff_id, start_at"},
			{name: "start", columns: "start_at"},
		}},
	}
}

func (m schedule) begin() fold { return &batched{model: m} }

// apply folds in memory, then removes what was freed and writes what stands.
func (m schedule) apply(ctx context.Context, tx bun.Tx, events []eventstore.Recorded) error {
	taken, off := newSlotFold(), blockFold{}
	if err := m.load(ctx, tx, events, taken, off); err != nil {
		return err
	}
	for _, e := range events {
		var err error
		if fact, ok := e.Event.(domain.BookingEvent); ok {
			err = taken.add(e, fact)
		}
		if fact, ok := e.Event.(domain.StaffDayEvent); ok {
			err = off.day(e, fact)
		}
		if fact, ok := e.Event.(domain.LeaveEvent); ok {
			off.leave(fact)
		}
		if err != nil {
			return err
		}
	}
	if err := m.writeSlots(ctx, tx, taken); err != nil {
		return err
	}
	return insert(ctx, tx, m.blocks(), off.changed(), "(leave_id) DO UPDATE")
}

// load fetches what is known of the bookings and leaves that the events concern. Slots need not be known: a diff tells the
// whole of what it frees and takes.
func (m schedule) load(
	ctx context.Context, tx bun.Tx, events []eventstore.Recorded, taken *slotFold, off blockFold,
) error {
	var bookings, leaves []string
	for _, e := range events {
		if fact, ok := e.Event.(domain.BookingEvent); ok {
			bookings = append(bookings, domain.BookingOf(fact))
		}
		if fact, ok := e.Event.(domain.StaffDayEvent); ok {
			leaves = append(leaves, leaveOfDay(fact)...)
		}
		if fact, ok := e.Event.(domain.LeaveEvent); ok {
			leaves = append(leaves, domain.LeaveOf(fact).LeaveID)
		}
	}
	known, err := load[*slotBookingRow](ctx, tx, m.bookings(), idKeys("booking_id", bookings))
	if err != nil {
		return err
	}
	for _, r := range known {
		taken.bookings[r.BookingID] = r
	}
	blocks, err := load[*blockRow](ctx, tx, m.blocks(), idKeys("leave_id", leaves))
	for _, r := range blocks {
		off[r.LeaveID] = r
	}
	return err
}

func (m schedule) writeSlots(ctx context.Context, tx bun.Tx, f *slotFold) error {
	if err := insert(ctx, tx, m.bookings(), f.changedBookings(), "(booking_id) DO UPDATE"); err != nil {
		return err
	}
	if err := remove(ctx, writer{tx: tx}, m.slots(), f.freedKeys()); err != nil {
		return err
	}
	return insert(ctx, tx, m.slots(), f.standingSlots(), "(booking_id, segment_id, staff_id, start_at) DO UPDATE")
}
