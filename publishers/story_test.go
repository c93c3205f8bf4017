package publishers_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// The people and places of the stories. Elsewhere is a branch in another zone at which Meera works too.
const (
	customer  = "usr_customer01"
	desk      = "usr_desk000001"
	branch    = "br_kolkata1"
	elsewhere = "br_elsewhere1"
	asha      = "stf_asha01"
	meera     = "stf_meera1"
	tara      = "stf_tara01"
)

// Both zones are without daylight saving, so that stories need no time zone database.
var (
	kolkata = time.FixedZone("IST", 5*3600+1800)
	zones   = map[string]*time.Location{"Asia/Kolkata": kolkata, "Etc/GMT+3": time.FixedZone("-03", -3*3600)}
)

// start is 23:00 on 15 June in the branch: a booking that begins then and takes over an hour lies on two local dates.
var start = time.Date(2026, 6, 15, 17, 30, 0, 0, time.UTC)

// Who does what in the stories.
var (
	byCustomer = domain.Actor{UserID: customer, Role: domain.RoleCustomer}
	byDesk     = domain.Actor{UserID: desk, Role: domain.RoleReceptionist}
	byAsha     = domain.Actor{UserID: "usr_asha0001", Role: domain.RoleStaff}
	byManager  = domain.Actor{UserID: "usr_manager01", Role: domain.RoleManager}
	byClock    = domain.Actor{Role: domain.RoleSystem}
)

// story writes a log by running the verbs of the domain.
type story struct {
	tb       failer
	branches map[string]domain.Branch
	bookings map[string]domain.Booking
	leaves   map[string]domain.Leave
	order    []string // the bookings, as they began
	log      []eventstore.Recorded
	now      time.Time
	ids      int
	// revisions holds that of the last event of each stream.
	revisions map[string]eventstore.Revision
}

type failer interface {
	Fatalf(format string, args ...any)
}

func newStory(tb failer) *story {
	s := &story{
		tb: tb, bookings: map[string]domain.Booking{}, leaves: map[string]domain.Leave{}, branches: map[string]domain.Branch{},
		revisions: map[string]eventstore.Revision{}, now: start.Add(-24 * time.Hour),
	}
	for id, zone := range map[string]string{branch: "Asia/Kolkata", elsewhere: "Etc/GMT+3"} {
		s.branches[id] = domain.Branch{}.Evolve(domain.BranchOpened{
			BranchID: id, Name: "Kolkata", TimeZone: zone, Currency: "INR",
			Policy: domain.Policy{
				HorizonDays: 365, ActiveCap: 50, MaxReschedules: 50, NoShowGraceMinutes: 15, ManualNoShowGraceMinutes: 15,
				PendingExpiryMinutes: 1440, BufferPastShift: true,
			},
		})
	}
	return s
}

func (s *story) mint() string { s.ids++; return fmt.Sprintf("clm_%06d", s.ids) }

// roster is the first branch with everybody, who do everything at any time.
func (s *story) roster() domain.Roster {
	members := map[string]domain.Staff{}
	for _, id := range []string{asha, meera, tara} {
		members[id] = domain.Staff{}.Evolve(domain.StaffJoined{StaffID: id, BranchID: branch})
	}
	b := s.branches[branch]
	b.Closures = nil // a closure is in nobody's way here: it is the messages that matter
	return domain.Roster{Branch: b, Location: kolkata, Members: members}
}

// service is what the branch offers; the price is a number that is found nowhere else.
func service(i int) domain.Service {
	return domain.Service{
		ServiceID: fmt.Sprintf("svc_000%03d", i), Name: fmt.Sprintf("Service %d", i), Type: domain.ServiceSalon,
		DurationMinutes: 30 + 15*i, PriceMinor: 91827300 + int64(i),
	}
}

// colour has processing time, in which its member is free, and buffers.
func colour() domain.Service {
	return domain.Service{
		ServiceID: "svc_colour1", Name: "Colour", Type: domain.ServiceSalon, DurationMinutes: 75, PriceMinor: 91827345,
		Phases: []domain.Phase{
			{Kind: domain.PhaseActive, Minutes: 30}, {Kind: domain.PhaseProcessing, Minutes: 25}, {Kind: domain.PhaseActive, Minutes: 20},
		},
		PreBufferMinutes: 5, PostBufferMinutes: 10,
	}
}

// bookingVerb is a verb with everything that it needs.
type bookingVerb = func(domain.Booking) ([]domain.BookingEvent, error)

// do runs a verb that must succeed.
func (s *story) do(id string, actor domain.Actor, verb bookingVerb) {
	if err := s.try(id, actor, verb); err != nil {
		s.tb.Fatalf("%s: %v", id, err)
	}
}

// try runs a verb and records its facts.
func (s *story) try(id string, actor domain.Actor, verb bookingVerb) error {
	facts, err := verb(s.bookings[id])
	for _, f := range facts {
		if s.bookings[id].Status == domain.StatusNone {
			s.order = append(s.order, id)
		}
		s.bookings[id] = s.bookings[id].Evolve(f)
		s.record(domain.BookingStream(id), f, actor)
	}
	return err
}

// leave runs a verb of a leave; one that is refused leaves the story as it was.
func (s *story) leave(id string, actor domain.Actor, verb func(domain.Leave) ([]domain.LeaveEvent, error)) error {
	facts, err := verb(s.leaves[id])
	for _, f := range facts {
		s.leaves[id] = s.leaves[id].Evolve(f)
		s.record(domain.LeaveStream(id), f, actor)
	}
	return err
}

func (s *story) branch(id string, verb func(domain.Branch) ([]domain.BranchEvent, error)) error {
	facts, err := verb(s.branches[id])
	for _, f := range facts {
		s.branches[id] = s.branches[id].Evolve(f)
		s.record(domain.BranchStream(id), f, byManager)
	}
	return err
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

// last is the event that was recorded last.
func (s *story) last() eventstore.Recorded { return s.log[len(s.log)-1] }

// noise appends an event that publishes nothing.
func (s *story) noise() {
	s.record(domain.StaffStream(asha), domain.StaffJoined{StaffID: asha, BranchID: branch, Skills: []string{}}, byManager)
}

// dayStory is the short life of two bookings, on fixed ids.
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
