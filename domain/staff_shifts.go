package domain

import (
	"maps"
	"slices"
	"time"
)

// SetShifts is the wish that a member works at these times.
type SetShifts struct {
	BranchID string
	TimeZone string // the branch's
	Change   TimetableChange
	// Zones holds the locations of all branches that the member works at, by the name of the zone.
	Zones map[string]*time.Location
	Now   time.Time
}

// shiftHorizon is how far ahead shifts at two branches are compared: beyond it clocks change as they do within it.
const shiftHorizon = 400

// SetShifts returns the fact that the member works at the branch at these times; none when he does already. He never works at
// two branches at once, whatever their zones.
func (s Staff) SetShifts(w SetShifts) ([]StaffEvent, error) {
	have, works := s.Branches[w.BranchID]
	if !works {
		return nil, Refuse(NotFound, CodeNotFound, "nobody by this id works at the branch")
	}
	change, refusal := w.Change.Check()
	if refusal != nil {
		return nil, refusal
	}
	after := have.Shifts.apply(change)
	if after.equal(have.Shifts) && have.TimeZone == w.TimeZone {
		return nil, nil
	}
	for _, other := range slices.Sorted(maps.Keys(s.Branches)) {
		if other == w.BranchID {
			continue
		}
		if at, collide := w.collide(after, s.Branches[other], change); collide {
			return nil, Refuse(Conflict, CodeShiftsOverlap, "the member works at another branch then").
				With("branchId", other).With("startAt", at.StartAt).With("endAt", at.EndAt)
		}
	}
	return []StaffEvent{StaffShiftsSet{
		StaffID: s.StaffID, BranchID: w.BranchID, TimeZone: w.TimeZone, TimetableChange: change,
	}}, nil
}

// collide returns the first time at which the member would be at two branches. A branch where he has no shifts of his own does
// not count: there he is only while he has none elsewhere.
func (w SetShifts) collide(here Timetable, there Workplace, change TimetableChange) (Interval, bool) {
	if !there.Shifts.Set() {
		return Interval{}, false
	}
	for _, during := range w.compared(change) {
		both := IntersectIntervals(here.said(during, w.Zones[w.TimeZone]), there.Shifts.said(during, w.Zones[there.TimeZone]))
		if len(both) > 0 {
			return both[0], true
		}
	}
	return Interval{}, false
}

// compared is the time for which a change is looked at: the date of an override, or a bit over a year from the later of now and
// the pattern's beginning.
func (w SetShifts) compared(change TimetableChange) []Interval {
	loc := w.Zones[w.TimeZone]
	if change.Override != nil {
		return []Interval{LocalDay(change.Override.Date, loc)}
	}
	from := w.Now
	if start := LocalDay(change.Pattern.EffectiveFrom, loc).StartAt; start.After(from) {
		from = start
	}
	return []Interval{{from, from.AddDate(0, 0, shiftHorizon)}}
}
