package domain

// BookingOf returns the id of the booking that a fact is about.
func BookingOf(e BookingEvent) string {
	switch e := e.(type) {
	case BookingRequested:
		return e.BookingID
	case BookingConfirmed:
		return e.BookingID
	case BookingRejected:
		return e.BookingID
	case BookingCancelled:
		return e.BookingID
	case BookingStaffAssigned:
		return e.BookingID
	case BookingClaimFenced:
		return e.BookingID
	case BookingAbandoned:
		return e.BookingID
	}
	return ""
}
