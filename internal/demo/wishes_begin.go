package demo

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/demo/check"
)

// How a booking begins.

const (
	// rivalOneIn counts requests for a member by name: every so many, another customer wants the same at the same time.
	rivalOneIn = 4
	// namedOneIn counts requests: every so many name a member of staff.
	namedOneIn = 3
	// pairOneIn counts requests: every so many are for two treatments.
	pairOneIn = 4
	// seasonOneIn counts requests: every so many are for what is on offer just now.
	seasonOneIn = 20
	// guestOneIn counts those who come in from the street: the first of so many has no account.
	guestOneIn = 3
	// tooOften is how many no-shows it takes until a customer's bookings need a manager.
	tooOften = domain.NoShowLimit
)

// choice is what a customer has chosen: what, when and with whom.
type choice struct {
	by         *person
	treatments []treatment
	staffID    string // empty: anybody
	start      time.Time
	instead    []time.Time // other times, that he was told of when it was taken
}

func (c *choice) services() []serviceChoice {
	var list []serviceChoice
	for _, t := range c.treatments {
		list = append(list, serviceChoice{ServiceID: t.ID, StaffID: c.staffID})
	}
	return list
}

// wantsBooking makes somebody ask for a booking: for a visit within the hour as long as there are few, and else for a day ahead.
func (s *salon) wantsBooking() *want {
	switch {
	case s.expectsNobody():
		return s.bookedByPhone()
	case s.count(isFar) >= ahead && s.count(isNear) < visitors && s.dice.share(2):
		return s.asks(s.idlest(nil), &choice{treatments: s.dice.wish(s.regular(), 1)})
	}
	c := &choice{by: s.idlest(nil), treatments: s.dice.wish(s.regular(), 1)}
	switch {
	case s.terms.offered && s.terms.shifts > 0 && s.terms.joined && s.dice.share(seasonOneIn):
		c.treatments = []treatment{*s.seasonal()}
	case s.dice.share(pairOneIn):
		c.treatments = s.dice.wish(s.regular(), 2)
	}
	if s.dice.share(namedOneIn) {
		c.staffID = s.somebodyFor(c.treatments)
	}
	return s.asksAhead(c)
}

// asks is a request for a visit within the hour; with times at hand, for one of those.
func (s *salon) asks(by *person, c *choice) *want {
	if len(c.instead) > 0 {
		c.start, c.instead = c.instead[0], nil
		return s.requests(c, time.Until(c.start) < visitReach, func(context.Context, *town) error { return nil })
	}
	c.by = by
	return s.requests(c, true, func(ctx context.Context, t *town) error {
		o, err := t.soon(ctx, s, c.by, c.treatments)
		c.start = o.StartAt
		return err
	})
}

// asksAhead is a request for one of the days ahead. Now and then somebody else has the same idea.
func (s *salon) asksAhead(c *choice) *want {
	return s.requests(c, false, func(ctx context.Context, t *town) error {
		l := looking{by: c.by, services: ids(c.treatments)}
		if c.staffID != "" {
			l.staff = []string{c.staffID}
		}
		o, err := t.later(ctx, s, l)
		c.start = o.StartAt
		s.mu.Lock()
		defer s.mu.Unlock()
		if err == nil && c.staffID != "" && s.dice.share(rivalOneIn) {
			same := *c
			s.rival = &same
		}
		return err
	})
}

// wantsSame makes another customer ask for exactly what the first asks for, at the same time: one of them will be refused, and
// takes another time.
func (s *salon) wantsSame(c *choice) *want {
	c.by = s.idlest(c.by)
	return s.requests(c, false, func(context.Context, *town) error { return nil })
}

// requests is a request for what has been chosen once choose has returned.
func (s *salon) requests(c *choice, near bool, choose func(context.Context, *town) error) *want {
	return &want{
		salon: s, action: check.Request, by: c.by,
		compose: func(ctx context.Context, t *town, _ *want) (request, error) {
			err := choose(ctx, t)
			return post(bookingsPath, requestBooking{BranchID: s.branchID, StartAt: c.start, Services: c.services()}), err
		},
		accepted: func(ctx context.Context, t *town, rec receipt) {
			b := s.enter(c, rec, domain.StatusPending, near)
			if s.mayWatch() {
				t.watch(ctx, s, b, c.by, bookingChannel(b.id))
			}
		},
		dropped: func(refusal *answerError) {
			if times := refusal.alternatives(); len(times) > 0 {
				c.instead = times
				s.second = c
			}
		},
	}
}

// enter notes a new booking.
func (s *salon) enter(c *choice, rec receipt, status domain.Status, near bool) *booking {
	b := &booking{
		id: rec.ID, customer: c.by, status: status, near: near, services: len(c.treatments), start: c.start,
	}
	s.touched(b, rec)
	return b
}

// idlest returns the customer with the fewest bookings, other than the one given, and not the one who never comes.
func (s *salon) idlest(other *person) *person {
	count := map[*person]int{}
	for _, b := range s.bookings {
		count[b.customer]++
		if b.near {
			count[b.customer] += crowd // he is about to be served
		}
	}
	offset := s.dice.IntN(len(s.guests))
	var best *person
	for i := range s.guests {
		p := s.guests[(offset+i)%len(s.guests)]
		if p != other && p != s.absent && (best == nil || count[p] < count[best]) {
			best = p
		}
	}
	return best
}

// somebodyFor picks a member who does all of the treatments; empty when there is none.
func (s *salon) somebodyFor(treatments []treatment) string {
	var able []string
	for _, m := range s.staff {
		if !slices.ContainsFunc(treatments, func(t treatment) bool { return !slices.Contains(m.skills, t.ID) }) {
			able = append(able, m.StaffID)
		}
	}
	if len(able) == 0 {
		return ""
	}
	return pick(s.dice, able)
}

// alternatives reads the other times that a refusal names.
func (e *answerError) alternatives() (times []time.Time) {
	if e == nil {
		return nil
	}
	var problem struct {
		Details struct {
			Alternatives []struct {
				StartAt time.Time `json:"startAt"`
			} `json:"alternatives"`
		} `json:"details"`
	}
	if json.Unmarshal([]byte(e.body), &problem) != nil {
		return nil
	}
	for _, a := range problem.Details.Alternatives {
		times = append(times, a.StartAt)
	}
	return times
}
