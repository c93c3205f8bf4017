package projections

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// bookings is the read model of the booking cards, of who works on them and of their notes.
type bookings struct{ spec }

func (m bookings) cards() bun.Ident { return m.table("bookings") }
func (m bookings) staff() bun.Ident { return m.table("booking_staff") }
func (m bookings) notes() bun.Ident { return m.table("booking_notes") }

func (bookings) tables() []table {
	return []table{
		// Lists are ordered by start and id. Local dates are looked for by the start; the type of service parts a list into
		// halves at best, and has no index.
		{part: "bookings", row: rowOf[bookingRow](), indexes: []index{
			{name: "customer", columns: "customer_id, start_at, booking_id"},
			{name: "branch", columns: "branch_id, start_at, booking_id"},
			{name: "branch_status", columns: "branch_id, status, start_at, booking_id"},
			{name: "status", columns: "status, start_at, booking_id"},
			{name: "start", columns: "start_at, booking_id"},
			// Those few that somebody must look after.
			{name: "needs_staff", columns: "start_at, booking_id", where: "needs_staff"},
		}},
		{part: "booking_staff", row: rowOf[bookingStaffRow](), clustered: true, indexes: []index{
			{name: "booking", columns: "booking_id"},
		}},
		{part: "booking_notes", row: rowOf[noteRow](), clustered: true},
	}
}

func (m bookings) begin() fold {
	return &bookingFold{model: m, cards: map[string]*bookingRow{}, notes: noteFold{}}
}

// prepare fetches the cards that the events concern, and the notes that they redact.
func (f *bookingFold) prepare(ctx context.Context, db lookup, events []eventstore.Recorded) error {
	var ids []string
	redacted := keys{columns: "(booking_id, note_id)"}
	for _, e := range events {
		if fact, ok := e.Event.(domain.BookingEvent); ok {
			if id := domain.BookingOf(fact); f.cards[id] == nil {
				ids = append(ids, id)
			}
		}
		if fact, ok := e.Event.(domain.BookingNoteRedacted); ok && f.notes[noteKey{fact.BookingID, fact.NoteID}] == nil {
			redacted.add(fact.BookingID, fact.NoteID)
		}
	}
	cards, err := lookUp[*bookingRow](ctx, db, f.model.cards(), idKeys("booking_id", ids))
	if err != nil {
		return err
	}
	for _, r := range cards {
		r.stored = true
		f.cards[r.BookingID] = r
	}
	notes, err := lookUp[*noteRow](ctx, db, f.model.notes(), redacted)
	for _, n := range notes {
		f.notes[n.key()] = n
	}
	return err
}

func (f *bookingFold) write(ctx context.Context, w writer) error {
	slices.SortFunc(f.changed, func(a, b *bookingRow) int { return cmp.Compare(a.BookingID, b.BookingID) })
	var fresh []*bookingRow
	var stored []change[bookingRow]
	var moved []string
	var staff []bookingStaffRow
	for _, r := range f.changed {
		if r.stored {
			stored = append(stored, change[bookingRow]{was: r.was, now: owned(w, r)})
		} else {
			fresh = append(fresh, owned(w, r))
		}
		if r.restaff {
			staff = append(staff, r.assigned()...)
			if r.stored {
				moved = append(moved, r.BookingID)
			}
		}
	}
	if err := add(ctx, w, f.model.cards(), fresh); err != nil {
		return err
	}
	if err := rewrite(ctx, w, f.model.cards(), stored); err != nil {
		return err
	}
	if err := remove(ctx, w, f.model.staff(), idKeys("booking_id", moved)); err != nil {
		return err
	}
	if err := add(ctx, w, f.model.staff(), staff); err != nil {
		return err
	}
	added, redacted := f.notes.changed()
	if err := add(ctx, w, f.model.notes(), added); err != nil {
		return err
	}
	if err := rewrite(ctx, w, f.model.notes(), redacted); err != nil {
		return err
	}
	for _, r := range f.changed {
		r.changed, r.restaff, r.stored, r.was = false, false, true, nil
	}
	f.changed = nil
	clear(f.notes)
	return nil
}

func (f *bookingFold) pending() int { return len(f.changed) }

func (f *bookingFold) known() int { return len(f.cards) }

func (f *bookingFold) forget(all bool) {
	maps.DeleteFunc(f.cards, func(_ string, r *bookingRow) bool { return all || !r.Status.Open() })
}
