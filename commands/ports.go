package commands

import (
	"context"
	"time"

	"github.com/royalglow/booking/commands/internal/aggregate"
	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// Store is the log as commands need it; *eventstore.Store is one.
type Store = aggregate.Store

// Reads is what commands ask of the read models. All of it may be behind: it proposes, warns and fills in; what must hold is
// checked on the streams.
type Reads interface {
	// StaffFor names members who could do a service while they would be busy, the best first.
	StaffFor(ctx context.Context, branchID, serviceID string, busy []domain.Interval) (staffIDs []string, err error)
	// Doubted names the members of segments of a booking who seem not to work at its branch any more, or not to do the service.
	Doubted(ctx context.Context, branchID string, segments []domain.Segment) (staffIDs []string, err error)
	// SeenBookings waits until the bookings below are read as of a position of the log, or ctx ends.
	SeenBookings(ctx context.Context, at eventstore.Position) error
	// ActiveBookings counts a customer's bookings that are still ahead.
	ActiveBookings(ctx context.Context, customerID string) (int, error)
	// NeedsApproval reports whether a customer's bookings need a manager. Who sets that flag follows the log at a distance, too:
	// to read the customer's stream would cost a request two calls, and tell it nothing that is surer.
	NeedsApproval(ctx context.Context, customerID string) (bool, error)
	// Overlapping reports whether the customer has a booking at that time, another than the one that is named.
	Overlapping(ctx context.Context, customerID string, during domain.Interval, exceptBookingID string) (bool, error)
	// OwnTime lists when the customer has bookings, another than the one that is named.
	OwnTime(ctx context.Context, customerID, exceptBookingID string) ([]domain.Interval, error)
	// ClosureConflicts lists the open bookings of a branch that overlap a time, OnShift the members who work there then.
	ClosureConflicts(ctx context.Context, branchID string, during domain.Interval) (bookingIDs []string, err error)
	OnShift(ctx context.Context, branchID string, during domain.Interval) (staffIDs []string, err error)
	// Nearest returns up to Limit times at which what is wanted is free, the nearest to the wanted start first.
	Nearest(ctx context.Context, w Wanted) ([]Alternative, error)
}

// Wanted is what a refused command wanted.
type Wanted struct {
	BranchID string
	// Segments are as they were wanted, end to end. One without a member may be done by anyone.
	Segments []domain.Segment
	// ExceptBookingID is the booking whose own time does not count.
	ExceptBookingID string
	// Policy binds the search where a customer asks; nil for the desk.
	Policy *domain.Policy
	Limit  int
}

// Alternative is a time at which what was wanted is free.
type Alternative struct {
	StartAt    time.Time `json:"startAt" doc:"When it would begin."`
	EndAt      time.Time `json:"endAt" doc:"When it would end."`
	LocalDate  string    `json:"localDate" doc:"The start on the branch's calendar."`
	LocalStart string    `json:"localStart" doc:"The start on the branch's clocks, HH:MM."`
	StaffIDs   []string  `json:"staffIds,omitempty" doc:"Who would do the services, in their order. Customers are not told."`
}

const (
	// maxAlternatives is how many other times a refusal names.
	maxAlternatives = 5
	// lookedAt is among how many they are looked for where some may not suit: a long booking of the customer's own takes many.
	lookedAt = 40
)

// Vault seals texts that must not stand in the log in clear.
type Vault interface {
	// Seal encrypts a text under a key of its own, which is durable before it returns. The key goes with the subject: a customer,
	// a member of staff, or the booking of a guest.
	Seal(ctx context.Context, subject string, kind domain.SecretKind, text string) (domain.Sealed, error)
	// Discard deletes keys of texts that came to nothing.
	Discard(ctx context.Context, keyIDs ...string) error
}
