package domain

import (
	"slices"
	"time"
)

// Status is where a booking is in its life.
type Status string

// The statuses. The zero Status belongs to a booking that nobody has requested.
const (
	StatusNone      Status = ""
	StatusPending   Status = "pending"
	StatusConfirmed Status = "confirmed"
	StatusRejected  Status = "rejected"
	StatusCancelled Status = "cancelled"
)

// Statuses lists every status that a stored booking can have.
func Statuses() []Status {
	return []Status{StatusPending, StatusConfirmed, StatusRejected, StatusCancelled}
}

// Occupies reports whether a booking in this status holds its staff's time.
func (s Status) Occupies() bool { return s == StatusPending || s == StatusConfirmed }

// slotKind is how firmly a booking in this status holds its time; meaningful only where Occupies.
func (s Status) slotKind() SlotKind {
	if s == StatusConfirmed {
		return SlotFirm
	}
	return SlotTentative
}

// Booking is the state of one booking, folded from its stream. Its slices are never changed in place, so copies are
// independent. The zero Booking has not been requested.
type Booking struct {
	BookingRef
	Status   Status
	Segments []Segment
	// Claims are those that the booking names; the staff-days own them.
	Claims     []Claim
	TotalMinor int64
	Currency   string
	StartAt    time.Time
	EndAt      time.Time
	Policy     Policy
}

// Evolve folds one fact. It is total: it never fails and looks at nothing but its arguments.
func (b Booking) Evolve(e BookingEvent) Booking {
	switch e := e.(type) {
	case BookingRequested:
		b.BookingRef, b.Status = e.BookingRef, StatusPending
		b.Segments, b.Claims = e.Segments, e.Claims
		b.TotalMinor, b.Currency = e.TotalMinor, e.Currency
		b.StartAt, b.EndAt, b.Policy = e.StartAt, e.EndAt, e.Policy
	case BookingConfirmed:
		b.Status, b.Segments, b.Claims = StatusConfirmed, e.Segments, e.Claims
	case BookingRejected:
		b.Status, b.Claims = StatusRejected, e.Claims
	case BookingCancelled:
		b.Status, b.Claims = StatusCancelled, e.Claims
	case BookingStaffAssigned:
		b.Segments, b.Claims = replaceSegment(b.Segments, e.Segment), e.Claims
	case BookingClaimFenced, BookingAbandoned:
		// A fence concerns claims that the booking does not name.
	}
	return b
}

// Slots lists what the booking occupies in the schedule: nothing once it is rejected or cancelled.
func (b Booking) Slots() []Slot {
	if !b.Status.Occupies() {
		return nil
	}
	slots := make([]Slot, 0, len(b.Segments))
	for _, s := range b.Segments {
		slots = append(slots, Slot{
			SegmentID: s.SegmentID, StaffID: s.StaffID, Kind: b.Status.slotKind(),
			StartAt: s.StartAt, EndAt: s.EndAt, LocalDates: s.LocalDates,
		})
	}
	return slots
}

// Segment returns the segment with the given id.
func (b Booking) Segment(id string) (Segment, bool) {
	i := slices.IndexFunc(b.Segments, func(s Segment) bool { return s.SegmentID == id })
	if i < 0 {
		return Segment{}, false
	}
	return b.Segments[i], true
}

func replaceSegment(segments []Segment, with Segment) []Segment {
	out := slices.Clone(segments)
	for i := range out {
		if out[i].SegmentID == with.SegmentID {
			out[i] = with
		}
	}
	return out
}

// wrongStatus refuses a verb that the booking's status does not allow. A booking that was never requested is not found.
func (b Booking) wrongStatus(verb string) *Refusal {
	if b.Status == StatusNone {
		return ErrBookingNotFound()
	}
	return Refuse(Conflict, CodeTransition, "a %s booking cannot be %s", b.Status, verb).With("status", b.Status)
}

// ErrBookingNotFound is the answer for a booking that does not exist and, to the letter, for one that the caller may not
// see.
func ErrBookingNotFound() *Refusal {
	return Refuse(NotFound, CodeNotFound, "there is no such booking")
}
