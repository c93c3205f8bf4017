package domain

import (
	"slices"
	"time"
)

// Roster is what a verb that gives out time must know: the branch and the members concerned, as their streams have them.
type Roster struct {
	Branch Branch
	// Location is that of the booking's zone.
	Location *time.Location
	// Members are by id. One that is missing does nothing anywhere.
	Members map[string]Staff
}

// opens refuses a visit outside the opening hours or during a closure.
func (r Roster) opens(during Interval, overrides []Override) *Refusal {
	if overriding(overrides, OverrideHours) || r.Branch.OpenDuring(during, r.Location) {
		return nil
	}
	return Refuse(Unprocessable, CodeOutsideHours, "the branch is not open then")
}

// Takes refuses a segment that its member does not do, or not then. Whether his time is free is for the staff-days to say.
func (r Roster) Takes(s Segment, overrides []Override) *Refusal {
	if err := r.qualified(s, r.Branch.BranchID); err != nil {
		return err
	}
	member := r.Members[s.StaffID]
	if overriding(overrides, OverrideHours) {
		return nil
	}
	for _, busy := range s.Busy() {
		if r.Branch.Policy.BufferPastShift {
			busy = busy.intersect(Interval{busy.StartAt, s.EndAt})
		}
		if !busy.Empty() && !member.Works(r.Branch.BranchID, busy, r.Location) {
			return Refuse(Unprocessable, CodeStaffOffShift, "this member of staff does not work then").
				With("staffId", s.StaffID).With("segmentId", s.SegmentID)
		}
	}
	return nil
}

// qualified refuses a segment whose member does not do it at the branch, or works there no more.
func (r Roster) qualified(s Segment, branchID string) *Refusal {
	if r.Members[s.StaffID].Performs(branchID, s.ServiceID) {
		return nil
	}
	return Refuse(Unprocessable, CodeStaffNotQualified, "this member of staff does not do the service here").
		With("staffId", s.StaffID).With("serviceId", s.ServiceID).With("segmentId", s.SegmentID)
}

// takesAll refuses the first segment that cannot be done; those without staff can.
func (r Roster) takesAll(segments []Segment, overrides []Override) *Refusal {
	for _, s := range segments {
		if s.StaffID == "" {
			continue
		}
		if err := r.Takes(s, overrides); err != nil {
			return err
		}
	}
	return nil
}

// lay puts segments end to end from a start, in their order. Those that have begun stay where they are.
func lay(segments []Segment, start time.Time, loc *time.Location) []Segment {
	out := slices.Clone(segments)
	for i, s := range out {
		if s.StartedAt.IsZero() {
			out[i] = s.at(start, loc)
		}
		start = out[i].EndAt
	}
	return out
}

// planOf sums up segments, of which there is at least one. The last of them need not be the last to end.
func planOf(segments []Segment, currency string) Plan {
	p := Plan{Segments: segments, Currency: currency, StartAt: segments[0].StartAt, EndAt: LastEnd(segments)}
	for _, s := range segments {
		p.TotalMinor += s.PriceMinor
	}
	return p
}

// withoutBuffers drops the time around the service, where the desk asked for it.
func withoutBuffers(s Segment, overrides []Override) Segment {
	if overriding(overrides, OverrideBuffer) {
		s.PreBufferMinutes, s.PostBufferMinutes = 0, 0
	}
	return s
}
