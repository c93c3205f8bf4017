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
	if !once.Works("br_berlin1", works, berlin) || once.Works("br_berlin1", later, berlin) || once.Works("br_newyork", later, berlin) {
		t.Error("she works at other times than said")
	}
	left := once
	for _, f := range once.Leave("br_berlin1") {
		left = left.Evolve(f)
	}
	if left.Works("br_berlin1", works, berlin) || !left.Works("br_newyork", later, berlin) || left.Leave("br_berlin1") != nil || !once.Works("br_berlin1", works, berlin) {
		t.Error("leaving did not end it, or ended it in the past state too")
	}
}

// Who has shifts at one branch is at another only when shifts there say so: he is not offered there before, after or during those.
func TestWhoHasShiftsElsewhereIsThereOnlyByShifts(t *testing.T) {
	t.Parallel()
	berlin, newYork := zone(t, "Europe/Berlin"), zone(t, "America/New_York")
	there := func(s domain.Staff, branch string, loc *time.Location, date string) bool {
		day := domain.LocalDay(date, loc)
		return s.Works(branch, domain.Interval{StartAt: day.StartAt.Add(12 * time.Hour), EndAt: day.StartAt.Add(13 * time.Hour)}, loc)
	}
	free := commuter(t)
	if !there(free, "br_berlin1", berlin, "2026-06-16") || !there(free, "br_newyork", newYork, "2026-06-16") {
		t.Error("who has no shifts anywhere works as it comes")
	}
	set := func(s domain.Staff, branch, zoneName string, c domain.TimetableChange) domain.Staff {
		t.Helper()
		s, err := setShifts(t, s, branch, zoneName, c)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := set(free, "br_berlin1", "Europe/Berlin", pattern("2026-06-15", hours(9, 18)))
	for name, c := range map[string]struct {
		staff      domain.Staff
		branch     string
		loc        *time.Location
		date       string
		wantsThere bool
	}{
		"on shift":                          {s, "br_berlin1", berlin, "2026-06-16", true},
		"where nothing is said":             {s, "br_newyork", newYork, "2026-06-16", false},
		"long before there were shifts":     {s, "br_newyork", newYork, "2026-06-10", true},
		"long before, where they are set":   {s, "br_berlin1", berlin, "2026-06-10", true},
		"the night before them":             {s, "br_newyork", newYork, "2026-06-14", false},
		"by shifts of his own":              {set(s, "br_newyork", "America/New_York", override("2026-06-16", hours(12, 14))), "br_newyork", newYork, "2026-06-16", true},
		"the day after those":               {set(s, "br_newyork", "America/New_York", override("2026-06-16", hours(12, 14))), "br_newyork", newYork, "2026-06-17", false},
		"once he works there no more":       {set(s, "br_berlin1", "Europe/Berlin", pattern("2026-07-01")), "br_newyork", newYork, "2026-07-10", true},
		"a day off elsewhere":               {set(free, "br_berlin1", "Europe/Berlin", override("2026-06-16")), "br_newyork", newYork, "2026-06-16", true},
		"a single day of shifts elsewhere":  {set(free, "br_berlin1", "Europe/Berlin", override("2026-06-16", hours(9, 18))), "br_newyork", newYork, "2026-06-16", false},
		"a week after such a day":           {set(free, "br_berlin1", "Europe/Berlin", override("2026-06-16", hours(9, 18))), "br_newyork", newYork, "2026-06-23", true},
		"once he has left the other branch": {s.Evolve(domain.StaffLeft{StaffID: "stf_anna01", BranchID: "br_berlin1"}), "br_newyork", newYork, "2026-06-16", true},
		"where he has never worked":         {s, "br_london1", berlin, "2026-06-16", false},
	} {
		if got := there(c.staff, c.branch, c.loc, c.date); got != c.wantsThere {
			t.Errorf("%s: he is there: %v", name, got)
		}
	}
}
