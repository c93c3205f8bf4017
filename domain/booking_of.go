package domain

// RefOf returns whose booking a fact is about. Of a fence it knows the booking's id only.
func RefOf(e BookingEvent) BookingRef {
	switch e := e.(type) {
	case BookingRequested:
		return e.BookingRef
	case BookingWalkInCreated:
		return e.BookingRef
	case BookingConfirmed:
		return e.BookingRef
	case BookingRejected:
		return e.BookingRef
	case BookingCancelled:
		return e.BookingRef
	case BookingRescheduled:
		return e.BookingRef
	case BookingStaffAssigned:
		return e.BookingRef
	case BookingStaffUnassigned:
		return e.BookingRef
	case BookingServiceAdded:
		return e.BookingRef
	case BookingServiceRemoved:
		return e.BookingRef
	case BookingDurationChanged:
		return e.BookingRef
	case BookingCheckedIn:
		return e.BookingRef
	case BookingSegmentStarted:
		return e.BookingRef
	case BookingSegmentFinished:
		return e.BookingRef
	case BookingCompleted:
		return e.BookingRef
	case BookingNoShow:
		return e.BookingRef
	case BookingOutcomeCorrected:
		return e.BookingRef
	case BookingNoteAdded:
		return e.BookingRef
	case BookingNoteRedacted:
		return e.BookingRef
	case BookingClaimFenced:
		return BookingRef{BookingID: e.BookingID}
	case BookingAbandoned:
		return BookingRef{BookingID: e.BookingID}
	}
	return BookingRef{}
}

// BookingOf returns the id of the booking that a fact is about.
func BookingOf(e BookingEvent) string { return RefOf(e).BookingID }
