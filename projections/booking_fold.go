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
	timeline []timelineRow
}

// add folds one event. Status, segments and money follow from the domain's own fold, so that a page can never disagree
// with the aggregate.
func (f *bookingFold) add(e eventstore.Recorded, fact domain.BookingEvent) error {
	id := domain.BookingOf(fact)
	row := f.cards[id]
	if row == nil {
		switch fact.(type) {
		case domain.BookingRequested:
			row = &bookingRow{RequestedAt: toMicros(e.Metadata.OccurredAt), StreamRevision: e.Revision - 1}
			f.cards[id] = row
		case domain.BookingClaimFenced, domain.BookingAbandoned:
			return nil // the booking does not exist, and does not by this
		case domain.BookingConfirmed, domain.BookingRejected, domain.BookingCancelled, domain.BookingStaffAssigned:
			return errCannotApply(e, "the booking was never requested")
		}
	}
	switch {
	case e.Revision <= row.StreamRevision:
		return nil // folded already: a revision never goes down
	case e.Revision > row.StreamRevision+1:
		return errCannotApply(e, "an event before it is missing")
	}
	f.fold(row, e, fact)
	return nil
}

func (f *bookingFold) fold(row *bookingRow, e eventstore.Recorded, fact domain.BookingEvent) {
	row.changed = true
	row.StreamRevision = e.Revision
	if domain.IsFence(fact) {
		return
	}
	from, staff := row.Status, row.staffIDs()
	row.take(row.state().Evolve(fact))
	row.Revision, row.Position, row.UpdatedAt = e.Revision, e.Position, toMicros(e.Metadata.OccurredAt)
	row.ending(fact)
	if !slices.Equal(staff, row.staffIDs()) {
		f.restaff[row.BookingID] = true
	}
	f.timeline = append(f.timeline, newTimelineRow(e, fact, from, row.Status))
}

// ending notes how and why a booking came to its end.
func (r *bookingRow) ending(fact domain.BookingEvent) {
	switch fact := fact.(type) {
	case domain.BookingRejected:
		r.ReasonCode, r.Reason = fact.ReasonCode, withoutNUL(fact.Reason)
	case domain.BookingCancelled:
		r.ReasonCode, r.Reason = fact.ReasonCode, withoutNUL(fact.Reason)
		r.CancelledBy, r.Late = fact.CancelledBy, fact.Late
	case domain.BookingRequested, domain.BookingConfirmed, domain.BookingStaffAssigned,
		domain.BookingClaimFenced, domain.BookingAbandoned:
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
