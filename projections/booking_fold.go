package projections

import (
	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// bookingFold is the cards as they are folded in memory.
type bookingFold struct {
	model bookings
	cards rowCache[bookingRow]
	notes noteFold
	ended int // cards that have ended since cards were last written
}

func (f *bookingFold) add(e eventstore.Recorded) error {
	fact, ok := e.Event.(domain.BookingEvent)
	if !ok {
		return nil
	}
	return f.addFact(e, fact)
}

// addFact folds one event. What a card shows follows from the domain's own fold, so that a page can never disagree with the
// aggregate.
func (f *bookingFold) addFact(e eventstore.Recorded, fact domain.BookingEvent) error {
	id := domain.BookingOf(fact)
	card := f.cards.rows[id]
	if card == nil {
		if is, err := isFirst(e, fact); !is {
			return err
		}
		card = f.cards.begin(bookingRow{
			BookingID: id, RequestedAt: toInstant(e.Metadata.OccurredAt), StreamRevision: e.Revision - 1,
		})
	}
	if is, err := follows(e, card.row.StreamRevision); !is {
		return err
	}
	f.cards.change(card)
	card.row.StreamRevision = e.Revision
	if !domain.IsFence(fact) {
		f.fold(&card.row, e, fact)
	}
	return nil
}

// begins reports whether a booking comes to exist by a fact.
func begins(fact domain.BookingEvent) bool {
	switch fact.(type) {
	case domain.BookingRequested, domain.BookingWalkInCreated:
		return true
	case domain.BookingConfirmed, domain.BookingRejected, domain.BookingCancelled, domain.BookingRescheduled,
		domain.BookingStaffAssigned, domain.BookingStaffUnassigned, domain.BookingServiceAdded, domain.BookingServiceRemoved,
		domain.BookingDurationChanged, domain.BookingNoteAdded, domain.BookingNoteRedacted, domain.BookingCheckedIn,
		domain.BookingSegmentStarted, domain.BookingSegmentFinished, domain.BookingCompleted, domain.BookingNoShow,
		domain.BookingOutcomeCorrected, domain.BookingClaimFenced, domain.BookingAbandoned:
	}
	return false
}

func (f *bookingFold) fold(row *bookingRow, e eventstore.Recorded, fact domain.BookingEvent) {
	before := row.state()
	after := before.Evolve(fact)
	row.take(after)
	if before.Status.Open() && row.ended() {
		f.ended++
	}
	row.Revision, row.Position, row.UpdatedAt = e.Revision, e.Position, toInstant(e.Metadata.OccurredAt)
	row.ending(fact)
	f.notes.add(e, fact)
}

// ending notes what the domain's state does not hold: how and why a booking came to its end.
func (r *bookingRow) ending(fact domain.BookingEvent) {
	switch fact := fact.(type) {
	case domain.BookingWalkInCreated:
		r.GuestPhone = fact.Phone
	case domain.BookingRejected:
		r.ReasonCode, r.Reason = fact.ReasonCode, withoutNUL(fact.Reason)
	case domain.BookingCancelled:
		r.ReasonCode, r.Reason = fact.ReasonCode, withoutNUL(fact.Reason)
		r.CancelledBy, r.Late = fact.CancelledBy, fact.Late
	case domain.BookingCompleted:
		r.PaymentMethod, r.PaidMinor = fact.PaymentMethod, fact.PaidMinor
	case domain.BookingOutcomeCorrected:
		r.ReasonCode, r.Reason, r.CancelledBy, r.Late = "", "", "", false
		r.PaymentMethod, r.PaidMinor = fact.PaymentMethod, fact.PaidMinor
	case domain.BookingRequested, domain.BookingConfirmed, domain.BookingRescheduled, domain.BookingStaffAssigned,
		domain.BookingStaffUnassigned, domain.BookingServiceAdded, domain.BookingServiceRemoved, domain.BookingDurationChanged,
		domain.BookingNoteAdded, domain.BookingNoteRedacted, domain.BookingCheckedIn, domain.BookingSegmentStarted,
		domain.BookingSegmentFinished, domain.BookingNoShow, domain.BookingClaimFenced, domain.BookingAbandoned:
	}
}
