package domain

// Assign is the choice of a member of staff for one segment.
type Assign struct {
	Roster
	SegmentID  string
	StaffID    string
	Overrides  []Override
	NewClaimID func() string
}

// Assign returns the fact that the member does the segment; no fact when he does already.
func (b Booking) Assign(a Assign) ([]BookingEvent, error) {
	segment, err := b.openSegment(a.SegmentID, "reassigned")
	if err != nil || segment.StaffID == a.StaffID {
		return nil, err
	}
	previous := segment.StaffID
	segment.StaffID = a.StaffID
	segment = withoutBuffers(segment, a.Overrides)
	if err := a.Takes(segment, a.Overrides); err != nil {
		return nil, err
	}
	after := b
	after.Segments = replaceSegment(b.Segments, segment)
	return []BookingEvent{BookingStaffAssigned{
		BookingRef: b.BookingRef, Status: b.Status, Segment: segment, PreviousStaffID: previous,
		Overrides: noted(a.Overrides, false, false), Holding: b.becoming(after, a.Location, a.NewClaimID),
	}}, nil
}

// Unassign is the wish that nobody does a segment for now.
type Unassign struct {
	SegmentID string
	Reason    string // internal
	Roster
	NewClaimID func() string
}

// Unassign returns the fact that the segment has nobody. A confirmed booking stays confirmed, and needs staff.
func (b Booking) Unassign(u Unassign) ([]BookingEvent, error) {
	segment, err := b.openSegment(u.SegmentID, "changed")
	if err != nil || segment.StaffID == "" {
		return nil, err
	}
	if !segment.StartedAt.IsZero() {
		return nil, Refuse(Conflict, CodeTransition, "the service has begun: give it to somebody else, or finish it").
			With("status", b.Status)
	}
	previous := segment.StaffID
	segment.StaffID = ""
	after := b
	after.Segments = replaceSegment(b.Segments, segment)
	return []BookingEvent{BookingStaffUnassigned{
		BookingRef: b.BookingRef, Status: b.Status, Segment: segment, PreviousStaffID: previous, Reason: u.Reason,
		Holding: b.becoming(after, u.Location, u.NewClaimID),
	}}, nil
}

// openSegment returns a segment that can still be given to somebody: of an open booking, and not finished.
func (b Booking) openSegment(id, verb string) (Segment, error) {
	if !b.Status.Open() {
		return Segment{}, b.wrongStatus(verb)
	}
	segment, ok := b.Segment(id)
	switch {
	case !ok:
		return Segment{}, errNoSegment(id)
	case !segment.FinishedAt.IsZero():
		return Segment{}, Refuse(Conflict, CodeTransition, "the service is finished").With("status", b.Status)
	}
	return segment, nil
}
