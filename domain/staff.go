package domain

import (
	"maps"
	"slices"
	"time"
)

// Workplace is what a member of staff does at one branch.
type Workplace struct {
	// Skills are the services done there; none means all of them.
	Skills []string
	// Shifts are on the clocks of TimeZone. A member who has none works whenever the branch is open, unless he has some elsewhere:
	// see Staff.There.
	Shifts   Timetable
	TimeZone string
}

// Staff is one member: where and when he works and what he can do there. The zero Staff works nowhere.
type Staff struct {
	StaffID string
	// Branches are those that he works at, by id.
	Branches map[string]Workplace
}

// Evolve folds one fact. It is total.
func (s Staff) Evolve(e StaffEvent) Staff {
	switch e := e.(type) {
	case StaffJoined:
		s.StaffID = e.StaffID
		return s.at(e.BranchID, func(w *Workplace) { w.Skills = e.Skills })
	case StaffLeft:
		s.Branches = maps.Clone(s.Branches)
		delete(s.Branches, e.BranchID)
	case StaffSkillsSet:
		return s.at(e.BranchID, func(w *Workplace) { w.Skills = e.Skills })
	case StaffShiftsSet:
		return s.at(e.BranchID, func(w *Workplace) {
			w.TimeZone, w.Shifts = e.TimeZone, w.Shifts.apply(e.TimetableChange)
		})
	}
	return s
}

func (s Staff) at(branchID string, change func(*Workplace)) Staff {
	s.Branches = maps.Clone(s.Branches)
	if s.Branches == nil {
		s.Branches = map[string]Workplace{}
	}
	w := s.Branches[branchID]
	change(&w)
	s.Branches[branchID] = w
	return s
}

// Performs reports whether the member does the service at the branch.
func (s Staff) Performs(branchID, serviceID string) bool {
	w, works := s.Branches[branchID]
	return works && (len(w.Skills) == 0 || slices.Contains(w.Skills, serviceID))
}

// Works reports whether the member is on shift at the branch all through. loc is the branch's.
func (s Staff) Works(branchID string, during Interval, loc *time.Location) bool {
	return covered(s.There(branchID, during, loc), during)
}

// There returns when the member is at the branch during a stretch of time, merged. loc is the branch's.
//
// On dates of which his shifts there say nothing he is there all day, but not where he has shifts at another branch by then:
// nobody is at two branches at once. That he might come before and after those shifts is not assumed: nobody has said so, and
// it would offer him at night, or an hour's flight away from where he has just finished. Whoever wants him there sets shifts.
func (s Staff) There(branchID string, during Interval, loc *time.Location) []Interval {
	w, works := s.Branches[branchID]
	switch {
	case !works || during.Empty():
		return nil
	case !s.Bound():
		return []Interval{during}
	}
	return w.Shifts.within(during, loc, func(date string) bool { return !s.elsewhere(branchID, date) })
}

// Bound reports whether any shifts, at whichever branch, say when the member is where.
func (s Staff) Bound() bool {
	for _, w := range s.Branches {
		if w.Shifts.Set() {
			return true
		}
	}
	return false
}

// elsewhere reports whether the member has shifts at another branch by a date.
func (s Staff) elsewhere(branchID, date string) bool {
	for id, w := range s.Branches {
		if id != branchID && w.Shifts.engages(date) {
			return true
		}
	}
	return false
}

// Join returns the fact that the member works at the branch with these skills, or has others there; none when that is so.
func (s Staff) Join(staffID, branchID string, skills []string) []StaffEvent {
	skills = tidySkills(skills)
	have, works := s.Branches[branchID]
	switch {
	case !works:
		return []StaffEvent{StaffJoined{StaffID: staffID, BranchID: branchID, Skills: skills}}
	case slices.Equal(have.Skills, skills):
		return nil
	}
	return []StaffEvent{StaffSkillsSet{StaffID: staffID, BranchID: branchID, Skills: skills}}
}

// Leave returns the fact that the member works at the branch no more; none when he does not. His bookings stay: the desk gives
// them to others.
func (s Staff) Leave(branchID string) []StaffEvent {
	if _, works := s.Branches[branchID]; !works {
		return nil
	}
	return []StaffEvent{StaffLeft{StaffID: s.StaffID, BranchID: branchID}}
}

func tidySkills(skills []string) []string {
	return append([]string{}, slices.Compact(slices.Sorted(slices.Values(skills)))...)
}
