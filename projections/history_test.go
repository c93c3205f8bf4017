package projections_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// monday is when the histories of these tests begin.
func monday() time.Time { return time.Date(2026, 6, 15, 4, 30, 0, 0, time.UTC) }

// noon is 12:00 UTC on the day after the histories begin: 17:30 in Kolkata, and 02:00 of the next day in Kiritimati.
func noon() time.Time { return time.Date(2026, 6, 16, 12, 0, 0, 0, time.UTC) }

const (
	koramangala = "br_koramangala"
	kiritimati  = "br_kiritimati"
	haircut     = "svc_haircut"
	facial      = "svc_facial"
	colour      = "svc_colour1"
	massage     = "svc_massage"
	anita       = "stf_anita1"
	bina        = "stf_bina01"
	chitra      = "stf_chitra"
	priya       = "usr_priya1"
	rahul       = "usr_rahul1"
	desk        = "usr_desk01"
	first       = "bkg_first1"
)

// history is a log as the commands and keepers would have written it: every fact comes from a verb of the domain, and every
// booking claims and releases its staff's days.
type history struct {
	t         testing.TB
	now       time.Time
	position  eventstore.Position
	revisions map[string]eventstore.Revision
	events    []eventstore.Recorded

	bookings  map[string]domain.Booking
	branches  map[string]domain.Branch
	staff     map[string]domain.Staff
	days      map[string]domain.StaffDay // by stream
	leaves    map[string]domain.Leave
	customers map[string]domain.Customer
	claims    int
}

func newHistory(tb testing.TB) *history {
	tb.Helper()
	return &history{
		t: tb, now: monday(), revisions: map[string]eventstore.Revision{},
		bookings: map[string]domain.Booking{}, branches: map[string]domain.Branch{}, staff: map[string]domain.Staff{},
		days: map[string]domain.StaffDay{}, leaves: map[string]domain.Leave{}, customers: map[string]domain.Customer{},
	}
}

// The people who do something in these histories.
var (
	owner     = domain.Actor{UserID: "usr_owner1", Role: domain.RoleOwner}
	reception = domain.Actor{UserID: desk, Role: domain.RoleReceptionist}
	manager   = domain.Actor{UserID: "usr_manag1", Role: domain.RoleManager}
	engine    = domain.Actor{UserID: "engine", Role: domain.RoleSystem}
)

func customer(id string) domain.Actor { return domain.Actor{UserID: id, Role: domain.RoleCustomer} }

func (h *history) record(stream string, by domain.Actor, e domain.Event) {
	h.t.Helper()
	next, ok := h.revisions[stream]
	if ok {
		next++
	}
	h.revisions[stream] = next
	h.position += 7 // positions are not counts
	h.now = h.now.Add(time.Minute)
	h.events = append(h.events, eventstore.Recorded{
		Stream: stream, Revision: next, Position: h.position, Created: h.now, Event: e,
		Metadata: eventstore.Metadata{SchemaVersion: domain.SchemaVersion, OccurredAt: h.now, Actor: by},
	})
}

// last returns the last event of a stream, and event an earlier one.
func (h *history) last(stream string) eventstore.Recorded {
	h.t.Helper()
	return h.event(stream, h.revisions[stream])
}

func (h *history) event(stream string, revision eventstore.Revision) eventstore.Recorded {
	h.t.Helper()
	for _, e := range h.events {
		if e.Stream == stream && e.Revision == revision {
			return e
		}
	}
	h.t.Fatalf("there is no %s@%d", stream, revision)
	return eventstore.Recorded{}
}

func (h *history) open(branchID, zone string) {
	h.t.Helper()
	facts, err := h.branches[branchID].Establish(domain.OpenBranch{
		BranchID: branchID, Name: "Salon " + branchID, TimeZone: zone, Currency: "INR", Policy: domain.DefaultPolicy(),
	})
	h.must(h.branch(branchID, facts, err))
}

func (h *history) branch(id string, facts []domain.BranchEvent, err error) error {
	h.t.Helper()
	for _, f := range facts {
		h.branches[id] = h.branches[id].Evolve(f)
		h.record(domain.BranchStream(id), owner, f)
	}
	return err
}

func (h *history) offer(branchID string, s domain.Service) {
	h.t.Helper()
	facts, err := h.branches[branchID].Offer(s)
	h.must(h.branch(branchID, facts, err))
}

func (h *history) join(staffID, branchID string, skills ...string) {
	h.t.Helper()
	h.member(staffID, h.staff[staffID].Join(staffID, branchID, skills), nil) //nolint:errcheck // there is none
}

func (h *history) member(staffID string, facts []domain.StaffEvent, err error) error {
	h.t.Helper()
	for _, f := range facts {
		h.staff[staffID] = h.staff[staffID].Evolve(f)
		h.record(domain.StaffStream(staffID), owner, f)
	}
	return err
}

func (h *history) customer(id string, by domain.Actor, facts []domain.CustomerEvent, err error) error {
	h.t.Helper()
	for _, f := range facts {
		h.customers[id] = h.customers[id].Evolve(f)
		h.record(domain.CustomerStream(id), by, f)
	}
	return err
}

func (h *history) claim() string {
	h.claims++
	return fmt.Sprintf("claim%d", h.claims)
}

func (h *history) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// zone returns the location of a branch's zone.
func (h *history) zone(branchID string) *time.Location {
	h.t.Helper()
	loc, err := time.LoadLocation(h.branches[branchID].TimeZone)
	h.must(err)
	return loc
}

func (h *history) roster(branchID string) domain.Roster {
	h.t.Helper()
	return domain.Roster{Branch: h.branches[branchID], Location: h.zone(branchID), Members: h.staff}
}

// services are what the salons of these histories offer.
func services() []domain.Service {
	return []domain.Service{
		{ServiceID: haircut, Name: "Haircut", Type: domain.ServiceSalon, DurationMinutes: 45, PriceMinor: 80_000},
		{ServiceID: facial, Name: "Facial", Type: domain.ServiceSalon, DurationMinutes: 60, PriceMinor: 150_000},
		{
			ServiceID: colour, Name: "Colour", Type: domain.ServiceSalon, PriceMinor: 300_000,
			Phases: []domain.Phase{
				{Kind: domain.PhaseActive, Minutes: 30},
				{Kind: domain.PhaseProcessing, Minutes: 25},
				{Kind: domain.PhaseActive, Minutes: 20},
			},
			PreBufferMinutes: 5, PostBufferMinutes: 10,
		},
		{
			ServiceID: massage, Name: "Massage", Type: domain.ServiceSpa, DurationMinutes: 90, PriceMinor: 250_000, LeadMinutes: 120,
		},
	}
}

// salon is a history with two branches, four services in each, and three members of staff, one of whom has skills for
// everything.
func salon(tb testing.TB) *history {
	tb.Helper()
	h := newHistory(tb)
	h.open(koramangala, "Asia/Kolkata")
	h.open(kiritimati, "Pacific/Kiritimati")
	for _, b := range []string{koramangala, kiritimati} {
		for _, s := range services() {
			h.offer(b, s)
		}
		h.join(anita, b)
		h.join(bina, b, haircut, colour)
		h.join(chitra, b, facial, massage)
	}
	return h
}
