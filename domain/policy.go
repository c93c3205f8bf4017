package domain

// Policy is a branch's rules for booking. A booking keeps the policy that held when it was requested.
type Policy struct {
	// LeadMinutes is how long before its start a customer must book.
	LeadMinutes int `json:"leadMinutes"`
	// HorizonDays is how far ahead a customer may book, in days of 24 h.
	HorizonDays int `json:"horizonDays"`
	// ActiveCap is how many pending and confirmed bookings a customer may have at once.
	ActiveCap int `json:"activeCap"`
	// CancelCutoffMinutes: a customer who cancels later than this before the start is flagged as late.
	CancelCutoffMinutes int `json:"cancelCutoffMinutes"`
}

// DefaultPolicy returns the policy of a branch that sets none: 60 min lead, 30 days, 3 active bookings, 4 h cutoff.
func DefaultPolicy() Policy {
	return Policy{LeadMinutes: 60, HorizonDays: 30, ActiveCap: 3, CancelCutoffMinutes: 240}
}
