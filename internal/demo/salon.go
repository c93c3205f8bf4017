package demo

import (
	"fmt"
	"sync"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/demo/check"
)

const (
	staffPerSalon     = 8
	customersPerSalon = 12
	salonZone         = "Asia/Kolkata"
	salonCurrency     = "INR"
	// windowDays is for how many dates from tomorrow on people book. The visits of today are played while they look.
	windowDays = 14
)

// salon is one branch with everybody in it.
type salon struct {
	branchID string
	name     string
	zone     *time.Location
	menu     []treatment
	desk     *person
	manager  *person
	owner    *person // of the whole chain
	staff    []*member
	artist   *member // who comes for the seasonal treatment
	guests   []*person
	absent   *person // the one of them who never comes
	popUp    string  // a branch that the owner opens beside this one

	queue  *ledger[card]        // what the desk sees
	leaves *ledger[application] // what the manager sees

	// What follows is the director's: what there is and who is about to do something with it. It decides who acts next; what an
	// actor then sends comes from what he reads.
	mu       sync.Mutex
	dice     dice
	turns    int // how many commands there have been
	credit   map[check.Action]float64
	used     map[check.Action]bool      // what has come, as far as anybody knows
	waits    map[check.Action]time.Time // not tried before then
	bookings []*booking                 // open ones, longest untouched first
	ended    []*booking                 // the last that ended: an outcome may turn out to be wrong
	leave    []*leave                   // that waits or holds
	troubles []*trouble                 // leave and closures that bookings are in the way of
	solved   int                        // troubles that are over
	rival    *choice                    // what the next customer will also want
	second   *choice                    // what somebody takes who came too late
	walkIns  int                        // those who came in from the street
	written  int                        // notes
	parted   *booking                   // the last guest's whose visit is over, while he is still known
	missed   int                        // no-shows of the absent customer since his standing was cleared
	forgiven bool                       // it has been cleared before
	phoned   int                        // bookings of people who did not come
	phonedAt time.Time
	terms    terms
	watched  int // booking pages that are open
}

// member is one of the staff.
type member struct {
	*person
	skills []string // ids of the treatments that he does
	rota   *ledger[duty]
}

// terms is how often the managers have changed what, and what holds now.
type terms struct {
	policies, hours, closures, offers, shifts, skills, openings int
	offered, joined                                             bool
	closure                                                     *trouble // that is declared and not lifted; nil: none
	// shortDate is the last date whose hours were made to differ.
	shortDate string
}

// newSalon casts the i'th branch.
func newSalon(d dice, seed uint64, i int, owner *person) (*salon, error) {
	zone, err := time.LoadLocation(salonZone)
	if err != nil {
		return nil, fmt.Errorf("load time zone: %w", err)
	}
	s := &salon{
		branchID: d.id(domain.BranchPrefix), popUp: d.id(domain.BranchPrefix), name: branchName(i), zone: zone,
		menu: d.menu(), owner: owner, dice: newDice(seed, uint64(i)+1), credit: map[check.Action]float64{}, used: map[check.Action]bool{}, waits: map[check.Action]time.Time{},
	}
	branches := []string{s.branchID}
	cast := func(role domain.Role) *person {
		return newPerson(User{ID: d.id(domain.UserPrefix), Name: d.fullName(), Role: role, BranchIDs: branches})
	}
	s.desk, s.manager = cast(domain.RoleReceptionist), cast(domain.RoleManager)
	employ := func(skills []string) *member {
		p := cast(domain.RoleStaff)
		p.StaffID = d.id(domain.StaffPrefix)
		return &member{person: p, skills: skills}
	}
	for n := range staffPerSalon {
		// Everybody does everything but one thing.
		lacks := s.menu[n%len(s.menu)].ID
		var skills []string
		for _, t := range s.menu {
			if t.ID != lacks {
				skills = append(skills, t.ID)
			}
		}
		s.staff = append(s.staff, employ(skills))
	}
	seasonal := d.seasonal()
	s.menu = append(s.menu, seasonal)
	s.artist = employ([]string{seasonal.ID})
	for range customersPerSalon {
		s.guests = append(s.guests, newPerson(User{
			ID: d.id(domain.UserPrefix), Name: d.fullName(), Role: domain.RoleCustomer, Visits: s.branchID,
		}))
	}
	s.absent = s.guests[len(s.guests)-1]
	return s, nil
}

// people lists everybody of the salon but the owner.
func (s *salon) people() []*person {
	all := append([]*person{s.desk, s.manager}, s.guests...)
	for _, m := range s.members() {
		all = append(all, m.person)
	}
	return all
}

// members lists the staff, the one who comes and goes included.
func (s *salon) members() []*member { return append(append([]*member{}, s.staff...), s.artist) }

// seasonal is the treatment that comes and goes: the last of the menu.
func (s *salon) seasonal() *treatment { return &s.menu[len(s.menu)-1] }

// regular is what is always offered.
func (s *salon) regular() []treatment { return s.menu[:len(s.menu)-1] }

// dates lists the dates that the schedule shows: today's, those for which people book, and one to spare for a run that goes on
// past midnight.
func (s *salon) dates() []string {
	today := time.Now().In(s.zone).Format(domain.DayFormat)
	var dates []string
	for n := range windowDays + 2 {
		dates = append(dates, domain.AddDays(today, n))
	}
	return dates
}

// farDates lists those for which people book.
func (s *salon) farDates() []string { return s.dates()[1 : windowDays+1] }
