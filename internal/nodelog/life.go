package nodelog

import (
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// step is what happens next to a booking.
type step int

const (
	stepRequest step = iota
	stepConfirm
	stepReject
	stepMove
	stepAssign
	stepNote
	stepCancel
	stepNoShow
	stepCheckIn
	stepStart
	stepFinish
	stepComplete
	stepNone // its life is over
)

// life is a booking on its way.
type life struct {
	booking  domain.Booking
	id       string
	customer string
	revision eventstore.Revision
	place    place
	step     step
	at       time.Time // of the step
	order    int       // among those at the same time
}

// begin gives life to a booking that is requested at a time; nil when the salon has no place.
func (c *chain) begin(at time.Time) *life {
	staff := 1
	if c.chance(20) {
		staff = 2
	}
	day := int(at.Sub(c.began)/(24*time.Hour)) + 1 + c.rng.IntN(21)
	p, ok := c.find(c.rng.IntN(branches), day, staff)
	if !ok {
		return nil
	}
	return &life{
		id: c.id(domain.BookingPrefix), customer: c.customers[c.rng.IntN(len(c.customers))],
		revision: eventstore.NoStream, place: p, step: stepRequest, at: at,
	}
}

// chance draws whether something happens that does in so many cases of a hundred.
func (c *chain) chance(percent int) bool { return c.rng.IntN(100) < percent }

// live takes the booking's step and decides on the next. The append has no events when a command is refused.
func (c *chain) live(l *life) eventstore.Append {
	facts, by := c.facts(l)
	a := c.append(domain.BookingStream(l.id), l.revision, l.at, by, events(facts))
	l.revision += eventstore.Revision(len(facts))
	for _, f := range facts {
		l.booking = l.booking.Evolve(f)
	}
	c.next(l)
	return a
}

// facts is what the step says, and who says it.
func (c *chain) facts(l *life) ([]domain.BookingEvent, domain.Actor) {
	salon := c.salons[l.place.branch]
	desk := domain.Actor{UserID: "usr_desk" + salon.Branch.BranchID[3:11], Role: domain.RoleReceptionist}
	var facts []domain.BookingEvent
	var err error
	switch l.step {
	case stepRequest:
		by := domain.Actor{UserID: l.customer, Role: domain.RoleCustomer}
		if c.chance(30) {
			desk.OnBehalfOf = l.customer
			by = desk
		}
		facts, err = l.booking.Request(domain.Request{
			BookingID: l.id, CustomerID: l.customer, Roster: salon.Roster, StartAt: c.startOf(l.place),
			Services: c.choices(salon, l.place), Actor: by, Now: l.at, NewClaimID: c.claimID,
		})
		must(err)
		return facts, by
	case stepConfirm:
		facts, err = l.booking.Confirm(domain.Confirm{Roster: salon.Roster, Now: l.at, NewClaimID: c.claimID})
	case stepReject:
		facts, err = l.booking.Reject(domain.Reject{ReasonCode: "fully_booked", Reason: "We are full that day, sorry."})
	case stepMove:
		facts, err = c.move(l, salon)
	case stepAssign:
		facts, err = c.assign(l, salon)
	case stepNote:
		sealed := domain.Sealed{KeyID: "key_" + c.text(), Box: []byte(c.hex(40))}
		facts, err = l.booking.AddNote(domain.AddNote{
			NoteID: c.id(domain.NotePrefix), Visibility: domain.VisibleInternal, Body: sealed, Author: desk,
		})
	case stepCancel:
		by := domain.Actor{UserID: l.customer, Role: domain.RoleCustomer}
		facts, err = l.booking.Cancel(domain.Cancel{By: domain.PartyCustomer, Reason: "Something came up", Now: l.at})
		must(err)
		return facts, by
	case stepNoShow:
		facts, err = l.booking.MarkNoShow(domain.NoShow{Location: salon.Location, Now: l.at, NewClaimID: c.claimID})
	case stepCheckIn:
		facts, err = l.booking.CheckIn(l.at)
	case stepStart:
		facts, err = l.booking.StartService(domain.SegmentID(0), l.at)
	case stepFinish:
		facts, err = l.booking.FinishService(domain.FinishService{
			SegmentID: domain.SegmentID(0), Location: salon.Location, Now: l.at, NewClaimID: c.claimID,
		})
	case stepComplete:
		facts, err = l.booking.Complete(domain.Complete{
			Method: domain.PaidUPI, PaidMinor: l.booking.TotalMinor, Location: salon.Location, Now: l.at, NewClaimID: c.claimID,
		})
	case stepNone:
	}
	must(err)
	return facts, desk
}

// choices are the services of a request: one that fits into the slot, or a haircut and a facial.
func (c *chain) choices(s salon, p place) []domain.ServiceChoice {
	first := []string{haircut, haircut, haircut, facial, colour, massage}[c.rng.IntN(6)]
	if len(p.staff) > 1 {
		first = haircut
	}
	var choices []domain.ServiceChoice
	for i, n := range p.staff {
		choices = append(choices, domain.ServiceChoice{
			Service: s.Branch.Services[[]string{first, facial}[i]], StaffID: s.staff[n],
		})
	}
	return choices
}

// move takes the booking to another day, with other staff, if there is a place.
func (c *chain) move(l *life, s salon) ([]domain.BookingEvent, error) {
	to, ok := c.find(l.place.branch, l.place.day+1, len(l.place.staff))
	if !ok {
		return nil, nil
	}
	c.free(l.place)
	l.place = to
	staff := map[string]string{}
	for i, n := range to.staff {
		staff[domain.SegmentID(i)] = s.staff[n]
	}
	return l.booking.Reschedule(domain.Reschedule{
		Roster: s.Roster, StartAt: c.startOf(to), Staff: staff, By: domain.PartySalon, Reason: "As you asked on the phone",
		Now: l.at, NewClaimID: c.claimID,
	})
}

// assign gives the first service to somebody else who is free.
func (c *chain) assign(l *life, s salon) ([]domain.BookingEvent, error) {
	to := l.place
	to.staff = []int{(l.place.staff[0] + 1 + c.rng.IntN(members-1)) % members}
	if !c.take(to) {
		return nil, nil
	}
	from := l.place
	from.staff = from.staff[:1]
	c.free(from)
	l.place.staff = append(to.staff, l.place.staff[1:]...)
	return l.booking.Assign(domain.Assign{
		Roster: s.Roster, SegmentID: domain.SegmentID(0), StaffID: s.staff[to.staff[0]], NewClaimID: c.claimID,
	})
}
