package domain

import "time"

// CustomerEvent is a fact on a customer's stream: his standing with the chain.
//
//sumtype:decl
type CustomerEvent interface {
	Event
	isCustomer()
}

type customerFact struct{}

func (customerFact) isEvent()    {}
func (customerFact) isCustomer() {}

// CustomerNoShowCounted says that a no-show counts against the customer, or, withdrawn, that it does no more.
type CustomerNoShowCounted struct {
	customerFact
	CustomerID string    `json:"customerId"`
	BookingID  string    `json:"bookingId"`
	At         time.Time `json:"at"` // when the customer did not come
	Withdrawn  bool      `json:"withdrawn,omitempty"`
	// Count is how many no-shows lie in the window that ends with this one, WindowStart when the first of them was. Both are
	// zero when withdrawn.
	Count       int       `json:"count"`
	WindowStart time.Time `json:"windowStart,omitzero"`
}

// EventType returns "customer.no_show_counted".
func (CustomerNoShowCounted) EventType() string { return "customer.no_show_counted" }

// CustomerLateCancellationCounted says that the customer cancelled inside the cutoff.
type CustomerLateCancellationCounted struct {
	customerFact
	CustomerID string    `json:"customerId"`
	BookingID  string    `json:"bookingId"`
	At         time.Time `json:"at"`
	Withdrawn  bool      `json:"withdrawn,omitempty"`
	Count      int       `json:"count"` // ever
}

// EventType returns "customer.late_cancellation_counted".
func (CustomerLateCancellationCounted) EventType() string {
	return "customer.late_cancellation_counted"
}

// CustomerApprovalRequired says that the customer's bookings need a manager's approval from now on.
type CustomerApprovalRequired struct {
	customerFact
	CustomerID string `json:"customerId"`
	// BookingID is the no-show that was one too many.
	BookingID string    `json:"bookingId"`
	At        time.Time `json:"at"`
}

// EventType returns "customer.approval_required".
func (CustomerApprovalRequired) EventType() string { return "customer.approval_required" }

// ClearedBy says why a customer's bookings need no manager any more.
type ClearedBy string

// The ways to be cleared.
const (
	ClearedByVisits     ClearedBy = "visits"     // enough completed visits in a row
	ClearedByManager    ClearedBy = "manager"    // a manager said so
	ClearedByCorrection ClearedBy = "correction" // a no-show turned out to be none
)

// CustomerApprovalCleared says that the customer's bookings need no manager any more.
type CustomerApprovalCleared struct {
	customerFact
	CustomerID string    `json:"customerId"`
	By         ClearedBy `json:"by"`
	Reason     string    `json:"reason,omitempty"` // internal
	At         time.Time `json:"at"`
}

// EventType returns "customer.approval_cleared".
func (CustomerApprovalCleared) EventType() string { return "customer.approval_cleared" }

// CustomerErased says that what was known of the customer as a person is deleted: his keys, name and calendars.
type CustomerErased struct {
	customerFact
	CustomerID string    `json:"customerId"`
	At         time.Time `json:"at"`
}

// EventType returns "customer.erased".
func (CustomerErased) EventType() string { return "customer.erased" }

// CustomerOf returns the id of the customer that a fact is about.
func CustomerOf(e CustomerEvent) string {
	switch e := e.(type) {
	case CustomerNoShowCounted:
		return e.CustomerID
	case CustomerLateCancellationCounted:
		return e.CustomerID
	case CustomerApprovalRequired:
		return e.CustomerID
	case CustomerApprovalCleared:
		return e.CustomerID
	case CustomerErased:
		return e.CustomerID
	}
	return ""
}
