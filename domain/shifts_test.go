package domain_test

import (
	"testing"
	"time"

	"github.com/royalglow/booking/domain"
)

// commuter works in Berlin and, on a clock that is hours apart, in New York.
func commuter(t *testing.T) domain.Staff {
	t.Helper()
	var s domain.Staff
	for _, branch := range []string{"br_berlin1", "br_newyork"} {
		for _, f := range s.Join("stf_anna01", branch, nil) {
			s = s.Evolve(f)
		}
	}
	return s
}

func setShifts(t *testing.T, s domain.Staff, branch, zoneName string, c domain.TimetableChange) (domain.Staff, error) {
	t.Helper()
	facts, err := s.SetShifts(domain.SetShifts{
		BranchID: branch, TimeZone: zoneName, Change: c, Now: now,
		Zones: map[string]*time.Location{
			"Europe/Berlin": zone(t, "Europe/Berlin"), "America/New_York": zone(t, "America/New_York"),
		},
	})
	for _, f := range facts {
		s = s.Evolve(f)
	}
	return s, err
}

func TestShiftsAtTwoBranchesNeverOverlap(t *testing.T) {
	t.Parallel()
	// 12:00 to 18:00 in New York is 18:00 to 24:00 in Berlin, but for the weeks in which only one of them has changed its clocks.
	s, err := setShifts(t, commuter(t), "br_newyork", "America/New_York", pattern("2026-06-01", hours(12, 18)))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change  domain.TimetableChange
		collide bool
	}{
		"before it, all year round":          {pattern("2026-06-01", hours(9, 17)), false},
		"until it, but for those weeks":      {pattern("2026-06-01", hours(9, 18)), true},
		"into it":                            {pattern("2026-06-01", hours(9, 19)), true},
		"after a long time into it":          {pattern("2030-06-01", hours(9, 19)), true},
		"on one summer's day until it":       {override("2026-07-01", hours(9, 18)), false},
		"on one summer's day into it":        {override("2026-07-01", hours(9, 19)), true},
		"on a day between the two changes":   {override("2026-10-28", hours(9, 18)), true},
		"on such a day, but an hour shorter": {override("2026-10-28", hours(9, 17)), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := setShifts(t, s, "br_berlin1", "Europe/Berlin", c.change)
			if hasCode(err, domain.CodeShiftsOverlap) != c.collide || (err != nil) != c.collide {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestShiftsAreOfThoseWhoWorkThere(t *testing.T) {
	t.Parallel()
	s := commuter(t)
	if _, err := setShifts(t, s, "br_paris01", "Europe/Berlin", pattern("2026-06-01", hours(9, 17))); !hasCode(err, domain.CodeNotFound) {
		t.Errorf("at a branch where she does not work: %v", err)
	}
	if _, err := setShifts(t, s, "br_berlin1", "Europe/Berlin", domain.TimetableChange{}); !hasCode(err, domain.CodeValidation) {
		t.Errorf("no shifts at all: %v", err)
	}
	once, err := setShifts(t, s, "br_berlin1", "Europe/Berlin", pattern("2026-06-01", hours(9, 17)))
	if err != nil {
		t.Fatal(err)
	}
	facts, err := once.SetShifts(domain.SetShifts{
		BranchID: "br_berlin1", TimeZone: "Europe/Berlin", Change: pattern("2026-06-01", hours(9, 17)), Now: now,
		Zones: map[string]*time.Location{"Europe/Berlin": zone(t, "Europe/Berlin")},
	})
	if err != nil || facts != nil {
		t.Errorf("set twice: %v, %v", facts, err)
	}
	works := domain.Interval{StartAt: instant(t, "2026-06-16T07:00:00Z"), EndAt: instant(t, "2026-06-16T15:00:00Z")}
	later := domain.Interval{StartAt: works.StartAt, EndAt: works.EndAt.Add(1)}
	berlin := zone(t, "Europe/Berlin")
	if !once.Works("br_berlin1", works, berlin) || once.Works("br_berlin1", later, berlin) || !once.Works("br_newyork", later, berlin) {
		t.Error("she works at other times than said")
	}
	left := once
	for _, f := range once.Leave("br_berlin1") {
		left = left.Evolve(f)
	}
	if left.Works("br_berlin1", works, berlin) || left.Leave("br_berlin1") != nil || !once.Works("br_berlin1", works, berlin) {
		t.Error("leaving did not end it, or ended it in the past state too")
	}
}
