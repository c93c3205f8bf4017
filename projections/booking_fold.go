package projections

import (
	"cmp"
	"slices"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// bookingFold is a batch as it is folded in memory.
type bookingFold struct {
	cards    map[string]*bookingRow
	restaff  map[string]bool // bookings whose staff rows must be written again
	notes    noteFold
	timeline []timelineRow
}

// add folds one event. What a card shows follows from the domain's own fold, so that a page can never disagree with the
// aggregate.
func (f *bookingFold) add(e eventstore.Recorded, fact domain.BookingEvent) error {
	id := domain.BookingOf(fact)
	row := f.cards[id]
	if row == nil {
		if domain.IsFence(fact) {
			return nil // the booking does not exist, and does not by this
		}
		if !begins(fact) {
			return errCannotApply(e, "the booking was never requested")
		}
		row = &bookingRow{RequestedAt: toInstant(e.Metadata.OccurredAt), StreamRevision: e.Revision - 1}
		f.cards[id] = row
	}
	if is, err := follows(e, row.StreamRevision); !is {
		return err
	}
	row.changed, row.StreamRevision = true, e.Revision
	if !domain.IsFence(fact) {
		f.fold(row, e, fact)
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
	before, staff := row.state(), row.assigned()
	after := before.Evolve(fact)
	row.take(after)
	row.Revision, row.Position, row.UpdatedAt = e.Revision, e.Position, toInstant(e.Metadata.OccurredAt)
	row.ending(fact)
	if !slices.Equal(staff, row.assigned()) {
		f.restaff[row.BookingID] = true
	}
	f.notes.add(e, fact)
	f.timeline = append(f.timeline, newTimelineRow(e, fact, before, after))
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

// changed lists the cards to write, in the order of their keys.
func (f *bookingFold) changed() []*bookingRow {
	var rows []*bookingRow
	for _, r := range f.cards {
		if r.changed {
			rows = append(rows, r)
		}
	}
	slices.SortFunc(rows, func(a, b *bookingRow) int { return cmp.Compare(a.BookingID, b.BookingID) })
	return rows
}
