package domain

import (
	"slices"
	"time"
)

// piece is a part of a member's time that a segment keeps busy.
type piece struct {
	segmentID, staffID string
	Interval
}

// occupied lists the time that the booking takes of its staff.
func (b Booking) occupied() []piece {
	if !b.Status.Occupies() {
		return nil
	}
	var pieces []piece
	for _, s := range b.Segments {
		if s.StaffID == "" {
			continue
		}
		for _, busy := range s.Busy() {
			if !b.ReleasedFrom.IsZero() {
				busy = busy.intersect(Interval{busy.StartAt, b.ReleasedFrom})
			}
			if !busy.Empty() {
				pieces = append(pieces, piece{s.SegmentID, s.StaffID, busy})
			}
		}
	}
	return pieces
}

// Slots lists what the booking occupies in the schedule, with the dates on the clocks of loc.
func (b Booking) Slots(loc *time.Location) []Slot {
	pieces := b.occupied()
	slots := make([]Slot, 0, len(pieces))
	for _, p := range pieces {
		slots = append(slots, Slot{
			SegmentID: p.segmentID, StaffID: p.staffID, Kind: b.Status.slotKind(),
			StartAt: p.StartAt, EndAt: p.EndAt, LocalDates: LocalDates(p.StartAt, p.EndAt, loc),
		})
	}
	return slots
}

// becoming returns what the booking occupies once it is after: the claims that it has then, new ones where member or interval
// differ, and the difference in the schedule.
func (b Booking) becoming(after Booking, loc *time.Location, newClaimID func() string) Holding {
	pieces := after.occupied()
	claims := make([]Claim, 0, len(pieces))
	for _, p := range pieces {
		claims = append(claims, claimFor(p, b.Claims, newClaimID))
	}
	return Holding{Claims: claims, Slots: DiffSlots(b.Held, after.Slots(loc))}
}

// nothing is the Holding of a booking that gives everything back.
func (b Booking) nothing() Holding {
	return Holding{Claims: []Claim{}, Slots: DiffSlots(b.Held, nil)}
}

// replaySlots applies a difference, as a page does.
func replaySlots(slots []Slot, diff SlotDiff) []Slot {
	left := slices.DeleteFunc(slices.Clone(slots), func(s Slot) bool {
		return slices.ContainsFunc(diff.Freed, s.samePlace) || slices.ContainsFunc(diff.Taken, s.samePlace)
	})
	left = append(left, diff.Taken...)
	slices.SortStableFunc(left, func(a, b Slot) int { return a.StartAt.Compare(b.StartAt) })
	return left
}

// HoldingOf returns what a booking occupies after an event; ok is false for events that do not change that.
func HoldingOf(e BookingEvent) (h Holding, ok bool) {
	switch e := e.(type) {
	case BookingRequested:
		return e.Holding, true
	case BookingWalkInCreated:
		return e.Holding, true
	case BookingConfirmed:
		return e.Holding, true
	case BookingRejected:
		return e.Holding, true
	case BookingCancelled:
		return e.Holding, true
	case BookingRescheduled:
		return e.Holding, true
	case BookingStaffAssigned:
		return e.Holding, true
	case BookingStaffUnassigned:
		return e.Holding, true
	case BookingServiceAdded:
		return e.Holding, true
	case BookingServiceRemoved:
		return e.Holding, true
	case BookingDurationChanged:
		return e.Holding, true
	case BookingSegmentFinished:
		return e.Holding, true
	case BookingCompleted:
		return e.Holding, true
	case BookingNoShow:
		return e.Holding, true
	case BookingOutcomeCorrected:
		return e.Holding, true
	case BookingCheckedIn, BookingSegmentStarted, BookingNoteAdded, BookingNoteRedacted, BookingClaimFenced, BookingAbandoned:
	}
	return Holding{}, false
}
