package domain

import "time"

// BookingRequested says that services are wanted at a time, and members of staff are held for them tentatively.
type BookingRequested struct {
	bookingFact
	BookingRef
	// Number is what people call the booking, such as "BK-MIT-2606-S-7QK2M".
	Number string      `json:"bookingNumber"`
	Type   ServiceType `json:"serviceType"`
	Plan
	Policy Policy `json:"policy"` // as it held at the request
	// RequiresManager: the customer's standing asks for a manager's approval.
	RequiresManager bool `json:"requiresManager"`
	// Overrides are the limits that the desk passed over.
	Overrides []Override `json:"overrides,omitempty"`
	At        time.Time  `json:"at"`
	Holding
}

// EventType returns "booking.requested".
func (BookingRequested) EventType() string { return "booking.requested" }

// BookingWalkInCreated says that a customer came without a booking and is served; the time is firm at once.
type BookingWalkInCreated struct {
	bookingFact
	BookingRef
	Number string      `json:"bookingNumber"`
	Type   ServiceType `json:"serviceType"`
	Plan
	Policy    Policy     `json:"policy"`
	Phone     *Sealed    `json:"guestPhone,omitempty"` // of a guest
	Overrides []Override `json:"overrides,omitempty"`
	At        time.Time  `json:"at"`
	Holding
}

// EventType returns "booking.walk_in_created".
func (BookingWalkInCreated) EventType() string { return "booking.walk_in_created" }

// BookingConfirmed says that a pending booking takes place; its time is firm and its staff are told.
type BookingConfirmed struct {
	bookingFact
	BookingRef
	FromStatus Status    `json:"fromStatus"`
	Segments   []Segment `json:"segments"` // all of them, with the staff as confirmed
	// Auto: the branch's policy confirmed it, not a person.
	Auto      bool       `json:"auto,omitempty"`
	Overrides []Override `json:"overrides,omitempty"`
	Holding
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
	Holding
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
	// Late: the customer cancelled inside the policy's cutoff. NoticeMinutes is what was left until the start; negative when
	// the booking had begun.
	Late          bool      `json:"late"`
	NoticeMinutes int       `json:"noticeMinutes"`
	Segments      []Segment `json:"segments"`
	At            time.Time `json:"at"`
	Holding
}

// EventType returns "booking.cancelled".
func (BookingCancelled) EventType() string { return "booking.cancelled" }
