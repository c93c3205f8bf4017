package projections

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// bookings is the read model of the booking cards, of who works on them, of their notes and of their timelines.
type bookings struct{ spec }

func (m bookings) cards() bun.Ident    { return m.table("bookings") }
func (m bookings) staff() bun.Ident    { return m.table("booking_staff") }
func (m bookings) notes() bun.Ident    { return m.table("booking_notes") }
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

// load fetches the cards that the events concern, and the notes that they redact.
func (m bookings) load(ctx context.Context, tx bun.Tx, events []eventstore.Recorded) (*bookingFold, error) {
	fold := &bookingFold{cards: map[string]*bookingRow{}, restaff: map[string]bool{}, notes: noteFold{}}
	var ids []string
	redacted := keys{columns: "(booking_id, note_id)"}
	for _, e := range events {
		if fact, ok := e.Event.(domain.BookingEvent); ok {
			ids = append(ids, domain.BookingOf(fact))
		}
		if fact, ok := e.Event.(domain.BookingNoteRedacted); ok {
			redacted.add(fact.BookingID, fact.NoteID)
		}
	}
	cards, err := load[*bookingRow](ctx, tx, m.cards(), idKeys("booking_id", ids))
	if err != nil {
		return nil, err
	}
	for _, r := range cards {
		fold.cards[r.BookingID] = r
	}
	notes, err := load[*noteRow](ctx, tx, m.notes(), redacted)
	for _, n := range notes {
		fold.notes[n.key()] = n
	}
	return fold, err
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
			staff = append(staff, r.assigned()...)
		}
	}
	if err := remove(ctx, tx, m.staff(), idKeys("booking_id", moved)); err != nil {
		return err
	}
	if err := insert(ctx, tx, m.staff(), staff, ""); err != nil {
		return err
	}
	if err := insert(ctx, tx, m.notes(), fold.notes.changed(), "(booking_id, note_id) DO UPDATE"); err != nil {
		return err
	}
	return insert(ctx, tx, m.timeline(), fold.timeline, "")
}
