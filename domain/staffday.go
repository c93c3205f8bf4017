package domain

import "slices"

// DayClaim is a claim as a staff-day holds it.
type DayClaim struct {
	Claim
	BookingID string
	BranchID  string
}

// DayBlock is a leave as a staff-day holds it.
type DayBlock struct {
	LeaveID string
	Interval
}

// StaffDay is one member's time on one UTC day: the boundary that keeps bookings apart. Its claims are in the order in
// which they were placed. The zero StaffDay is free.
type StaffDay struct {
	Claims []DayClaim
	Blocks []DayBlock
}

// Evolve folds one fact. It is total.
func (d StaffDay) Evolve(e StaffDayEvent) StaffDay {
	switch e := e.(type) {
	case StaffDayClaimed:
		// Clip keeps a copy of the state from sharing the appended element.
		d.Claims = append(slices.Clip(d.Claims), DayClaim{Claim: e.Claim, BookingID: e.BookingID, BranchID: e.BranchID})
	case StaffDayReleased:
		d.Claims = slices.DeleteFunc(slices.Clone(d.Claims), func(c DayClaim) bool { return c.ClaimID == e.ClaimID })
	case StaffDayBlocked:
		d.Blocks = append(slices.Clip(d.Blocks), DayBlock{LeaveID: e.LeaveID, Interval: Interval{e.StartAt, e.EndAt}})
	case StaffDayUnblocked:
		d.Blocks = slices.DeleteFunc(slices.Clone(d.Blocks), func(b DayBlock) bool { return b.LeaveID == e.LeaveID })
	}
	return d
}

// Place returns the facts that claims of a booking stand on the given UTC day. It refuses all of them when one overlaps a
// claim of another booking or a leave; nothing overrides an overlap.
func (d StaffDay) Place(ref BookingRef, day string, claims []Claim) ([]StaffDayEvent, error) {
	facts := make([]StaffDayEvent, 0, len(claims))
	for _, c := range claims {
		if c.Interval().Empty() {
			return nil, Refuse(Invalid, CodeValidation, "a slot ends after it starts")
		}
		if d.taken(ref.BookingID, c.Interval()) {
			return nil, ErrSlotUnavailable()
		}
		facts = append(facts, StaffDayClaimed{Claim: c, Day: day, BookingID: ref.BookingID, BranchID: ref.BranchID})
	}
	return facts, nil
}

// taken reports whether another booking or a leave holds part of the time. A booking's own claims do not count: a change
// places its new claims before it drops the old ones.
func (d StaffDay) taken(bookingID string, want Interval) bool {
	return slices.ContainsFunc(d.Claims, func(c DayClaim) bool {
		return c.BookingID != bookingID && c.Interval().Overlaps(want)
	}) || d.offDuring(bookingID, want)
}

// offDuring reports whether a leave holds part of the time. Time that the booking has had since before the leave it may keep
// in part: to end sooner takes nothing from anybody.
func (d StaffDay) offDuring(bookingID string, want Interval) bool {
	overlaps := func(b DayBlock) bool { return b.Overlaps(want) }
	kept := func(c DayClaim) bool { return c.BookingID == bookingID && c.Interval().Contains(want) }
	return slices.ContainsFunc(d.Blocks, overlaps) && !slices.ContainsFunc(d.Claims, kept)
}

// Release returns the facts that free those of the given claims that stand on this day. Releasing twice frees once.
func (d StaffDay) Release(day string, claimIDs []string, why ReleaseReason) []StaffDayEvent {
	var facts []StaffDayEvent
	for _, c := range d.Claims {
		if slices.Contains(claimIDs, c.ClaimID) {
			facts = append(facts, StaffDayReleased{
				ClaimID: c.ClaimID, StaffID: c.StaffID, Day: day, BookingID: c.BookingID, Why: why,
			})
		}
	}
	return facts
}

// Block returns the fact that a leave takes its time of the day, with the claims that it overlaps; none when it does already.
// It never fails because of bookings.
func (d StaffDay) Block(l LeaveRef, day string) []StaffDayEvent {
	if d.blockedBy(l.LeaveID) {
		return nil
	}
	return []StaffDayEvent{StaffDayBlocked{
		LeaveID: l.LeaveID, StaffID: l.StaffID, Day: day, StartAt: l.StartAt, EndAt: l.EndAt, Conflicts: d.Conflicts(l),
	}}
}

// Unblock returns the fact that a leave takes nothing of the day; none when it does not.
func (d StaffDay) Unblock(l LeaveRef, day string) []StaffDayEvent {
	if !d.blockedBy(l.LeaveID) {
		return nil
	}
	return []StaffDayEvent{StaffDayUnblocked{LeaveID: l.LeaveID, StaffID: l.StaffID, Day: day}}
}

func (d StaffDay) blockedBy(leaveID string) bool {
	return slices.ContainsFunc(d.Blocks, func(b DayBlock) bool { return b.LeaveID == leaveID })
}

// Conflicts lists the claims that a leave overlaps, in the order of their time.
func (d StaffDay) Conflicts(l LeaveRef) []LeaveConflict {
	conflicts := []LeaveConflict{}
	for _, c := range d.Claims {
		if c.Interval().Overlaps(Interval{l.StartAt, l.EndAt}) {
			conflicts = append(conflicts, LeaveConflict{
				ClaimID: c.ClaimID, BookingID: c.BookingID, SegmentID: c.SegmentID, BranchID: c.BranchID,
				StartAt: c.StartAt, EndAt: c.EndAt,
			})
		}
	}
	slices.SortStableFunc(conflicts, func(a, b LeaveConflict) int { return a.StartAt.Compare(b.StartAt) })
	return conflicts
}

// ErrSlotUnavailable is the answer when a member's time is taken. It names no other booking.
func ErrSlotUnavailable() *Refusal {
	return Refuse(Conflict, CodeSlotUnavailable, "this time is taken").With("alternatives", []any{})
}
