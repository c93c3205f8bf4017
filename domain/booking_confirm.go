package domain

import (
	"slices"
	"strconv"
	"time"
)

// SegmentID names the segment at a place in the request, counted from 0. It is unique within its booking only.
func SegmentID(index int) string { return "seg_" + strconv.Itoa(index+1) }

// Confirm is what the desk decides when it approves a booking.
type Confirm struct {
	// Staff maps segment ids to the member who shall do them; a segment that is missing keeps the one who was held.
	Staff      map[string]string
	Now        time.Time
	NewClaimID func() string
}

// Confirm returns the fact that a pending booking takes place, with the staff as given.
func (b Booking) Confirm(c Confirm) ([]BookingEvent, error) {
	if b.Status != StatusPending {
		return nil, b.wrongStatus("approved")
	}
	if c.Now.After(b.StartAt.Add(backdating)) {
		return nil, Refuse(Unprocessable, CodeBusinessRule, "the start lies more than 15 minutes in the past")
	}
	for id := range c.Staff {
		if _, ok := b.Segment(id); !ok {
			return nil, errNoSegment(id)
		}
	}
	after := b
	after.Status = StatusConfirmed
	after.Segments = slices.Clone(b.Segments)
	for i, s := range after.Segments {
		if staff, ok := c.Staff[s.SegmentID]; ok {
			after.Segments[i].StaffID = staff
		}
	}
	return []BookingEvent{BookingConfirmed{
		BookingRef: b.BookingRef, FromStatus: b.Status, Segments: after.Segments,
		Claims: claimsFor(after.Segments, b.Claims, c.NewClaimID),
		Slots:  DiffSlots(b.Slots(), after.Slots()),
	}}, nil
}

func errNoSegment(id string) *Refusal {
	return Refuse(Unprocessable, CodeValidation, "the booking has no segment %q", id)
}
