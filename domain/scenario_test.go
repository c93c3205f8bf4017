package domain_test

import (
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/royalglow/booking/domain"
)

// scenario is given some facts, when a verb is tried, then these facts or this refusal.
type scenario struct {
	given []domain.BookingEvent
	when  func(domain.Booking) ([]domain.BookingEvent, error)
	then  []string    // the names of the facts; none may follow from nothing
	no    domain.Code // the refusal instead
}

func (s scenario) run(t *testing.T) []domain.BookingEvent {
	t.Helper()
	facts, err := s.when(fold(s.given))
	if s.no != "" {
		if r, ok := errors.AsType[*domain.Refusal](err); !ok || r.Code != s.no {
			t.Fatalf("got %v, want %s", err, s.no)
		}
		if len(facts) > 0 {
			t.Fatalf("a refusal came with %d facts", len(facts))
		}
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range facts {
		names = append(names, f.EventType())
	}
	if !reflect.DeepEqual(names, s.then) {
		t.Fatalf("got %v, want %v", names, s.then)
	}
	return facts
}

func fold(facts []domain.BookingEvent) domain.Booking {
	var b domain.Booking
	for _, f := range facts {
		b = b.Evolve(f)
	}
	return b
}

// The salon of the scenarios.
var (
	now     = time.Date(2026, 6, 15, 8, 0, 0, 0, time.UTC)
	opening = time.Date(2026, 6, 16, 10, 0, 0, 0, time.UTC)
	carla   = domain.Actor{UserID: "usr_carla1", Role: domain.RoleCustomer}
	desk    = domain.Actor{UserID: "usr_desk01", Role: domain.RoleReceptionist}
)

func mitte() domain.Branch {
	return domain.Branch{}.Evolve(domain.BranchOpened{
		BranchID: "br_mitte1", Name: "Mitte", TimeZone: "UTC", Currency: "EUR", Policy: domain.DefaultPolicy(),
	})
}

// numbered mints claim ids that tell in which order they were minted.
func numbered() func() string {
	n := 0
	return func() string {
		n++
		return fmt.Sprintf("clm_%d", n)
	}
}

// team is the staff of the scenarios: everybody does everything, at any time.
func team() map[string]domain.Staff {
	members := map[string]domain.Staff{}
	for _, id := range []string{"stf_anna01", "stf_boris1", "stf_zoe001"} {
		members[id] = domain.Staff{}.Evolve(domain.StaffJoined{StaffID: id, BranchID: "br_mitte1"})
	}
	return members
}

func roster() domain.Roster {
	return domain.Roster{Branch: mitte(), Location: time.UTC, Members: team()}
}

// cut is a service of half an hour.
func cut() domain.Service {
	return domain.Service{
		ServiceID: "svc_haircut", Name: "Cut", Type: domain.ServiceSalon, DurationMinutes: 30, PriceMinor: 1500,
	}
}

// wish is a request for one cut of 30 minutes per member, one after the other.
func wish(staff ...string) domain.Request {
	r := domain.Request{
		BookingID: "bkg_first1", CustomerID: carla.UserID, Roster: roster(),
		StartAt: opening, Actor: carla, Now: now, NewClaimID: numbered(),
	}
	for _, id := range staff {
		r.Services = append(r.Services, domain.ServiceChoice{Service: cut(), StaffID: id})
	}
	return r
}

// history is the facts of a booking, started by wish and continued by verbs that must succeed.
func history(t *testing.T, r domain.Request, verbs ...func(domain.Booking) ([]domain.BookingEvent, error)) []domain.BookingEvent {
	t.Helper()
	facts, err := domain.Booking{}.Request(r)
	for _, verb := range verbs {
		var more []domain.BookingEvent
		if err == nil {
			more, err = verb(fold(facts))
		}
		facts = append(facts, more...)
	}
	if err != nil {
		t.Fatal(err)
	}
	return facts
}

// The verbs with what they need to succeed at any time but the wrong one.

func request(b domain.Booking) ([]domain.BookingEvent, error) { return b.Request(wish("stf_anna01")) }

func confirm(b domain.Booking) ([]domain.BookingEvent, error) {
	return b.Confirm(domain.Confirm{Roster: roster(), Now: now, NewClaimID: numbered()})
}

func reject(b domain.Booking) ([]domain.BookingEvent, error) {
	return b.Reject(domain.Reject{ReasonCode: "full", Reason: "We are full."})
}

func assign(b domain.Booking) ([]domain.BookingEvent, error) {
	return b.Assign(domain.Assign{Roster: roster(), SegmentID: "seg_1", StaffID: "stf_zoe001", NewClaimID: func() string { return "clm_new" }})
}

func cancelBy(p domain.Party) func(domain.Booking) ([]domain.BookingEvent, error) {
	return func(b domain.Booking) ([]domain.BookingEvent, error) {
		return b.Cancel(domain.Cancel{By: p, ReasonCode: "equipment", Now: now})
	}
}
