package domain

// StaffDayEvent is a fact on a staff-day stream. Staff-day facts are the engine's own book-keeping: no message is
// published for them.
//
//sumtype:decl
type StaffDayEvent interface {
	Event
	isStaffDay()
}

type staffDayFact struct{}

func (staffDayFact) isEvent()    {}
func (staffDayFact) isStaffDay() {}

// StaffDayClaimed says that a booking holds a piece of a member's day. A claim across 00:00 UTC stands on both days with one id and
// its whole interval.
type StaffDayClaimed struct {
	staffDayFact
	Claim
	Day       string `json:"day"` // UTC, YYYY-MM-DD
	BookingID string `json:"bookingId"`
}

// EventType returns "staffday.claimed".
func (StaffDayClaimed) EventType() string { return "staffday.claimed" }

// StaffDayReleased says that the claim no longer holds on this day.
type StaffDayReleased struct {
	staffDayFact
	ClaimID   string        `json:"claimId"`
	StaffID   string        `json:"staffId"`
	Day       string        `json:"day"`
	BookingID string        `json:"bookingId"`
	Why       ReleaseReason `json:"why"`
}

// EventType returns "staffday.released".
func (StaffDayReleased) EventType() string { return "staffday.released" }

// ReleaseReason says why a claim was released.
type ReleaseReason string

// The reasons for a release.
const (
	ReleaseDropped ReleaseReason = "dropped" // the booking named it and does so no more
	ReleaseRefused ReleaseReason = "refused" // the attempt that placed it did not come to an append
	ReleaseFenced  ReleaseReason = "fenced"  // the keeper fenced it first
)
