package projections

import (
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// Standing is what counts for or against a customer. It is for the desk. The zero Standing is a good one.
type Standing struct {
	CustomerID string `json:"customerId"`
	// NoShows and LateCancellations are those that count, the oldest first.
	NoShows           []Counted `json:"noShows"`
	LateCancellations []Counted `json:"lateCancellations"`
	// NeedsApproval: his bookings need a manager, since RequiredAt, because of a no-show too many.
	NeedsApproval bool      `json:"needsApproval"`
	RequiredAt    time.Time `json:"requiredAt,omitzero"`
	RequiredFor   string    `json:"requiredFor,omitempty"` // the booking
	// Cleared is when and why he was last cleared; nil: never.
	Cleared *Clearing `json:"cleared,omitempty"`
	// ErasedAt is when what was known of him as a person was last deleted; zero: never.
	ErasedAt time.Time `json:"erasedAt,omitzero"`
	// Revision is that of the last event of the customer: the standing's ETag; -1 when there is none.
	Revision eventstore.Revision `json:"revision"`
	Position eventstore.Position `json:"position"` // of the read
}

// Counted is a booking that counts.
type Counted struct {
	BookingID string    `json:"bookingId"`
	At        time.Time `json:"at"` // UTC
}

// Clearing is how a customer came to need no manager any more.
type Clearing struct {
	At     time.Time        `json:"at"` // UTC
	By     domain.ClearedBy `json:"by"`
	Actor  domain.Actor     `json:"actor"`
	Reason string           `json:"reason,omitempty"` // internal
}
