package projections

import (
	"context"
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
	return &bookingFold{model: m, cards: newRowCache((*bookingRow).id), notes: noteFold{}}
}

// prepare fetches the cards that the events concern, and the notes that they redact.
func (f *bookingFold) prepare(ctx context.Context, from lookup, events []eventstore.Recorded) error {
	var ids []string
	redacted := keys{columns: "(booking_id, note_id)"}
	for _, e := range events {
		if fact, ok := e.Event.(domain.BookingEvent); ok {
			ids = append(ids, domain.BookingOf(fact))
		}
		if fact, ok := e.Event.(domain.BookingNoteRedacted); ok && f.notes[noteKey{fact.BookingID, fact.NoteID}] == nil {
			redacted.add(fact.BookingID, fact.NoteID)
		}
	}
	if err := f.cards.fetch(ctx, from.db, f.model.cards(), "booking_id", ids); err != nil || len(redacted.values) == 0 {
		return err
	}
	if err := from.settle(); err != nil {
		return err
	}
	notes, err := load[*noteRow](ctx, from.db, f.model.notes(), redacted)
	for _, n := range notes {
		f.notes[n.key()] = n
	}
	return err
}

func (f *bookingFold) write(ctx context.Context, w writer) error {
	fresh, stored := f.cards.take(w)
	return f.writeCards(ctx, w, fresh, stored)
}

// writeFinished writes the bookings that have ended, with all that is theirs.
func (f *bookingFold) writeFinished(ctx context.Context, w writer) error {
	fresh, stored := f.cards.takeSome(w, (*bookingRow).ended)
	return f.writeCards(ctx, w, fresh, stored)
}

func (f *bookingFold) writeCards(ctx context.Context, w writer, fresh []*bookingRow, stored []change[bookingRow]) error {
	f.ended = 0
	var moved []string // whose staff rows must be written again
	var staff []bookingStaffRow
	for _, card := range fresh {
		staff = append(staff, card.assigned()...)
	}
	for _, card := range stored {
		if rows := card.now.assigned(); !slices.Equal(card.was.assigned(), rows) {
			moved, staff = append(moved, card.now.BookingID), append(staff, rows...)
		}
	}
	slices.SortFunc(staff, bookingStaffRow.compare)
	added, redacted := f.notes.take(func(bookingID string) bool {
		card := f.cards.rows[bookingID]
		return card == nil || !card.changed
	})
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
	if err := add(ctx, w, f.model.notes(), added); err != nil {
		return err
	}
	return rewrite(ctx, w, f.model.notes(), redacted)
}

func (f *bookingFold) pending() int { return len(f.cards.changed) }

func (f *bookingFold) finished() int { return f.ended }

func (f *bookingFold) known() int { return len(f.cards.rows) }

func (f *bookingFold) forget(all bool) {
	f.cards.forget(func(r *bookingRow) bool { return all || r.ended() })
}
