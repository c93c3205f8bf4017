package publishers

import (
	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// Messages returns what is published for one event, in the order in which each channel gets it. It is pure and total: no
// clock, no look-up, no failure. Events that concern nobody's page give none.
//
// Within a channel releases of time come before bookings of it. Schedule channels are fed from the event's slot difference,
// so that replaying their messages from an empty board gives the schedule; the audience files say what each audience hears.
func Messages(event eventstore.Recorded, known Directory) []Message {
	if fact, ok := event.Event.(domain.BookingEvent); ok {
		f := newBookingFanOut(event, domain.RefOf(fact), known)
		f.booking(fact)
		return f.messages
	}
	if fact, ok := event.Event.(domain.LeaveEvent); ok {
		f := newFanOut(event, domain.LeaveOf(fact).LeaveID, known)
		f.leave(fact)
		return f.messages
	}
	if fact, ok := event.Event.(domain.BranchEvent); ok {
		f := newFanOut(event, domain.BranchOf(fact), known)
		f.branch(fact)
		return f.messages
	}
	// Staff-days are the engine's own book-keeping, and the roster and the customers' standing have no live pages: what follows
	// from them for a booking is an event of the booking.
	return nil
}

func (f *bookingFanOut) booking(e domain.BookingEvent) {
	switch e := e.(type) {
	case domain.BookingRequested:
		f.requested(e)
	case domain.BookingWalkInCreated:
		f.walkedIn(e)
	case domain.BookingConfirmed:
		f.confirmed(e)
	case domain.BookingRejected:
		f.rejected(e)
	case domain.BookingCancelled:
		f.cancelled(e)
	case domain.BookingRescheduled:
		f.rescheduled(e)
	case domain.BookingStaffAssigned:
		f.staffAssigned(e)
	case domain.BookingStaffUnassigned:
		f.staffUnassigned(e)
	case domain.BookingServiceAdded:
		f.serviceAdded(e)
	case domain.BookingServiceRemoved:
		f.serviceRemoved(e)
	case domain.BookingDurationChanged:
		f.durationChanged(e)
	case domain.BookingNoteAdded:
		f.noteAdded(e)
	case domain.BookingNoteRedacted:
		f.noteRedacted(e)
	case domain.BookingCheckedIn:
		f.checkedIn(e)
	case domain.BookingSegmentStarted:
		f.segmentStarted(e)
	case domain.BookingSegmentFinished:
		f.segmentFinished(e)
	case domain.BookingCompleted:
		f.completed(e)
	case domain.BookingNoShow:
		f.noShow(e)
	case domain.BookingOutcomeCorrected:
		f.corrected(e)
	case domain.BookingClaimFenced, domain.BookingAbandoned:
		// Claims that no booking names are the keeper's business.
	}
}
