package domain

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
		Segments: b.Segments, Claims: []Claim{}, Slots: DiffSlots(b.Slots(), nil),
	}}, nil
}
