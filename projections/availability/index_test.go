package availability_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
	"github.com/royalglow/booking/projections/availability"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const branchID = "br_mitte1"

var now = time.Date(2026, 6, 15, 6, 0, 0, 0, time.UTC)

// salon is what an index knows, as the domain's own aggregates: the oracle.
type salon struct {
	branch domain.Branch
	staff  map[string]domain.Staff
	days   map[string]domain.StaffDay // by stream
	log    []eventstore.Recorded
	ids    int
	zone   *time.Location
}

type fatal interface{ Fatalf(string, ...any) }

func newSalon(t fatal, zone string) *salon {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatalf("%v", err)
	}
	s := &salon{staff: map[string]domain.Staff{}, days: map[string]domain.StaffDay{}, zone: loc}
	policy := domain.DefaultPolicy()
	policy.SlotStepMinutes, policy.HorizonDays = 30, 20
	s.happen(domain.BranchOpened{BranchID: branchID, Name: "Mitte", TimeZone: zone, Currency: "EUR", Policy: policy})
	return s
}

// happen puts an event into the log and folds it.
func (s *salon) happen(e domain.Event) {
	s.log = append(s.log, eventstore.Recorded{Event: e, Position: eventstore.Position(len(s.log) + 1)})
	switch e := e.(type) { //nolint:gochecksumtype // by unions
	case domain.BranchEvent:
		s.branch = s.branch.Evolve(e)
	case domain.StaffEvent:
		id := domain.StaffOf(e)
		s.staff[id] = s.staff[id].Evolve(e)
	case domain.StaffDayEvent:
		s.onDay(e)
	case domain.BookingEvent, domain.LeaveEvent, domain.CustomerEvent:
	}
}

func (s *salon) onDay(e domain.StaffDayEvent) {
	switch e := e.(type) {
	case domain.StaffDayClaimed:
		s.fold(e.StaffID, e.Day, e)
	case domain.StaffDayReleased:
		s.fold(e.StaffID, e.Day, e)
	case domain.StaffDayBlocked:
		s.fold(e.StaffID, e.Day, e)
	case domain.StaffDayUnblocked:
		s.fold(e.StaffID, e.Day, e)
	}
}

func (s *salon) fold(staffID, day string, e domain.StaffDayEvent) {
	stream := domain.StaffDayStream(staffID, day)
	s.days[stream] = s.days[stream].Evolve(e)
}

func (s *salon) roster() domain.Roster {
	return domain.Roster{Branch: s.branch, Location: s.zone, Members: s.staff}
}

func (s *salon) id(prefix string) string {
	s.ids++
	return fmt.Sprintf("%s_%08d", prefix, s.ids)
}

// place puts the claims of a booking on their days, or reports that they do not fit.
func (s *salon) place(ref domain.BookingRef, claims []domain.Claim) bool {
	var facts []domain.StaffDayEvent
	for _, c := range claims {
		for _, day := range c.Days() {
			more, err := s.days[domain.StaffDayStream(c.StaffID, day)].Place(ref, day, []domain.Claim{c})
			if err != nil {
				return false
			}
			facts = append(facts, more...)
		}
	}
	for _, f := range facts {
		s.happen(f)
	}
	return true
}

// book requests the services with the members at a time; false where it does not fit.
func (s *salon) book(at time.Time, staff []string, services ...string) (domain.Booking, bool) {
	r := domain.Request{
		BookingID: s.id("bkg"), CustomerID: "usr_carla1", Roster: s.roster(), StartAt: at,
		Actor: domain.Actor{Role: domain.RoleReceptionist}, Now: now, NewClaimID: func() string { return s.id("clm") },
	}
	for i, id := range services {
		service, err := s.branch.Service(id)
		if err != nil {
			return domain.Booking{}, false
		}
		r.Services = append(r.Services, domain.ServiceChoice{Service: service, StaffID: staff[i]})
	}
	facts, err := domain.Booking{}.Request(r)
	if err != nil {
		return domain.Booking{}, false
	}
	requested := facts[0].(domain.BookingRequested)
	if !s.place(requested.BookingRef, requested.Claims) {
		return domain.Booking{}, false
	}
	s.happen(requested)
	return domain.Booking{}.Evolve(requested), true
}

// reject gives a booking's time back.
func (s *salon) reject(b domain.Booking) {
	facts, err := b.Reject(domain.Reject{Reason: "full"})
	if err != nil {
		return
	}
	s.happen(facts[0])
	for _, c := range b.Claims {
		for _, day := range c.Days() {
			for _, f := range s.days[domain.StaffDayStream(c.StaffID, day)].Release(day, []string{c.ClaimID}, domain.ReleaseDropped) {
				s.happen(f)
			}
		}
	}
}

// off blocks a member's time.
func (s *salon) off(staffID string, during domain.Interval) domain.LeaveRef {
	l := domain.LeaveRef{LeaveID: s.id("lv"), StaffID: staffID, StartAt: during.StartAt, EndAt: during.EndAt}
	for _, day := range l.Days() {
		for _, f := range s.days[domain.StaffDayStream(staffID, day)].Block(l, day) {
			s.happen(f)
		}
	}
	return l
}

func (s *salon) back(l domain.LeaveRef) {
	for _, day := range l.Days() {
		for _, f := range s.days[domain.StaffDayStream(l.StaffID, day)].Unblock(l, day) {
			s.happen(f)
		}
	}
}

// index folds the log from its beginning.
func (s *salon) index(t fatal) *availability.Index {
	x := availability.New(availability.Config{
		Load: func(context.Context, time.Time) (availability.Snapshot, error) { return availability.Snapshot{}, nil },
		Now:  func() time.Time { return now },
	})
	s.follow(t, x)
	return x
}

func (s *salon) follow(t fatal, x *availability.Index) {
	if err := x.Handle(context.Background(), subscription.Batch{Events: s.log, Position: eventstore.Position(len(s.log))}); err != nil {
		t.Fatalf("%v", err)
	}
}

// free asks the oracle whether the services could be booked at a time, and who could do each.
func (s *salon) free(at time.Time, except string, services []string) (staff [][]string, ok bool) {
	var choices []domain.ServiceChoice
	for _, id := range services {
		service, err := s.branch.Service(id)
		if err != nil {
			return nil, false
		}
		choices = append(choices, domain.ServiceChoice{Service: service})
	}
	segments, err := s.roster().Segments(choices, at, nil)
	if err != nil {
		return nil, false
	}
	if !s.branch.OpenDuring(domain.Interval{StartAt: at, EndAt: segments[len(segments)-1].EndAt}, s.zone) {
		return nil, false
	}
	for _, segment := range segments {
		var able []string
		for id := range s.staff {
			if segment.StaffID = id; s.roster().Takes(segment, nil) == nil && s.fits(segment, except) {
				able = append(able, id)
			}
		}
		if len(able) == 0 {
			return nil, false
		}
		slices.Sort(able)
		staff = append(staff, able)
	}
	return staff, true
}

func (s *salon) fits(segment domain.Segment, except string) bool {
	for _, busy := range segment.Busy() {
		c := domain.Claim{ClaimID: "clm_test", StaffID: segment.StaffID, StartAt: busy.StartAt, EndAt: busy.EndAt}
		for _, day := range c.Days() {
			d := s.days[domain.StaffDayStream(segment.StaffID, day)]
			d.Claims = slices.DeleteFunc(slices.Clone(d.Claims), func(k domain.DayClaim) bool { return k.BookingID == except })
			if _, err := d.Place(domain.BookingRef{BookingID: "bkg_other1"}, day, []domain.Claim{c}); err != nil {
				return false
			}
		}
	}
	return true
}

// furnish draws a salon: hours, services, staff with shifts, bookings, leave and a closure, some of them taken back.
func furnish(t *rapid.T) (*salon, []domain.Booking) {
	s := newSalon(t, rapid.SampledFrom([]string{"Europe/Berlin", "Asia/Kathmandu", "UTC"}).Draw(t, "zone"))
	clock := func(label string, from, to int) domain.TimeRange {
		a := rapid.IntRange(from*2, to*2-1).Draw(t, label)
		b := rapid.IntRange(a+1, to*2).Draw(t, label+" end")
		return domain.TimeRange{From: domain.Minute(a * 30), To: domain.Minute(b * 30)}
	}
	if rapid.Bool().Draw(t, "hours") {
		s.happen(domain.BranchHoursSet{BranchID: branchID, TimetableChange: domain.TimetableChange{
			Pattern: &domain.Pattern{EffectiveFrom: "2026-01-01", Week: domain.EveryDay(clock("opens", 5, 22))},
		}})
	}
	p := s.branch.Policy
	p.BufferPastShift = rapid.Bool().Draw(t, "buffer past shift")
	s.happen(domain.BranchPolicySet{BranchID: branchID, Policy: p})
	for _, service := range []domain.Service{
		{ServiceID: "svc_haircut", Name: "Cut", Type: domain.ServiceSalon, DurationMinutes: 30},
		{
			ServiceID: "svc_colour1", Name: "Colour", Type: domain.ServiceSalon, DurationMinutes: 80, PreBufferMinutes: 10, PostBufferMinutes: 15,
			Phases: []domain.Phase{{Kind: domain.PhaseActive, Minutes: 30}, {Kind: domain.PhaseProcessing, Minutes: 30}, {Kind: domain.PhaseActive, Minutes: 20}},
		},
	} {
		s.happen(domain.BranchServiceOffered{BranchID: branchID, Service: service})
	}
	members := []string{"stf_anna01", "stf_boris1", "stf_zoe001"}
	for i, id := range members {
		var skills []string
		if i == 2 {
			skills = []string{"svc_haircut"}
		}
		s.happen(domain.StaffJoined{StaffID: id, BranchID: branchID, Skills: skills})
		if rapid.Bool().Draw(t, "shift") {
			s.happen(domain.StaffShiftsSet{StaffID: id, BranchID: branchID, TimeZone: s.branch.TimeZone, TimetableChange: domain.TimetableChange{
				Pattern: &domain.Pattern{EffectiveFrom: "2026-01-01", Week: domain.EveryDay(clock("shift", 0, 12), clock("shift", 12, 24))},
			}})
		}
	}
	for _, id := range members {
		if rapid.Bool().Draw(t, "elsewhere") {
			from := domain.AddDays(now.Format(domain.DayFormat), rapid.IntRange(-3, 4).Draw(t, "from"))
			s.happen(domain.StaffJoined{StaffID: id, BranchID: "br_other01"})
			s.happen(domain.StaffShiftsSet{StaffID: id, BranchID: "br_other01", TimeZone: "America/New_York", TimetableChange: domain.TimetableChange{
				Pattern: &domain.Pattern{EffectiveFrom: from, Week: domain.EveryDay(clock("shift elsewhere", 0, 24))},
			}})
		}
	}
	start := func(label string) time.Time {
		return now.Add(time.Duration(rapid.IntRange(0, 4*48).Draw(t, label)) * 15 * time.Minute)
	}
	var bookings []domain.Booking
	for range rapid.IntRange(0, 25).Draw(t, "bookings") {
		staff := []string{rapid.SampledFrom(members).Draw(t, "first"), rapid.SampledFrom(members).Draw(t, "second")}
		if b, ok := s.book(start("at"), staff, "svc_haircut", "svc_colour1"); ok {
			bookings = append(bookings, b)
		}
	}
	for range rapid.IntRange(0, 2).Draw(t, "leaves") {
		at := start("leave")
		l := s.off(rapid.SampledFrom(members).Draw(t, "off"), domain.Interval{StartAt: at, EndAt: at.Add(time.Duration(rapid.IntRange(1, 40).Draw(t, "long")) * time.Hour)})
		if rapid.Bool().Draw(t, "revoked") {
			s.back(l)
		}
	}
	if rapid.Bool().Draw(t, "closure") {
		at := start("closed")
		s.happen(domain.BranchClosureDeclared{BranchID: branchID, Closure: domain.Closure{ClosureID: "cls_one001", StartAt: at, EndAt: at.Add(5 * time.Hour)}})
	}
	for len(bookings) > 0 && rapid.IntRange(0, 3).Draw(t, "reject") == 0 {
		s.reject(bookings[len(bookings)-1])
		bookings = bookings[:len(bookings)-1]
	}
	return s, bookings
}

// Whatever is offered can be booked, and whatever can be booked on the grid is offered, with everybody who could do it.
func TestWhatIsOfferedIsWhatTheDomainWouldTake(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s, bookings := furnish(t)
		except := ""
		if len(bookings) > 0 && rapid.Bool().Draw(t, "moving") {
			except = bookings[0].BookingID
		}
		services := rapid.SampledFrom([][]string{{"svc_haircut"}, {"svc_colour1"}, {"svc_haircut", "svc_colour1", "svc_haircut"}}).Draw(t, "services")
		from := now.In(s.zone).Format(domain.DayFormat)
		got, err := s.index(t).Days(t.Context(), availability.Query{
			BranchID: branchID, FromDate: from, ToDate: domain.AddDays(from, 3), ServiceIDs: services, ExceptBookingID: except,
		})
		if err != nil {
			t.Fatal(err)
		}
		offered := map[int64][][]string{}
		for _, d := range got.Days {
			for _, slot := range d.Slots {
				var staff [][]string
				least := 99
				for _, segment := range slot.Segments {
					staff = append(staff, segment.StaffIDs)
					least = min(least, len(segment.StaffIDs))
				}
				if least != slot.Remaining {
					t.Fatalf("%d remain, want %d", slot.Remaining, least)
				}
				offered[slot.StartAt.Unix()] = staff
			}
		}
		for at := domain.LocalDay(from, s.zone).StartAt; at.Before(domain.LocalDay(domain.AddDays(from, 3), s.zone).EndAt); at = at.Add(30 * time.Minute) {
			want, ok := s.free(at, except, services)
			ok = ok && !at.Before(now)
			staff, is := offered[at.Unix()]
			if ok != is || ok && !equal(want, staff) {
				t.Fatalf("%v: offered %v %v, the domain takes %v %v", at, is, staff, ok, want)
			}
		}
	})
}

func equal(a, b [][]string) bool { return slices.EqualFunc(a, b, slices.Equal) }

// Whoever is proposed can do it, the least busy first; nobody who can is left out.
func TestProposalsAreThoseWhoCan(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s, _ := furnish(t)
		x := s.index(t)
		at := now.Add(time.Duration(rapid.IntRange(0, 150).Draw(t, "at")) * 30 * time.Minute)
		service, err := s.branch.Service("svc_colour1")
		if err != nil {
			t.Fatal(err)
		}
		segments, err := s.roster().Segments([]domain.ServiceChoice{{Service: service}}, at, nil)
		if err != nil {
			t.Fatal(err)
		}
		got, err := x.StaffFor(t.Context(), branchID, service.ServiceID, segments[0].Busy())
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for id := range s.staff {
			segment := segments[0]
			segment.StaffID = id
			// Proposals keep the buffers in the shift, whatever the policy allows beyond: they propose, others may be named.
			roster := s.roster()
			roster.Branch.Policy.BufferPastShift = false
			if roster.Takes(segment, nil) == nil && s.fits(segment, "") {
				want = append(want, id)
			}
		}
		sorted := slices.Sorted(slices.Values(got))
		slices.Sort(want)
		if !slices.Equal(sorted, want) {
			t.Fatalf("proposed %v, want %v", got, want)
		}
	})
}
