package domain

// Assign is the choice of another member of staff for one segment.
type Assign struct {
	SegmentID  string
	StaffID    string
	NewClaimID func() string
}

// Assign returns the fact that another member does the segment; no fact when it is the same one.
func (b Booking) Assign(a Assign) ([]BookingEvent, error) {
	if !b.Status.Occupies() {
		return nil, b.wrongStatus("reassigned")
	}
	segment, ok := b.Segment(a.SegmentID)
	if !ok {
		return nil, errNoSegment(a.SegmentID)
	}
	if segment.StaffID == a.StaffID {
		return nil, nil
	}
	previous := segment.StaffID
	segment.StaffID = a.StaffID
	after := b
	after.Segments = replaceSegment(b.Segments, segment)
	return []BookingEvent{BookingStaffAssigned{
		BookingRef: b.BookingRef, Status: b.Status, Segment: segment, PreviousStaffID: previous,
		Claims: claimsFor(after.Segments, b.Claims, a.NewClaimID),
		Slots:  DiffSlots(b.Slots(), after.Slots()),
	}}, nil
}
