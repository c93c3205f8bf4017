package domain

import "time"

// LateCancelRule says what becomes of a customer's cancellation inside the cutoff.
type LateCancelRule string

// The rules for late cancellations.
const (
	// LateCancelFlag lets it pass and flags it.
	LateCancelFlag LateCancelRule = "allow_and_flag"
	// LateCancelBlock refuses it.
	LateCancelBlock LateCancelRule = "block"
)

// Policy is a branch's rules for booking. A booking keeps the policy that held when it was requested. All times are whole
// minutes. The limits bind customers, not the desk.
type Policy struct {
	// LeadMinutes is how long before its start a customer must book.
	LeadMinutes int `json:"leadMinutes"`
	// HorizonDays is how far ahead a customer may book, in days of 24 h.
	HorizonDays int `json:"horizonDays"`
	// ActiveCap is how many bookings a customer may have ahead of him at once: pending, confirmed or checked in.
	ActiveCap int `json:"activeCap"`
	// SlotStepMinutes is the grid of the starts that are offered, counted from local midnight.
	SlotStepMinutes int `json:"slotStepMinutes"`
	// CancelCutoffMinutes: a customer who cancels later than this before the start is late; LateCancel says what then.
	CancelCutoffMinutes int            `json:"cancelCutoffMinutes"`
	LateCancel          LateCancelRule `json:"lateCancel"`
	// MaxReschedules is how often a customer may move a booking, RescheduleCutoffMinutes how long before the start at the
	// latest. RescheduleReapprove makes a confirmed booking that he moves pending again.
	MaxReschedules          int  `json:"maxReschedules"`
	RescheduleCutoffMinutes int  `json:"rescheduleCutoffMinutes"`
	RescheduleReapprove     bool `json:"rescheduleReapprove"`
	// NoShowGraceMinutes is how long after its end a booking that nobody has started becomes a no-show by itself,
	// ManualNoShowGraceMinutes how long after its start the desk may say so.
	NoShowGraceMinutes       int `json:"noShowGraceMinutes"`
	ManualNoShowGraceMinutes int `json:"manualNoShowGraceMinutes"`
	// PendingExpiryMinutes is how long a request waits for an answer; it ends sooner where the lead time before the start
	// begins.
	PendingExpiryMinutes int `json:"pendingExpiryMinutes"`
	// AutoConfirm confirms requests at once, but for customers whose bookings need a manager.
	AutoConfirm bool `json:"autoConfirm"`
	// StaffMayAddServices lets the staff of a booking add services to it while it is under way.
	StaffMayAddServices bool `json:"staffMayAddServices"`
	// BufferPastShift lets the buffer after a service reach past the end of the shift and of the opening hours.
	BufferPastShift bool `json:"bufferPastShift"`
}

// DefaultPolicy returns the policy of a branch that sets none.
func DefaultPolicy() Policy {
	return Policy{
		LeadMinutes: 60, HorizonDays: 30, ActiveCap: 3, SlotStepMinutes: 15,
		CancelCutoffMinutes: 240, LateCancel: LateCancelFlag,
		MaxReschedules: 2, RescheduleCutoffMinutes: 60,
		NoShowGraceMinutes: 15, ManualNoShowGraceMinutes: 15, PendingExpiryMinutes: 1440,
	}
}

func minutes(n int) time.Duration { return time.Duration(n) * time.Minute }

// Expiry returns when a request that nobody answers is declined: after PendingExpiryMinutes, or when the lead time before the
// start begins, whichever comes first; but never before the request itself plus a minute, because the desk may enter what
// begins at once.
func (p Policy) Expiry(since, start time.Time) time.Time {
	at := since.Add(minutes(p.PendingExpiryMinutes))
	if lead := start.Add(-minutes(p.LeadMinutes)); lead.Before(at) {
		at = lead
	}
	if soonest := since.Add(time.Minute); at.Before(soonest) {
		at = soonest
	}
	return at
}
