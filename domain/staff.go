package domain

import (
	"maps"
	"slices"
)

// Staff is one member: where he works and what he can do there. The zero Staff works nowhere.
type Staff struct {
	StaffID string
	// Skills maps the ids of the branches to the services done there; an empty list means all of them.
	Skills map[string][]string
}

// Evolve folds one fact. It is total.
func (s Staff) Evolve(e StaffEvent) Staff {
	switch e := e.(type) {
	case StaffJoined:
		skills := maps.Clone(s.Skills)
		if skills == nil {
			skills = map[string][]string{}
		}
		skills[e.BranchID] = e.Skills
		s.StaffID, s.Skills = e.StaffID, skills
	}
	return s
}

// Performs reports whether the member does the service at the branch.
func (s Staff) Performs(branchID, serviceID string) bool {
	skills, works := s.Skills[branchID]
	return works && (len(skills) == 0 || slices.Contains(skills, serviceID))
}

// Join returns the fact that the member works at the branch with these skills; none when that is so already.
func (s Staff) Join(staffID, branchID string, skills []string) []StaffEvent {
	skills = slices.Compact(slices.Sorted(slices.Values(skills)))
	if have, ok := s.Skills[branchID]; ok && slices.Equal(have, skills) {
		return nil
	}
	if skills == nil {
		skills = []string{}
	}
	return []StaffEvent{StaffJoined{StaffID: staffID, BranchID: branchID, Skills: skills}}
}
