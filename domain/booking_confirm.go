package domain

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// SegmentID names the segment at a place in the request, counted from 0. It is unique within its booking only.
func SegmentID(index int) string { return "seg_" + strconv.Itoa(index+1) }

// SegmentIndex is the inverse of SegmentID; ok is false for what names no segment.
func SegmentIndex(id string) (index int, ok bool) {
	digits, found := strings.CutPrefix(id, "seg_")
	n, err := strconv.Atoi(digits)
	return n - 1, found && err == nil && n > 0 && id == SegmentID(n-1)
}

// Confirm is what the desk decides when it approves a booking.
type Confirm struct {
	// Roster has the members who are newly chosen, and those who are kept of whom there is doubt; its branch matters only where
	// somebody new is chosen.
	Roster
	// Staff maps segment ids to the member who shall do them; a segment that is missing keeps the one who was held.
	Staff      map[string]string
	Overrides  []Override
	Now        time.Time
	NewClaimID func() string
}

// Keeps lists the segments of the booking that whoever was held for them shall do.
func (c Confirm) Keeps(b Booking) []Segment {
	var kept []Segment
	for _, s := range b.Segments {
		if staff, ok := c.Staff[s.SegmentID]; s.StaffID != "" && (!ok || staff == s.StaffID) {
			kept = append(kept, s)
		}
	}
	return kept
}

// Confirm returns the fact that a pending booking takes place, with the staff as given. Who was held already is not asked
// again whether he works then: his time is taken. But he may have left meanwhile, or do the service no more, and then the desk
// chooses another.
func (b Booking) Confirm(c Confirm) ([]BookingEvent, error) {
	if b.Status != StatusPending {
		return nil, b.wrongStatus("approved")
	}
	if c.Now.After(b.StartAt.Add(minutes(backdating))) {
		return nil, Refuse(Unprocessable, CodeBusinessRule, "the start lies more than %d minutes in the past", backdating)
	}
	for id := range c.Staff {
		if _, ok := b.Segment(id); !ok {
			return nil, errNoSegment(id)
		}
	}
	segments := slices.Clone(b.Segments)
	for i, s := range segments {
		staff, ok := c.Staff[s.SegmentID]
		if !ok || staff == s.StaffID {
			if err := b.keeps(s, c.Roster); err != nil {
				return nil, err
			}
			continue
		}
		segments[i].StaffID = staff
		segments[i] = withoutBuffers(segments[i], c.Overrides)
		if err := c.Takes(segments[i], c.Overrides); err != nil {
			return nil, err
		}
	}
	return []BookingEvent{b.confirmed(segments, c.Location, c.NewClaimID, false, noted(c.Overrides, false, false))}, nil
}

// keeps refuses a segment that nobody was held for, or somebody of whom the roster says that he cannot do it any more.
func (b Booking) keeps(s Segment, r Roster) error {
	if s.StaffID == "" {
		return Refuse(Unprocessable, CodeBusinessRule, "every service needs staff before the booking is approved").
			With("segmentId", s.SegmentID)
	}
	if _, doubted := r.Members[s.StaffID]; !doubted {
		return nil
	}
	if err := r.qualified(s, b.BranchID); err != nil {
		return err
	}
	return nil // an untyped one
}

func (b Booking) confirmed(
	segments []Segment, loc *time.Location, newClaimID func() string, auto bool, overrides []Override,
) BookingConfirmed {
	after := b
	after.Status, after.Segments = StatusConfirmed, segments
	return BookingConfirmed{
		BookingRef: b.BookingRef, FromStatus: b.Status, Segments: segments, Auto: auto, Overrides: overrides,
		Holding: b.becoming(after, loc, newClaimID),
	}
}
