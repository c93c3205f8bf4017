package domain

// Fence returns the fact that bars claims which the booking does not name, so that a command which placed them and was
// paused cannot append any more. Claims that the booking names are left out; no fact when none is left.
func (b Booking) Fence(bookingID string, claimIDs []string) []BookingEvent {
	var stray []string
	for _, id := range claimIDs {
		if !containsClaim(b.Claims, id) {
			stray = append(stray, id)
		}
	}
	if len(stray) == 0 {
		return nil
	}
	if b.Status == StatusNone {
		return []BookingEvent{BookingAbandoned{BookingID: bookingID, ClaimIDs: stray}}
	}
	return []BookingEvent{BookingClaimFenced{BookingID: bookingID, ClaimIDs: stray}}
}
