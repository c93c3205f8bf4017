package publishers_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// The people and places of the stories.
const (
	customer = "usr_customer01"
	desk     = "usr_desk000001"
	branch   = "br_kolkata1"
	asha     = "stf_asha01"
	meera    = "stf_meera1"
	tara     = "stf_tara01"
)

// kolkata is UTC+05:30 without daylight saving, so that stories need no time zone database.
var kolkata = time.FixedZone("IST", 5*3600+1800)

// start is 23:00 on 15 June in the branch: a booking that begins then and takes over an hour lies on two local dates.
var start = time.Date(2026, 6, 15, 17, 30, 0, 0, time.UTC)

// story writes a log by running the verbs of the domain.
type story struct {
	tb       failer
	bookings map[string]domain.Booking
	order    []string
	log      []eventstore.Recorded
	now      time.Time
	claims   int
	// revisions holds that of the last event of each stream.
	revisions map[string]eventstore.Revision
}

type failer interface {
	Fatalf(format string, args ...any)
}

func newStory(tb failer) *story {
	return &story{tb: tb, bookings: map[string]domain.Booking{}, revisions: map[string]eventstore.Revision{}, now: start.Add(-24 * time.Hour)}
}

func (s *story) claimID() string { s.claims++; return fmt.Sprintf("clm_%06d", s.claims) }

// service is what the branch offers; the price is a number that is found nowhere else.
func service(i int) domain.Service {
	return domain.Service{
		ServiceID: fmt.Sprintf("svc_000%03d", i), Name: fmt.Sprintf("Service %d", i), DurationMinutes: 30 + 15*i,
		PriceMinor: 91827300 + int64(i),
	}
}

func (s *story) request(id string, at time.Time, staff ...string) {
	var choices []domain.ServiceChoice
	for i, member := range staff {
		choices = append(choices, domain.ServiceChoice{Service: service(i), StaffID: member})
	}
	s.do(id, domain.Actor{UserID: customer, Role: domain.RoleCustomer}, func(b domain.Booking) ([]domain.BookingEvent, error) {
		return b.Request(domain.Request{
			BookingID: id, CustomerID: customer, Location: kolkata, StartAt: at, Services: choices, Now: s.now,
			Branch: domain.Branch{
				BranchID: branch, TimeZone: "Asia/Kolkata", Currency: "INR",
				Policy: domain.Policy{HorizonDays: 365, ActiveCap: 50},
			},
			Actor: domain.Actor{UserID: customer, Role: domain.RoleCustomer}, NewClaimID: s.claimID,
		})
	})
}

func (s *story) confirm(id string, staff map[string]string) {
	s.do(id, domain.Actor{UserID: desk, Role: domain.RoleReceptionist}, func(b domain.Booking) ([]domain.BookingEvent, error) {
		return b.Confirm(domain.Confirm{Staff: staff, Now: s.now, NewClaimID: s.claimID})
	})
}

func (s *story) assign(id, segment, staff string) {
	s.do(id, domain.Actor{UserID: desk, Role: domain.RoleReceptionist}, func(b domain.Booking) ([]domain.BookingEvent, error) {
		return b.Assign(domain.Assign{SegmentID: segment, StaffID: staff, NewClaimID: s.claimID})
	})
}

func (s *story) reject(id string) {
	s.do(id, domain.Actor{UserID: desk, Role: domain.RoleReceptionist}, func(b domain.Booking) ([]domain.BookingEvent, error) {
		return b.Reject(domain.Reject{ReasonCode: "code_canary", Reason: "We are full that evening."})
	})
}

func (s *story) cancel(id string) {
	s.do(id, domain.Actor{UserID: desk, Role: domain.RoleReceptionist}, func(b domain.Booking) ([]domain.BookingEvent, error) {
		by := domain.PartySalon
		if b.Status == domain.StatusPending {
			by = domain.PartyCustomer // the salon rejects what is pending
		}
		return b.Cancel(domain.Cancel{By: by, ReasonCode: "equipment", Reason: "The chair broke.", Now: s.now})
	})
}

func (s *story) do(id string, actor domain.Actor, verb func(domain.Booking) ([]domain.BookingEvent, error)) {
	facts, err := verb(s.bookings[id])
	if err != nil {
		s.tb.Fatalf("%s: %v", id, err)
	}
	for _, f := range facts {
		s.bookings[id] = s.bookings[id].Evolve(f)
		s.record(domain.BookingStream(id), f, actor)
	}
}

func (s *story) record(stream string, e domain.Event, actor domain.Actor) eventstore.Recorded {
	revision, known := s.revisions[stream]
	if known {
		revision++
	}
	s.revisions[stream] = revision
	s.now = s.now.Add(time.Second)
	r := eventstore.Recorded{
		ID:     uuid.NewSHA1(uuid.NameSpaceOID, fmt.Appendf(nil, "%s@%d", stream, revision)),
		Stream: stream, Revision: revision, Position: eventstore.Position(100 * (len(s.log) + 1)), Created: s.now, Event: e,
		Metadata: eventstore.Metadata{SchemaVersion: domain.SchemaVersion, Actor: actor, OccurredAt: s.now},
	}
	s.log = append(s.log, r)
	return r
}

// noise appends an event that publishes nothing.
func (s *story) noise() {
	s.record(domain.StaffStream(asha), domain.StaffJoined{StaffID: asha, BranchID: branch, Skills: []string{}},
		domain.Actor{UserID: desk, Role: domain.RoleManager})
}

// drawStory writes a random log: bookings of up to three segments, some across midnight, and whatever verbs their status
// allows.
func drawStory(t *rapid.T) *story {
	s := newStory(t)
	staff := rapid.SampledFrom([]string{asha, meera, tara})
	for range rapid.IntRange(1, 12).Draw(t, "verbs") {
		if len(s.order) == 0 || rapid.IntRange(0, 3).Draw(t, "new") == 0 {
			id := fmt.Sprintf("bkg_%06d", len(s.order)+1)
			s.order = append(s.order, id)
			at := start.Add(time.Duration(rapid.IntRange(0, 40).Draw(t, "quarters")) * 15 * time.Minute)
			s.request(id, at, rapid.SliceOfN(staff, 1, 3).Draw(t, "staff")...)
			continue
		}
		s.step(t, rapid.SampledFrom(s.order).Draw(t, "booking"), staff)
	}
	return s
}

func (s *story) step(t *rapid.T, id string, staff *rapid.Generator[string]) {
	b := s.bookings[id]
	segment := rapid.SampledFrom(b.Segments).Draw(t, "segment").SegmentID
	switch verb := rapid.SampledFrom([]string{"confirm", "reject", "cancel", "assign", "noise"}).Draw(t, "verb"); {
	case verb == "confirm" && b.Status == domain.StatusPending:
		s.confirm(id, map[string]string{segment: staff.Draw(t, "member")})
	case verb == "reject" && b.Status == domain.StatusPending:
		s.reject(id)
	case verb == "cancel" && b.Status.Occupies():
		s.cancel(id)
	case verb == "assign" && b.Status.Occupies():
		s.assign(id, segment, staff.Draw(t, "member"))
	default:
		s.noise()
	}
}

// dayStory is one of each event, on fixed ids.
func dayStory(tb testing.TB) *story {
	tb.Helper()
	s := newStory(tb)
	s.request("bkg_evening01", start, asha, meera) // 23:00 to 23:30, 23:30 to 00:15
	s.confirm("bkg_evening01", map[string]string{"seg_2": tara})
	s.assign("bkg_evening01", "seg_1", meera)
	s.cancel("bkg_evening01")
	s.request("bkg_refused01", start, asha)
	s.reject("bkg_refused01")
	return s
}
