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
	BookingID  string `json:"bookingId"`
	CustomerID string `json:"customerId"`
	BranchID   string `json:"branchId"`
	// TimeZone is the branch's IANA zone at the time of booking.
	TimeZone string `json:"timeZone"`
}

// BookingRequested says that a customer asked for services at a time, and members of staff are held for it tentatively.
type BookingRequested struct {
	bookingFact
	BookingRef
	Segments   []Segment `json:"segments"`
	TotalMinor int64     `json:"totalMinor"` // minor units of Currency
	Currency   string    `json:"currency"`   // ISO 4217
	StartAt    time.Time `json:"startAt"`
	EndAt      time.Time `json:"endAt"`
	Policy     Policy    `json:"policy"`
	Claims     []Claim   `json:"claims"` // all that the booking holds after this event
	Slots      SlotDiff  `json:"slots"`
}

// EventType returns "booking.requested".
func (BookingRequested) EventType() string { return "booking.requested" }

// BookingConfirmed says that the desk approved a pending booking; its time is firm and its staff are told.
type BookingConfirmed struct {
	bookingFact
	BookingRef
	FromStatus Status    `json:"fromStatus"`
	Segments   []Segment `json:"segments"` // all of them, with the staff as confirmed
	Claims     []Claim   `json:"claims"`
	Slots      SlotDiff  `json:"slots"`
}

// EventType returns "booking.confirmed".
func (BookingConfirmed) EventType() string { return "booking.confirmed" }

// BookingRejected says that the desk (or the clock) declined a pending booking.
type BookingRejected struct {
	bookingFact
	BookingRef
	FromStatus Status    `json:"fromStatus"`
	ReasonCode string    `json:"reasonCode"`
	Reason     string    `json:"reason"` // written for the customer
	Segments   []Segment `json:"segments"`
	Claims     []Claim   `json:"claims"` // empty: nothing is held any more
	Slots      SlotDiff  `json:"slots"`
}

// EventType returns "booking.rejected".
func (BookingRejected) EventType() string { return "booking.rejected" }

// BookingCancelled says that the booking will not take place.
type BookingCancelled struct {
	bookingFact
	BookingRef
	FromStatus  Status `json:"fromStatus"`
	CancelledBy Party  `json:"cancelledBy"`
	// ReasonCode is internal (see CancelReasons), Reason is written for the customer; either may be empty.
	ReasonCode string `json:"reasonCode,omitempty"`
	Reason     string `json:"reason,omitempty"`
	// Late: the customer cancelled inside the policy's cutoff. NoticeMinutes is what was left until the start.
	Late          bool      `json:"late"`
	NoticeMinutes int       `json:"noticeMinutes"`
	Segments      []Segment `json:"segments"`
	Claims        []Claim   `json:"claims"` // empty: nothing is held any more
	Slots         SlotDiff  `json:"slots"`
}

// EventType returns "booking.cancelled".
func (BookingCancelled) EventType() string { return "booking.cancelled" }

// BookingStaffAssigned says that a segment was given to another member of staff.
type BookingStaffAssigned struct {
	bookingFact
	BookingRef
	Status          Status   `json:"status"` // unchanged by the event
	Segment         Segment  `json:"segment"`
	PreviousStaffID string   `json:"previousStaffId"`
	Claims          []Claim  `json:"claims"`
	Slots           SlotDiff `json:"slots"`
}

// EventType returns "booking.staff_assigned".
func (BookingStaffAssigned) EventType() string { return "booking.staff_assigned" }

// BookingClaimFenced says that the claim keeper found claims that the booking does not name and bars them for ever. It changes
// nothing in the booking; a command that was paused between claiming and appending now fails its append.
type BookingClaimFenced struct {
	fenceFact
	BookingID string   `json:"bookingId"`
	ClaimIDs  []string `json:"claimIds"`
}

// EventType returns "booking.claim_fenced".
func (BookingClaimFenced) EventType() string { return "booking.claim_fenced" }

// BookingAbandoned is the BookingClaimFenced of a booking that never came to exist. It folds to "nothing has happened", so a
// request may still follow.
type BookingAbandoned struct {
	fenceFact
	BookingID string   `json:"bookingId"`
	ClaimIDs  []string `json:"claimIds"`
}

// EventType returns "booking.abandoned".
func (BookingAbandoned) EventType() string { return "booking.abandoned" }

// IsFence reports whether e only fences claims. Fences change nothing that a user can see, so revisions shown to users
// (ETag) do not count them.
func IsFence(e Event) bool {
	_, ok := e.(interface{ isFence() })
	return ok
}
