package domain

import "time"

// BookingRescheduled says that the booking moved to another time, perhaps to other staff.
type BookingRescheduled struct {
	bookingFact
	BookingRef
	FromStatus Status `json:"fromStatus"`
	// ToStatus differs from FromStatus where the policy asks for another approval.
	ToStatus Status `json:"toStatus"`
	// FromSegments are those before; the plan has those after.
	FromSegments []Segment `json:"fromSegments"`
	Plan
	By Party `json:"by"`
	// CustomerReschedules and DeskReschedules count the moves so far, this one included.
	CustomerReschedules int        `json:"customerReschedules"`
	DeskReschedules     int        `json:"deskReschedules"`
	Reason              string     `json:"reason,omitempty"` // written for the customer
	Overrides           []Override `json:"overrides,omitempty"`
	At                  time.Time  `json:"at"`
	Holding
}

// EventType returns "booking.rescheduled".
func (BookingRescheduled) EventType() string { return "booking.rescheduled" }

// BookingStaffAssigned says that a segment was given to a member of staff.
type BookingStaffAssigned struct {
	bookingFact
	BookingRef
	Status          Status     `json:"status"` // unchanged by the event
	Segment         Segment    `json:"segment"`
	PreviousStaffID string     `json:"previousStaffId,omitempty"`
	Overrides       []Override `json:"overrides,omitempty"`
	Holding
}

// EventType returns "booking.staff_assigned".
func (BookingStaffAssigned) EventType() string { return "booking.staff_assigned" }

// BookingStaffUnassigned says that a segment has nobody any more. A confirmed booking stays confirmed, and needs staff.
type BookingStaffUnassigned struct {
	bookingFact
	BookingRef
	Status          Status  `json:"status"` // unchanged by the event
	Segment         Segment `json:"segment"`
	PreviousStaffID string  `json:"previousStaffId"`
	Reason          string  `json:"reason,omitempty"` // internal
	Holding
}

// EventType returns "booking.staff_unassigned".
func (BookingStaffUnassigned) EventType() string { return "booking.staff_unassigned" }

// BookingServiceAdded says that a service was added, at the end or before another one.
type BookingServiceAdded struct {
	bookingFact
	BookingRef
	Status  Status  `json:"status"` // unchanged by the event
	Segment Segment `json:"segment"`
	Plan
	Overrides []Override `json:"overrides,omitempty"`
	Holding
}

// EventType returns "booking.service_added".
func (BookingServiceAdded) EventType() string { return "booking.service_added" }

// BookingServiceRemoved says that a service was left out; those after it begin sooner.
type BookingServiceRemoved struct {
	bookingFact
	BookingRef
	Status  Status  `json:"status"` // unchanged by the event
	Segment Segment `json:"segment"`
	Plan
	Reason string `json:"reason,omitempty"` // internal
	Holding
}

// EventType returns "booking.service_removed".
func (BookingServiceRemoved) EventType() string { return "booking.service_removed" }

// BookingDurationChanged says that a service takes more or less time than booked; those after it move.
type BookingDurationChanged struct {
	bookingFact
	BookingRef
	Status      Status  `json:"status"` // unchanged by the event
	Segment     Segment `json:"segment"`
	FromMinutes int     `json:"fromMinutes"`
	ToMinutes   int     `json:"toMinutes"`
	Plan
	Reason    string     `json:"reason,omitempty"` // internal
	Overrides []Override `json:"overrides,omitempty"`
	Holding
}

// EventType returns "booking.duration_changed".
func (BookingDurationChanged) EventType() string { return "booking.duration_changed" }
