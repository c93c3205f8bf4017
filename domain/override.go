package domain

import "slices"

// Override names a limit that the desk passed over. No override lets two bookings overlap.
type Override string

// The overrides. Lead time and horizon bind customers only, so the desk never asks for these two: they are recorded where it
// exceeds them. The other two it asks for.
const (
	OverrideLeadTime Override = "lead_time"
	OverrideHorizon  Override = "horizon"
	// OverrideHours books outside the opening hours or the shift.
	OverrideHours Override = "hours"
	// OverrideBuffer books without the buffers before and after.
	OverrideBuffer Override = "buffer"
)

func overriding(overrides []Override, o Override) bool { return slices.Contains(overrides, o) }

// backdating is how long after its start the desk may still enter or confirm a booking: the customer stands there.
const backdating = 15

// errPast refuses starts that lie too far back even for the desk.
func errPast() *Refusal {
	return Refuse(Unprocessable, CodeLeadTime, "the start lies more than %d minutes in the past", backdating)
}
