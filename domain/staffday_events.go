package domain

import "time"

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
	BranchID  string `json:"branchId"`
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

// StaffDayBlocked says that a leave takes a piece of the day: no claim is placed over it from now on. Like a claim it stands
// on each day that it touches, with its whole interval.
type StaffDayBlocked struct {
	staffDayFact
	LeaveID string    `json:"leaveId"`
	StaffID string    `json:"staffId"`
	Day     string    `json:"day"`
	StartAt time.Time `json:"startAt"`
	EndAt   time.Time `json:"endAt"`
	// Conflicts are the claims that stood there already. Each is closed by reassigning, moving or cancelling its booking.
	Conflicts []LeaveConflict `json:"conflicts"`
}

// EventType returns "staffday.blocked".
func (StaffDayBlocked) EventType() string { return "staffday.blocked" }

// StaffDayUnblocked says that a leave takes nothing of the day any more.
type StaffDayUnblocked struct {
	staffDayFact
	LeaveID string `json:"leaveId"`
	StaffID string `json:"staffId"`
	Day     string `json:"day"`
}

// EventType returns "staffday.unblocked".
func (StaffDayUnblocked) EventType() string { return "staffday.unblocked" }

// LeaveConflict is a booking's claim that a leave overlaps.
type LeaveConflict struct {
	ClaimID   string    `json:"claimId"`
	BookingID string    `json:"bookingId"`
	SegmentID string    `json:"segmentId"`
	BranchID  string    `json:"branchId"`
	StartAt   time.Time `json:"startAt"`
	EndAt     time.Time `json:"endAt"`
}
