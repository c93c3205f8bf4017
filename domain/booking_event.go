package domain

import "time"

// BookingEvent is a fact on a booking stream.
//
//sumtype:decl
type BookingEvent interface {
	Event
	isBooking()
}

// bookingFact seals an event as a BookingEvent; it adds nothing to the JSON.
type bookingFact struct{}

func (bookingFact) isEvent()   {}
func (bookingFact) isBooking() {}

// fenceFact marks a BookingEvent that only fences claims.
type fenceFact struct{ bookingFact }

func (fenceFact) isFence() {}

// BookingRef says whose booking a fact is about and where; with it every fact can be routed without a look-up.
type BookingRef struct {
	BookingID string `json:"bookingId"`
	// CustomerID is empty for a guest, whose name is sealed.
	CustomerID string  `json:"customerId,omitempty"`
	GuestName  *Sealed `json:"guestName,omitempty"`
	BranchID   string  `json:"branchId"`
	// TimeZone is the branch's IANA zone at the time of booking.
	TimeZone string `json:"timeZone"`
}

// Holding is what a booking occupies after an event: it is carried by every event that may change that.
type Holding struct {
	// Claims are all that the booking names from now on; empty when it holds nothing any more.
	Claims []Claim `json:"claims"`
	// Slots is how the schedule changes.
	Slots SlotDiff `json:"slots"`
}

// Plan is what takes place: the services with their times and the money.
type Plan struct {
	Segments   []Segment `json:"segments"` // all of them, in the order in which they are done
	TotalMinor int64     `json:"totalMinor"`
	Currency   string    `json:"currency"` // ISO 4217
	StartAt    time.Time `json:"startAt"`  // that of the first segment
	EndAt      time.Time `json:"endAt"`    // that of the last
}

// IsFence reports whether e only fences claims. Fences change nothing that a user can see, so revisions shown to users
// (ETag) do not count them.
func IsFence(e Event) bool {
	_, ok := e.(interface{ isFence() })
	return ok
}
