package demo

import (
	"fmt"
	"sync"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/demo/check"
	"github.com/royalglow/booking/internal/eventstore"
)

const (
	staffPerSalon     = 6
	customersPerSalon = 12
	salonZone         = "Asia/Kolkata"
	salonCurrency     = "INR"
)

// salon is one branch with everybody in it.
type salon struct {
	branchID string
	name     string
	menu     []treatment
	desk     *person
	staff    []*member
	guests   []*person

	// What follows is the director's: which bookings there are and who is about to do something with them. It decides who
	// acts next; what an actor then sends comes from the actor's own page.
	mu       sync.Mutex
	dice     dice
	diary    *diary
	bookings []*booking // those that occupy time, longest untouched first
	credit   map[check.Action]float64
	requests int
	rival    *want // the request that the next customer will also make
	watched  int   // booking pages that are open
}

// member is one of the staff.
type member struct {
	*person
	lacks string // id of the one treatment that the member does not do
}

func (m *member) does(treatments []treatment) bool {
	for _, t := range treatments {
		if t.ID == m.lacks {
			return false
		}
	}
	return true
}

// booking is one booking as the director keeps it, from receipts.
type booking struct {
	id         string
	customer   *person
	treatments []treatment
	holds      []hold // what it takes in the diary
	pooled     bool   // the salon chose the staff
	status     domain.Status
	revision   eventstore.Revision
	busy       bool // somebody is about to change it
}

// newSalon casts the i'th branch.
func newSalon(d dice, seed uint64, i int, now time.Time) (*salon, error) {
	s := &salon{
		branchID: d.id(domain.BranchPrefix), name: branchName(i), menu: d.menu(),
		dice: newDice(seed, uint64(i)+1), credit: map[check.Action]float64{},
	}
	branches := []string{s.branchID}
	s.desk = newPerson(User{ID: d.id(domain.UserPrefix), Name: d.fullName(), Role: domain.RoleReceptionist, BranchIDs: branches})
	for n := range staffPerSalon {
		s.staff = append(s.staff, &member{
			person: newPerson(User{
				ID: d.id(domain.UserPrefix), Name: d.fullName(), Role: domain.RoleStaff,
				StaffID: d.id(domain.StaffPrefix), BranchIDs: branches,
			}),
			lacks: s.menu[n%len(s.menu)].ID,
		})
	}
	for range customersPerSalon {
		s.guests = append(s.guests, newPerson(User{
			ID: d.id(domain.UserPrefix), Name: d.fullName(), Role: domain.RoleCustomer, Visits: s.branchID,
		}))
	}
	zone, err := time.LoadLocation(salonZone)
	if err != nil {
		return nil, fmt.Errorf("load time zone: %w", err)
	}
	s.diary = newDiary(s.staff, now.In(zone))
	return s, nil
}

// people lists everybody of the salon.
func (s *salon) people() []*person {
	all := append([]*person{s.desk}, s.guests...)
	for _, m := range s.staff {
		all = append(all, m.person)
	}
	return all
}
