package domain

import "time"

// PaymentMethod is how a visit was paid.
type PaymentMethod string

// The payment methods.
const (
	PaidCash PaymentMethod = "cash"
	PaidUPI  PaymentMethod = "upi"
	PaidCard PaymentMethod = "card"
)

// BookingCheckedIn says that the customer has arrived.
type BookingCheckedIn struct {
	bookingFact
	BookingRef
	FromStatus Status    `json:"fromStatus"`
	Segments   []Segment `json:"segments"`
	ArrivedAt  time.Time `json:"arrivedAt"`
	// LocalDates are the branch-local dates on whose schedules it is: its slots stay, and their looks change.
	LocalDates []string `json:"localDates"`
}

// EventType returns "booking.checked_in".
func (BookingCheckedIn) EventType() string { return "booking.checked_in" }

// BookingSegmentStarted says that a service has begun; the first one puts the booking in progress.
type BookingSegmentStarted struct {
	bookingFact
	BookingRef
	FromStatus Status    `json:"fromStatus"`
	Segment    Segment   `json:"segment"`
	At         time.Time `json:"at"`
	// StaffIDs are all who work on the booking, LocalDates the branch-local dates on whose schedules it is: the start of one
	// service concerns them all.
	StaffIDs   []string `json:"staffIds"`
	LocalDates []string `json:"localDates"`
}

// EventType returns "booking.segment_started".
func (BookingSegmentStarted) EventType() string { return "booking.segment_started" }

// BookingSegmentFinished says that a service is done; its member is free from then on, but for the buffer.
type BookingSegmentFinished struct {
	bookingFact
	BookingRef
	Segment Segment   `json:"segment"`
	At      time.Time `json:"at"`
	Holding
}

// EventType returns "booking.segment_finished".
func (BookingSegmentFinished) EventType() string { return "booking.segment_finished" }

// BookingCompleted says that the customer has paid and left.
type BookingCompleted struct {
	bookingFact
	BookingRef
	FromStatus    Status        `json:"fromStatus"`
	Segments      []Segment     `json:"segments"` // all of them, with the times at which they really took place
	PaymentMethod PaymentMethod `json:"paymentMethod"`
	PaidMinor     int64         `json:"paidMinor"` // minor units of Currency
	Currency      string        `json:"currency"`
	WalkIn        bool          `json:"walkIn,omitempty"`
	CompletedAt   time.Time     `json:"completedAt"`
	// LocalDates are the branch-local dates on whose schedules it still is.
	LocalDates []string `json:"localDates"`
	Holding
}

// EventType returns "booking.completed".
func (BookingCompleted) EventType() string { return "booking.completed" }

// BookingNoShow says that the customer did not come. What is left of the time is free.
type BookingNoShow struct {
	bookingFact
	BookingRef
	FromStatus Status    `json:"fromStatus"`
	Segments   []Segment `json:"segments"`
	// Auto: the clock said so, not the desk.
	Auto bool `json:"auto"`
	// CountsTowardTier: walk-ins never count against a customer.
	CountsTowardTier bool      `json:"countsTowardTier"`
	At               time.Time `json:"at"`
	// LocalDates are the branch-local dates on whose schedules it still is, with the time that had passed.
	LocalDates []string `json:"localDates"`
	Holding
}

// EventType returns "booking.no_show".
func (BookingNoShow) EventType() string { return "booking.no_show" }

// BookingOutcomeCorrected says that an outcome was wrong and what is right.
type BookingOutcomeCorrected struct {
	bookingFact
	BookingRef
	FromStatus Status    `json:"fromStatus"`
	ToStatus   Status    `json:"toStatus"`
	Reason     string    `json:"reason"` // internal
	Segments   []Segment `json:"segments"`
	// PaymentMethod and PaidMinor (minor units of Currency) are of what turned out to be completed, where the desk knows them.
	PaymentMethod PaymentMethod `json:"paymentMethod,omitempty"`
	PaidMinor     int64         `json:"paidMinor,omitempty"`
	Currency      string        `json:"currency,omitempty"`
	WalkIn        bool          `json:"walkIn,omitempty"`
	At            time.Time     `json:"at"`
	// LocalDates are the branch-local dates on whose schedules it is from now on.
	LocalDates []string `json:"localDates"`
	Holding
}

// EventType returns "booking.outcome_corrected".
func (BookingOutcomeCorrected) EventType() string { return "booking.outcome_corrected" }
