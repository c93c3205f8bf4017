package domain_test

import (
	"fmt"
	"testing"

	"github.com/royalglow/booking/domain"
)

// All notes of a booking are read at once. A note whose text is gone is still one.
func TestABookingTakesSoManyNotes(t *testing.T) {
	t.Parallel()
	given := history(t, wish("stf_anna01"), addNote, redactNote)
	for i := range domain.MaxNotes - 2 {
		given = append(given, domain.BookingNoteAdded{BookingRef: fold(given[:1]).BookingRef, NoteID: fmt.Sprintf("nt_more%03d", i)})
	}
	next := func(id string) verb {
		return func(b domain.Booking) ([]domain.BookingEvent, error) {
			return b.AddNote(domain.AddNote{NoteID: id, Visibility: domain.VisibleCustomer, Author: carla})
		}
	}
	facts := scenario{given: given, when: next("nt_last001"), then: []string{"booking.note_added"}}.run(t)
	full := append(given, facts...)
	cellScenario(full, next("nt_toomany"), "BUSINESS_RULE_VIOLATION").run(t)
	cellScenario(full, func(b domain.Booking) ([]domain.BookingEvent, error) {
		return b.RedactNote(domain.RedactNote{NoteID: "nt_last001"})
	}, "note_redacted").run(t)
}
