package availability_test

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
	"github.com/royalglow/booking/projections/availability"
)

// small is a salon with one member, who cuts from 09:00 to 17:00.
func small(t fatal, zone string) *salon {
	s := newSalon(t, zone)
	week := domain.EveryDay(domain.TimeRange{From: 9 * 60, To: 17 * 60})
	s.happen(domain.BranchHoursSet{BranchID: branchID, TimetableChange: domain.TimetableChange{
		Pattern: &domain.Pattern{EffectiveFrom: "2026-01-01", Week: week},
	}})
	s.happen(domain.BranchServiceOffered{BranchID: branchID, Service: domain.Service{
		ServiceID: "svc_haircut", Name: "Cut", Type: domain.ServiceSalon, DurationMinutes: 60,
	}})
	s.happen(domain.BranchServiceOffered{BranchID: branchID, Service: domain.Service{
		ServiceID: "svc_massage", Name: "Massage", Type: domain.ServiceSpa, DurationMinutes: 60,
	}})
	s.happen(domain.StaffJoined{StaffID: "stf_anna01", BranchID: branchID, Skills: []string{"svc_haircut"}})
	return s
}

func ask(from, to string) availability.Query {
	return availability.Query{BranchID: branchID, FromDate: from, ToDate: to, ServiceIDs: []string{"svc_haircut"}}
}

func days(t *testing.T, x *availability.Index, q availability.Query) []availability.Day {
	t.Helper()
	a, err := x.Days(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return a.Days
}

// The grids of zones that are a quarter of an hour off.
func TestScenario04GridsOfKolkataAndKathmandu(t *testing.T) {
	t.Parallel()
	for zone, want := range map[string]string{
		"Asia/Kolkata": "2026-06-16T03:30:00Z", "Asia/Kathmandu": "2026-06-16T03:15:00Z", "Europe/Berlin": "2026-06-16T07:00:00Z",
	} {
		got := days(t, small(t, zone).index(t), ask("2026-06-16", "2026-06-16"))
		first := got[0].Slots[0]
		if len(got[0].Slots) != 15 || first.StartAt.Format(time.RFC3339) != want {
			t.Errorf("%s: %d slots from %v, want 15 from %s", zone, len(got[0].Slots), first.StartAt, want)
		}
	}
}

// On the days on which clocks change, the salon opens by its clocks.
func TestDaysOfTwentyThreeAndTwentyFiveHours(t *testing.T) {
	t.Parallel()
	x := small(t, "Europe/Berlin").index(t)
	for date, want := range map[string]string{"2027-03-28": "2027-03-28T07:00:00Z", "2026-10-25": "2026-10-25T08:00:00Z"} {
		got := days(t, x, ask(date, date))
		if first := got[0].Slots[0].StartAt.Format(time.RFC3339); first != want || len(got[0].Slots) != 15 {
			t.Errorf("%s: %d slots from %s, want 15 from %s", date, len(got[0].Slots), first, want)
		}
	}
}

func TestWhyNothingIsFree(t *testing.T) {
	t.Parallel()
	s := small(t, "UTC")
	s.happen(domain.BranchHoursSet{BranchID: branchID, TimetableChange: domain.TimetableChange{Override: &domain.DateOverride{Date: "2026-06-17"}}})
	s.off("stf_anna01", domain.Interval{StartAt: now.AddDate(0, 0, 3), EndAt: now.AddDate(0, 0, 4)})
	x := s.index(t)
	customer := ask("2026-06-14", "2026-07-06")
	customer.Customer = true
	reasons := map[string]availability.Reason{}
	for _, d := range days(t, x, customer) {
		if (len(d.Slots) == 0) != (d.Reason != "") {
			t.Errorf("%s has %d slots and the reason %q", d.Date, len(d.Slots), d.Reason)
		}
		reasons[d.Date] = d.Reason
	}
	for date, want := range map[string]availability.Reason{
		"2026-06-14": availability.ReasonPast, "2026-06-15": "", "2026-06-17": availability.ReasonClosed,
		"2026-06-18": availability.ReasonFullyBooked, "2026-07-04": "", "2026-07-06": availability.ReasonHorizon,
	} {
		if reasons[date] != want {
			t.Errorf("%s: %q, want %q", date, reasons[date], want)
		}
	}
	massage := ask("2026-06-16", "2026-06-16")
	massage.ServiceIDs = []string{"svc_massage"}
	if r := days(t, x, massage)[0].Reason; r != availability.ReasonNobody {
		t.Errorf("nobody massages: %q", r)
	}
	capped := ask("2026-06-16", "2026-06-16")
	capped.Customer, capped.Ahead = true, s.branch.Policy.ActiveCap
	if r := days(t, x, capped)[0].Reason; r != availability.ReasonCap {
		t.Errorf("no more bookings: %q", r)
	}
}

// Customers see what the policy lets them book, to the minute.
func TestTheLimitsOfCustomers(t *testing.T) {
	t.Parallel()
	s := small(t, "UTC")
	p := s.branch.Policy
	p.LeadMinutes, p.HorizonDays = 3*60+30, 1 // now is 06:00
	s.happen(domain.BranchPolicySet{BranchID: branchID, Policy: p})
	x := s.index(t)
	q := ask("2026-06-15", "2026-06-16")
	q.Customer = true
	got := days(t, x, q)
	if first := got[0].Slots[0].StartAt; !first.Equal(now.Add(210 * time.Minute)) {
		t.Errorf("the first is %v", first)
	}
	if len(got[1].Slots) != 0 || got[1].Reason != availability.ReasonHorizon {
		// The horizon ends at 06:00 of that day, before the salon opens.
		t.Errorf("beyond the horizon: %d slots, %q", len(got[1].Slots), got[1].Reason)
	}
	// In the evening what is left of the day is shorter than the lead time.
	p.LeadMinutes = 11 * 60
	s.happen(domain.BranchPolicySet{BranchID: branchID, Policy: p})
	if got := days(t, s.index(t), q); got[0].Reason != availability.ReasonPast {
		t.Errorf("too late for today: %d slots, %q", len(got[0].Slots), got[0].Reason)
	}
	q.Customer = false
	if got := days(t, x, q); len(got[0].Slots) != 15 || len(got[1].Slots) != 15 {
		t.Errorf("the desk sees %d and %d", len(got[0].Slots), len(got[1].Slots))
	}
	q.Avoid = []domain.Interval{{StartAt: now.Add(6 * time.Hour), EndAt: now.Add(7 * time.Hour)}}
	for _, slot := range days(t, x, q)[0].Slots {
		if slot.StartAt.Before(q.Avoid[0].EndAt) && q.Avoid[0].StartAt.Before(slot.EndAt) {
			t.Errorf("%v is offered, where the customer is elsewhere", slot.StartAt)
		}
	}
}

func TestWhatCannotBeAsked(t *testing.T) {
	t.Parallel()
	x := small(t, "UTC").index(t)
	for name, c := range map[string]struct {
		change func(*availability.Query)
		code   domain.Code
	}{
		"an unknown branch":  {func(q *availability.Query) { q.BranchID = "br_unknown" }, domain.CodeNotFound},
		"an unknown service": {func(q *availability.Query) { q.ServiceIDs = []string{"svc_unknown"} }, domain.CodeBusinessRule},
		"salon and spa":      {func(q *availability.Query) { q.ServiceIDs = []string{"svc_haircut", "svc_massage"} }, domain.CodeValidation},
		"no service":         {func(q *availability.Query) { q.ServiceIDs = nil }, domain.CodeValidation},
	} {
		q := ask("2026-06-16", "2026-06-16")
		c.change(&q)
		_, err := x.Days(t.Context(), q)
		if r, ok := errors.AsType[*domain.Refusal](err); !ok || r.Code != c.code {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
}

func TestTheNearestTimesComeFirst(t *testing.T) {
	t.Parallel()
	s := small(t, "UTC")
	wanted := time.Date(2026, 6, 16, 12, 0, 0, 0, time.UTC)
	for _, hour := range []int{11, 12, 13} {
		if _, ok := s.book(time.Date(2026, 6, 16, hour, 0, 0, 0, time.UTC), []string{"stf_anna01"}, "svc_haircut"); !ok {
			t.Fatal("not booked")
		}
	}
	segments, err := s.roster().Segments([]domain.ServiceChoice{{Service: s.branch.Services["svc_haircut"]}}, wanted, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.index(t).Nearest(t.Context(), availability.Nearby{BranchID: branchID, Segments: segments, Limit: 5})
	if err != nil {
		t.Fatal(err)
	}
	var starts []string
	for _, a := range got {
		starts = append(starts, a.LocalStart)
		if a.StaffIDs[0] != "stf_anna01" || a.LocalDate != "2026-06-16" {
			t.Errorf("got %+v", a)
		}
	}
	if want := []string{"10:00", "14:00", "09:30", "14:30", "09:00"}; !reflect.DeepEqual(starts, want) {
		t.Errorf("got %v, want %v", starts, want)
	}
	segments[0].StaffID = "stf_nobody1"
	if got, err := s.index(t).Nearest(t.Context(), availability.Nearby{BranchID: branchID, Segments: segments, Limit: 5}); err != nil || len(got) != 0 {
		t.Errorf("nobody is free at %v, %v", got, err)
	}
}

// An index that is loaded in the middle, each half at a position of its own, and follows from there is the same as one that has
// seen everything.
func TestLoadingAndFollowingIsSeeingEverything(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s, _ := furnish(t)
		at := func(label string) int { return rapid.IntRange(0, len(s.log)).Draw(t, label) }
		catalogue, schedule := at("catalogue"), at("schedule")
		x := availability.New(availability.Config{
			Load: func(context.Context, time.Time) (availability.Snapshot, error) {
				return snapshot(s, catalogue, schedule), nil
			},
			Now: func() time.Time { return now },
		})
		from, err := x.Checkpoint(t.Context())
		if err != nil || int(from) != min(catalogue, schedule) {
			t.Fatalf("it begins at %d, %v", from, err)
		}
		for rest := s.log[from:]; len(rest) > 0; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "batch")
			if err := x.Handle(t.Context(), subscription.Batch{Events: rest[:n], Position: rest[n-1].Position}); err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		q := ask("2026-06-15", "2026-06-19")
		q.ServiceIDs = []string{"svc_haircut", "svc_colour1"}
		got, err1 := x.Days(t.Context(), q)
		want, err2 := s.index(t).Days(t.Context(), q)
		if err1 != nil || err2 != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("loaded: %+v, %v\nseen: %+v, %v", got, err1, want, err2)
		}
	})
}

// snapshot folds the read models up to two positions.
func snapshot(s *salon, catalogue, schedule int) availability.Snapshot {
	out := availability.Snapshot{Catalogue: eventstore.Position(catalogue), Schedule: eventstore.Position(schedule)}
	before := &salon{staff: map[string]domain.Staff{}, days: map[string]domain.StaffDay{}}
	for _, r := range s.log[:catalogue] {
		before.happen(r.Event)
	}
	if before.branch.Open() {
		out.Branches = append(out.Branches, before.branch)
	}
	for _, m := range before.staff {
		out.Staff = append(out.Staff, m)
	}
	bookings, blocks := map[string]domain.Booking{}, map[string]availability.Block{}
	for _, r := range s.log[:schedule] {
		switch e := r.Event.(type) { //nolint:gochecksumtype // only these take time
		case domain.BookingEvent:
			bookings[domain.BookingOf(e)] = bookings[domain.BookingOf(e)].Evolve(e)
		case domain.StaffDayBlocked:
			b := blocks[e.LeaveID]
			b.LeaveID, b.StaffID, b.Interval = e.LeaveID, e.StaffID, domain.Interval{StartAt: e.StartAt, EndAt: e.EndAt}
			b.Days++
			blocks[e.LeaveID] = b
		case domain.StaffDayUnblocked:
			b := blocks[e.LeaveID]
			b.Days--
			blocks[e.LeaveID] = b
		}
	}
	for id, b := range bookings {
		for _, slot := range b.Held {
			out.Slots = append(out.Slots, availability.Slot{
				BookingID: id, SegmentID: slot.SegmentID, StaffID: slot.StaffID, Interval: domain.Interval{StartAt: slot.StartAt, EndAt: slot.EndAt},
			})
		}
	}
	for _, b := range blocks {
		if b.Days > 0 {
			out.Blocks = append(out.Blocks, b)
		}
	}
	return out
}

func TestAnAnswerWaitsForItsPosition(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := small(t, "UTC")
		x := s.index(t)
		q := ask("2026-06-16", "2026-06-16")
		q.Lowest = eventstore.Position(len(s.log) + 1)
		answered := make(chan availability.Answer)
		go func() {
			a, err := x.Days(t.Context(), q)
			if err != nil {
				t.Error(err)
			}
			answered <- a
		}()
		synctest.Wait()
		if _, ok := s.book(time.Date(2026, 6, 16, 9, 0, 0, 0, time.UTC), []string{"stf_anna01"}, "svc_haircut"); !ok {
			t.Error("not booked")
		}
		s.follow(t, x)
		if a := <-answered; a.Position < q.Lowest || len(a.Days[0].Slots) != 13 {
			t.Errorf("answered at %d with %d slots", a.Position, len(a.Days[0].Slots))
		}
		q.Lowest += 1000
		_, err := x.Days(t.Context(), q)
		if r, ok := errors.AsType[*domain.Refusal](err); !ok || r.Code != domain.CodeReadBehind {
			t.Errorf("got %v", err)
		}
	})
}

// The text of the day after the last one that can be written sorts before it: a search must come to its end all the same.
func TestASearchEndsWhereTheCalendarDoes(t *testing.T) {
	t.Parallel()
	x := small(t, "Europe/Berlin").index(t)
	for _, to := range []string{"9999-12-31", "2027-06-16"} {
		if got := days(t, x, ask(to[:4]+"-06-16", to)); len(got) > availability.MaxDays {
			t.Errorf("to %s: %d days", to, len(got))
		}
	}
	if got := days(t, x, ask("9999-12-31", "9999-12-31")); len(got) > availability.MaxDays {
		t.Errorf("%d days", len(got))
	}
}
