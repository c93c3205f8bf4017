package domain_test

import (
	"testing"
	"time"

	"github.com/royalglow/booking/domain"
)

// Everything that keeps a member or a branch from a time, and who may pass over it.
func TestTimesAndPlacesThatDoNotFit(t *testing.T) {
	t.Parallel()
	shift := func(ranges ...domain.TimeRange) func(*domain.Request) {
		return func(r *domain.Request) {
			r.Members["stf_anna01"] = r.Members["stf_anna01"].Evolve(domain.StaffShiftsSet{
				StaffID: "stf_anna01", BranchID: "br_mitte1", TimeZone: "UTC", TimetableChange: pattern("2026-01-01", ranges...),
			})
		}
	}
	opens := func(ranges ...domain.TimeRange) func(*domain.Request) {
		return func(r *domain.Request) {
			r.Branch = r.Branch.Evolve(domain.BranchHoursSet{TimetableChange: pattern("2026-01-01", ranges...)})
		}
	}
	at10 := func(from, to string) domain.TimeRange { // around the opening, 10:00
		var a, b domain.Minute
		if a.UnmarshalText([]byte(from)) != nil || b.UnmarshalText([]byte(to)) != nil {
			t.Fatal("bad times")
		}
		return domain.TimeRange{From: a, To: b}
	}
	for name, c := range map[string]struct {
		changes []func(*domain.Request)
		cell    string
	}{
		"hours that just hold it":               {[]func(*domain.Request){opens(at10("10:00", "11:15"))}, "requested"},
		"closed a minute before its end":        {[]func(*domain.Request){opens(at10("10:00", "11:14"))}, "BOOKING_OUTSIDE_HOURS"},
		"opens a minute after its start":        {[]func(*domain.Request){opens(at10("10:01", "12:00"))}, "BOOKING_OUTSIDE_HOURS"},
		"a shift that just holds its buffers":   {[]func(*domain.Request){shift(at10("09:55", "11:25"))}, "requested"},
		"a shift without the buffer before":     {[]func(*domain.Request){shift(at10("09:56", "11:25"))}, "STAFF_NOT_ON_SHIFT"},
		"a shift without the buffer after":      {[]func(*domain.Request){shift(at10("09:55", "11:24"))}, "STAFF_NOT_ON_SHIFT"},
		"where buffers may reach past it":       {[]func(*domain.Request){shift(at10("09:55", "11:15")), func(r *domain.Request) { r.Branch.Policy.BufferPastShift = true }}, "requested"},
		"a break while the colour takes effect": {[]func(*domain.Request){shift(at10("09:55", "10:30"), at10("10:55", "11:25"))}, "requested"},
		"a break while she works":               {[]func(*domain.Request){shift(at10("09:55", "10:29"), at10("10:30", "11:25"))}, "STAFF_NOT_ON_SHIFT"},
		"a day off":                             {[]func(*domain.Request){shift()}, "STAFF_NOT_ON_SHIFT"},
		"a customer asking to pass over it":     {[]func(*domain.Request){shift(), func(r *domain.Request) { r.Overrides = nil }}, "STAFF_NOT_ON_SHIFT"},
		"the desk passing over the shift":       {[]func(*domain.Request){shift(), deskWith(domain.OverrideHours)}, "requested"},
		"the desk passing over the hours":       {[]func(*domain.Request){opens(), deskWith(domain.OverrideHours)}, "requested"},
		"the desk leaving out the buffers":      {[]func(*domain.Request){shift(at10("10:00", "11:15")), deskWith(domain.OverrideBuffer)}, "requested"},
		"the desk asking for nothing":           {[]func(*domain.Request){shift(), deskWith()}, "STAFF_NOT_ON_SHIFT"},
		"a service that she does not do": {[]func(*domain.Request){func(r *domain.Request) {
			r.Members["stf_anna01"] = domain.Staff{}.Evolve(domain.StaffJoined{BranchID: "br_mitte1", Skills: []string{"svc_haircut"}})
		}}, "STAFF_NOT_QUALIFIED"},
		"a branch that she has left": {[]func(*domain.Request){func(r *domain.Request) {
			r.Members["stf_anna01"] = r.Members["stf_anna01"].Evolve(domain.StaffLeft{BranchID: "br_mitte1"})
		}}, "STAFF_NOT_QUALIFIED"},
		"a closure": {[]func(*domain.Request){func(r *domain.Request) {
			r.Branch = r.Branch.Evolve(domain.BranchClosureDeclared{Closure: domain.Closure{
				ClosureID: "cls_one001", StartAt: opening.Add(time.Hour), EndAt: opening.Add(2 * time.Hour),
			}})
		}}, "BOOKING_OUTSIDE_HOURS"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := coloured()
			for _, change := range c.changes {
				change(&r)
			}
			cellScenario(nil, func(b domain.Booking) ([]domain.BookingEvent, error) { return b.Request(r) }, c.cell).run(t)
		})
	}
}

func deskWith(o ...domain.Override) func(*domain.Request) {
	return func(r *domain.Request) { r.Actor, r.Overrides = desk, o }
}

// Whoever is not qualified cannot be given a segment, by whatever verb.
func TestScenario39UnqualifiedStaffIsRefusedByEveryVerb(t *testing.T) {
	t.Parallel()
	given := history(t, wish("stf_anna01"))
	nobody := func(r domain.Roster) domain.Roster {
		r.Members = map[string]domain.Staff{"stf_anna01": team()["stf_anna01"]}
		return r
	}(roster())
	for name, v := range map[string]verb{
		"approve": func(b domain.Booking) ([]domain.BookingEvent, error) {
			return b.Confirm(domain.Confirm{Roster: nobody, Staff: map[string]string{"seg_1": "stf_zoe001"}, Now: now, NewClaimID: fresh})
		},
		"assign": func(b domain.Booking) ([]domain.BookingEvent, error) {
			return b.Assign(domain.Assign{Roster: nobody, SegmentID: "seg_1", StaffID: "stf_zoe001", NewClaimID: fresh})
		},
		"reschedule": func(b domain.Booking) ([]domain.BookingEvent, error) {
			return b.Reschedule(domain.Reschedule{
				Roster: nobody, StartAt: opening, Staff: map[string]string{"seg_1": "stf_zoe001"}, By: domain.PartySalon, Now: now, NewClaimID: fresh,
			})
		},
		"add a service": func(b domain.Booking) ([]domain.BookingEvent, error) {
			return b.AddService(domain.AddService{Roster: nobody, Choice: domain.ServiceChoice{Service: cut(), StaffID: "stf_zoe001"}, NewClaimID: fresh})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cellScenario(given, v, "STAFF_NOT_QUALIFIED").run(t)
		})
	}
}

// An approval asks again whether those who were held are still there and still do it, but not whether they are on shift.
func TestScenario39WhoHasLeftIsNotApproved(t *testing.T) {
	t.Parallel()
	given := history(t, wish("stf_anna01", "stf_boris1"))
	with := func(change domain.StaffEvent, staff map[string]string) verb {
		r := roster()
		r.Members["stf_boris1"] = r.Members["stf_boris1"].Evolve(change)
		return func(b domain.Booking) ([]domain.BookingEvent, error) {
			return b.Confirm(domain.Confirm{Roster: r, Staff: staff, Now: now, NewClaimID: fresh})
		}
	}
	left := domain.StaffLeft{StaffID: "stf_boris1", BranchID: "br_mitte1"}
	cellScenario(given, with(left, nil), "STAFF_NOT_QUALIFIED").run(t)
	cellScenario(given, with(left, map[string]string{"seg_2": "stf_boris1"}), "STAFF_NOT_QUALIFIED").run(t)
	cellScenario(given, with(left, map[string]string{"seg_2": "stf_zoe001"}), "confirmed").run(t)
	cellScenario(given, with(domain.StaffSkillsSet{
		StaffID: "stf_boris1", BranchID: "br_mitte1", Skills: []string{"svc_massage"},
	}, nil), "STAFF_NOT_QUALIFIED").run(t)
	cellScenario(given, with(domain.StaffShiftsSet{
		StaffID: "stf_boris1", BranchID: "br_mitte1", TimeZone: "UTC",
		TimetableChange: domain.TimetableChange{Override: &domain.DateOverride{Date: "2026-06-16"}},
	}, nil), "confirmed").run(t)
	// Of whom there is no doubt nobody asks.
	cellScenario(given, func(b domain.Booking) ([]domain.BookingEvent, error) {
		return b.Confirm(domain.Confirm{Roster: domain.Roster{Location: time.UTC}, Now: now, NewClaimID: fresh})
	}, "confirmed").run(t)
}

func TestAnApprovalNeedsStaffForEverySegment(t *testing.T) {
	t.Parallel()
	given := history(t, wish("stf_anna01"), unassign)
	if !fold(given).NeedsStaff() {
		t.Error("it has nobody and needs nobody")
	}
	cellScenario(given, confirm, "BUSINESS_RULE_VIOLATION").run(t)
	cellScenario(given, func(b domain.Booking) ([]domain.BookingEvent, error) {
		return b.Confirm(domain.Confirm{Roster: roster(), Staff: map[string]string{"seg_1": "stf_zoe001"}, Now: now, NewClaimID: fresh})
	}, "confirmed").run(t)
}

func TestServicesThatMakeNoSenseAreRefused(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*domain.Service){
		"no duration":           func(s *domain.Service) { s.DurationMinutes = 0 },
		"less than none":        func(s *domain.Service) { s.DurationMinutes = -5 },
		"more than a day":       func(s *domain.Service) { s.DurationMinutes = 1441 },
		"a buffer below zero":   func(s *domain.Service) { s.PreBufferMinutes = -1 },
		"a day with its buffer": func(s *domain.Service) { s.DurationMinutes, s.PostBufferMinutes = 1440, 1 },
		"an empty phase":        func(s *domain.Service) { s.Phases = []domain.Phase{{Kind: domain.PhaseActive}} },
		"an unknown phase":      func(s *domain.Service) { s.Phases = []domain.Phase{{Kind: "nap", Minutes: 30}} },
		"only processing":       func(s *domain.Service) { s.Phases = []domain.Phase{{Kind: domain.PhaseProcessing, Minutes: 30}} },
		"another sum":           func(s *domain.Service) { s.Phases = []domain.Phase{{Kind: domain.PhaseActive, Minutes: 31}} },
	} {
		s := cut()
		change(&s)
		if _, err := mitte().Offer(s); !hasCode(err, domain.CodeValidation) {
			t.Errorf("%s: %v", name, err)
		}
	}
	s := cut()
	s.DurationMinutes, s.Type = 0, ""
	s.Phases = []domain.Phase{{Kind: domain.PhaseActive, Minutes: 20}, {Kind: domain.PhaseProcessing, Minutes: 15}}
	facts, err := mitte().Offer(s)
	if err != nil {
		t.Fatal(err)
	}
	if e := facts[0].(domain.BranchServiceOffered); e.DurationMinutes != 35 || e.Type != domain.ServiceSalon {
		t.Errorf("got %+v", e)
	}
	withdrawn, err := mitte().Evolve(facts[0]).Withdraw(s.ServiceID)
	if err != nil || len(withdrawn) != 1 {
		t.Fatalf("%v, %v", withdrawn, err)
	}
	gone := mitte().Evolve(facts[0]).Evolve(withdrawn[0])
	if _, err := gone.Service(s.ServiceID); !hasCode(err, domain.CodeBusinessRule) {
		t.Errorf("it is still offered: %v", err)
	}
	if again, err := gone.Withdraw(s.ServiceID); err != nil || again != nil {
		t.Errorf("withdrawn twice: %v, %v", again, err)
	}
}
