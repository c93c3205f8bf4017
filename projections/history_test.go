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

const (
	koramangala = "br_koramangala"
	indiranagar = "br_indiranagar"
	haircut     = "svc_haircut"
	facial      = "svc_facial"
	anita       = "stf_anita1"
	bina        = "stf_bina01"
	chitra      = "stf_chitra"
	priya       = "usr_priya1"
	rahul       = "usr_rahul1"
	desk        = "usr_desk01"
)

// history is a log as the commands would have written it: every fact comes from a verb of the domain.
type history struct {
	t         testing.TB
	now       time.Time
	position  eventstore.Position
	revisions map[string]eventstore.Revision
	bookings  map[string]domain.Booking
	branches  map[string]domain.Branch
	claims    int
	events    []eventstore.Recorded
}

func newHistory(tb testing.TB) *history {
	tb.Helper()
	return &history{
		t: tb, now: monday(), revisions: map[string]eventstore.Revision{},
		bookings: map[string]domain.Booking{}, branches: map[string]domain.Branch{},
	}
}

func (h *history) record(stream, by string, role domain.Role, e domain.Event) eventstore.Position {
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
		Metadata: eventstore.Metadata{
			SchemaVersion: domain.SchemaVersion, OccurredAt: h.now, Actor: domain.Actor{UserID: by, Role: role},
		},
	})
	return h.position
}

func (h *history) open(branchID, zone string) {
	h.t.Helper()
	facts, err := h.branches[branchID].Establish(domain.OpenBranch{
		BranchID: branchID, Name: "Salon " + branchID, TimeZone: zone, Currency: "INR", Policy: domain.DefaultPolicy(),
	})
	h.branch(branchID, facts, err)
}

func (h *history) offer(branchID, serviceID string, minutes int, price int64) {
	h.t.Helper()
	facts, err := h.branches[branchID].Offer(domain.Service{
		ServiceID: serviceID, Name: "Service " + serviceID, DurationMinutes: minutes, PriceMinor: price,
	})
	h.branch(branchID, facts, err)
}

func (h *history) branch(id string, facts []domain.BranchEvent, err error) {
	h.t.Helper()
	h.must(err)
	for _, f := range facts {
		h.branches[id] = h.branches[id].Evolve(f)
		h.record(domain.BranchStream(id), "usr_owner1", domain.RoleOwner, f)
	}
}

func (h *history) join(staffID, branchID string, skills ...string) {
	h.t.Helper()
	for _, f := range (domain.Staff{}).Join(staffID, branchID, skills) {
		h.record(domain.StaffStream(staffID), "usr_owner1", domain.RoleOwner, f)
	}
}

// request books one service with each of the given members, one after the other.
func (h *history) request(id, customer, branchID string, start time.Time, serviceID string, staff ...string) {
	h.t.Helper()
	branch := h.branches[branchID]
	location, err := time.LoadLocation(branch.TimeZone)
	h.must(err)
	var choices []domain.ServiceChoice
	for _, s := range staff {
		choices = append(choices, domain.ServiceChoice{Service: branch.Services[serviceID], StaffID: s})
	}
	facts, err := h.bookings[id].Request(domain.Request{
		BookingID: id, CustomerID: customer, Branch: branch, Location: location, StartAt: start, Services: choices,
		Actor: domain.Actor{UserID: desk, Role: domain.RoleReceptionist}, Now: start.Add(-48 * time.Hour),
		NewClaimID: h.claim,
	})
	h.must(err)
	h.booking(id, customer, domain.RoleCustomer, facts)
}

func (h *history) confirm(id string, staff map[string]string) {
	h.t.Helper()
	facts, err := h.bookings[id].Confirm(domain.Confirm{
		Staff: staff, Now: h.bookings[id].StartAt.Add(-24 * time.Hour), NewClaimID: h.claim,
	})
	h.must(err)
	h.booking(id, desk, domain.RoleReceptionist, facts)
}

func (h *history) reject(id string) {
	h.t.Helper()
	facts, err := h.bookings[id].Reject(domain.Reject{ReasonCode: "fully_booked", Reason: "We are full that day"})
	h.must(err)
	h.booking(id, desk, domain.RoleReceptionist, facts)
}

func (h *history) cancel(id string) {
	h.t.Helper()
	facts, err := h.bookings[id].Cancel(domain.Cancel{
		By: domain.PartyCustomer, Reason: "I am ill", Now: h.bookings[id].StartAt.Add(-time.Hour),
	})
	h.must(err)
	h.booking(id, h.bookings[id].CustomerID, domain.RoleCustomer, facts)
}

func (h *history) assign(id, segmentID, staffID string) {
	h.t.Helper()
	facts, err := h.bookings[id].Assign(domain.Assign{SegmentID: segmentID, StaffID: staffID, NewClaimID: h.claim})
	h.must(err)
	h.booking(id, desk, domain.RoleReceptionist, facts)
}

func (h *history) fence(id string) {
	h.t.Helper()
	h.booking(id, "engine", domain.RoleSystem, h.bookings[id].Fence(id, []string{"stray"}))
}

func (h *history) booking(id, by string, role domain.Role, facts []domain.BookingEvent) {
	h.t.Helper()
	for _, f := range facts {
		h.bookings[id] = h.bookings[id].Evolve(f)
		h.record(domain.BookingStream(id), by, role, f)
	}
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

// salon is a history with two branches, two services in each and three members of staff.
func salon(tb testing.TB) *history {
	tb.Helper()
	h := newHistory(tb)
	h.open(koramangala, "Asia/Kolkata")
	h.open(indiranagar, "Asia/Kolkata")
	for _, b := range []string{koramangala, indiranagar} {
		h.offer(b, haircut, 45, 80_000)
		h.offer(b, facial, 60, 150_000)
		h.join(anita, b)
		h.join(bina, b, haircut)
		h.join(chitra, b, facial)
	}
	return h
}
