package domain

import "time"

// ReasonExpired is the code of a rejection by the clock.
const ReasonExpired = "expired_unanswered"

// Reject is the salon's "no" to a request.
type Reject struct {
	ReasonCode string
	Reason     string // written for the customer
}

// Reject returns the fact that a pending booking is declined; its time is free again.
func (b Booking) Reject(r Reject) ([]BookingEvent, error) {
	if b.Status != StatusPending {
		return nil, b.wrongStatus("rejected")
	}
	return []BookingEvent{BookingRejected{
		BookingRef: b.BookingRef, FromStatus: b.Status, ReasonCode: r.ReasonCode, Reason: r.Reason,
		Segments: b.Segments, Holding: b.nothing(),
	}}, nil
}

// ExpiresAt returns when the clock declines a pending booking that nobody answers; ok is false for all others.
func (b Booking) ExpiresAt() (at time.Time, ok bool) {
	if b.Status != StatusPending {
		return time.Time{}, false
	}
	return b.Policy.Expiry(b.PendingSince, b.StartAt), true
}

// Expire returns the fact that nobody answered in time. It is for the clock, which may come late or twice: where there is
// nothing to do there is no fact, and no refusal.
func (b Booking) Expire(now time.Time) ([]BookingEvent, error) {
	at, ok := b.ExpiresAt()
	if !ok || now.Before(at) {
		return nil, nil
	}
	return b.Reject(Reject{ReasonCode: ReasonExpired, Reason: "The salon did not answer in time."})
}
