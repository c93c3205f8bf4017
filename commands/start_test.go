package commands_test

import (
	"testing"
	"time"

	"github.com/royalglow/booking/commands"
	"github.com/royalglow/booking/domain"
)

// Local times of a branch in Berlin, asked for in October 2026, before the clocks go back and well before they go forward.
func TestStartsOnTheClocksOfTheBranch(t *testing.T) {
	t.Parallel()
	horizon := 365
	for name, c := range map[string]struct {
		start commands.Start
		want  string
		code  domain.Code
	}{
		"an ordinary day":             {commands.Start{Date: "2026-10-20", StartTime: "10:00"}, "2026-10-20T08:00:00Z", ""},
		"after the change of clocks":  {commands.Start{Date: "2026-10-26", StartTime: "10:00"}, "2026-10-26T09:00:00Z", ""},
		"twice, without an offset":    {commands.Start{Date: "2026-10-25", StartTime: "02:30"}, "2026-10-25T00:30:00Z", ""},
		"twice, the first":            {commands.Start{Date: "2026-10-25", StartTime: "02:30", UTCOffset: "+02:00"}, "2026-10-25T00:30:00Z", ""},
		"twice, the second":           {commands.Start{Date: "2026-10-25", StartTime: "02:30", UTCOffset: "+01:00"}, "2026-10-25T01:30:00Z", ""},
		"never":                       {commands.Start{Date: "2027-03-28", StartTime: "02:30"}, "", domain.CodeNoSuchTime},
		"with an offset of elsewhere": {commands.Start{Date: "2026-10-20", StartTime: "10:00", UTCOffset: "+05:30"}, "", domain.CodeNoSuchTime},
		"an instant":                  {commands.Start{StartAt: time.Date(2026, 10, 20, 8, 0, 0, 0, time.UTC)}, "2026-10-20T08:00:00Z", ""},
		"both forms":                  {commands.Start{StartAt: opening, Date: "2026-10-20", StartTime: "10:00"}, "", domain.CodeValidation},
		"neither":                     {commands.Start{}, "", domain.CodeValidation},
		"an instant and a time":       {commands.Start{StartAt: opening, StartTime: "10:00"}, "", domain.CodeValidation},
		"an instant and an offset":    {commands.Start{StartAt: opening, UTCOffset: "+02:00"}, "", domain.CodeValidation},
		"a time without a date":       {commands.Start{StartTime: "10:00"}, "", domain.CodeValidation},
		"a date without a time":       {commands.Start{Date: "2026-10-20"}, "", domain.CodeValidation},
		"a date that is none":         {commands.Start{Date: "2026-10-32", StartTime: "10:00"}, "", domain.CodeValidation},
		"a time that is none":         {commands.Start{Date: "2026-10-20", StartTime: "25:00"}, "", domain.CodeValidation},
		"an offset that is none":      {commands.Start{Date: "2026-10-20", StartTime: "10:00", UTCOffset: "CET"}, "", domain.CodeValidation},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSalon(t)
			_, err := s.SetPolicy(t.Context(), owner, s.key(), commands.SetPolicy{BranchID: branch, PolicyTerms: commands.PolicyTerms{HorizonDays: &horizon}})
			s.must(err)
			s.now = time.Date(2026, 10, 1, 8, 0, 0, 0, time.UTC)
			w := wish(anna, time.Time{})
			w.Start = c.start
			r, err := s.RequestBooking(t.Context(), carla, s.key(), w)
			if c.code != "" {
				if !isRefusal(err, c.code) {
					t.Errorf("got %v, want %s", err, c.code)
				}
				return
			}
			s.must(err)
			if got := s.booking(r.ID).StartAt.Format(time.RFC3339); got != c.want {
				t.Errorf("it starts at %s, want %s", got, c.want)
			}
		})
	}
}

// What is booked before a change of clocks for a date after it keeps its local time.
func TestScenario05ALocalTimeSurvivesTheChangeOfClocks(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	s.now = time.Date(2026, 10, 20, 8, 0, 0, 0, time.UTC)
	w := wish(anna, time.Time{})
	w.Start = commands.Start{Date: "2026-10-27", StartTime: "09:30"}
	r, err := s.RequestBooking(t.Context(), carla, s.key(), w)
	s.must(err)
	if b := s.booking(r.ID); b.Segments[0].LocalStart != "09:30" || b.Segments[0].LocalDate() != "2026-10-27" {
		t.Errorf("it is at %s on %s", b.Segments[0].LocalStart, b.Segments[0].LocalDate())
	}
}

// The hour that comes twice is two hours, and both can be booked.
func TestScenario03TheHourThatComesTwiceIsBookedTwice(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	s.now = time.Date(2026, 10, 20, 8, 0, 0, 0, time.UTC)
	for _, offset := range []string{"+02:00", "+01:00"} {
		w := wish(anna, time.Time{})
		w.Start = commands.Start{Date: "2026-10-25", StartTime: "02:30", UTCOffset: offset}
		r, err := s.RequestBooking(t.Context(), carla, s.key(), w)
		s.must(err)
		if b := s.booking(r.ID); b.EndAt.Sub(b.StartAt) != 30*time.Minute || b.Segments[0].LocalStart != "02:30" {
			t.Errorf("with %s it lasts %v from %s", offset, b.EndAt.Sub(b.StartAt), b.Segments[0].LocalStart)
		}
	}
	s.mustStand()
}
