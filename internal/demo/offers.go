package demo

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/royalglow/booking/domain"
)

// offer is a time at which what somebody asked for is free.
type offer struct {
	StartAt    time.Time `json:"startAt"`
	LocalStart string    `json:"localStart"`
	Segments   []struct {
		StaffIDs []string `json:"staffIds"` // who could do it; not shown to customers
	} `json:"segments"`
}

// looking is what somebody looks for.
type looking struct {
	by       *person
	services []string
	staff    []string // one for each service, or one for all; empty: anybody
	except   string   // a booking of his that does not count
}

// offers reads what is free from one date to another.
func (t *town) offers(ctx context.Context, s *salon, l looking, from, to string) ([]offer, error) {
	query := url.Values{"from": {from}, "to": {to}, "serviceIds": {strings.Join(l.services, ",")}}
	if len(l.staff) > 0 {
		query.Set("staffId", strings.Join(l.staff, ","))
	}
	if l.except != "" {
		query.Set("excludeBookingId", l.except)
	}
	var answer struct {
		Days []struct {
			Slots []offer `json:"slots"`
		} `json:"days"`
	}
	if _, err := t.get(ctx, l.by, branchPath(s.branchID)+"/availability?"+query.Encode(), &answer); err != nil {
		return nil, err
	}
	var all []offer
	for _, day := range answer.Days {
		all = append(all, day.Slots...)
	}
	return all, nil
}

// The hours, on the branch's clocks, within which people book days ahead. The branches never close by themselves, so that
// the visits of a run can be played at any hour.
const (
	firstStart = "10:00"
	lastStart  = "18:30"
	// tries is how many dates people look at before they give up.
	tries = 3
)

// later picks a free time on one of the dates for which people book.
func (t *town) later(ctx context.Context, s *salon, l looking) (offer, error) {
	for range tries {
		s.mu.Lock()
		date := pick(s.dice, s.farDates())
		s.mu.Unlock()
		free, err := t.offers(ctx, s, l, date, date)
		if err != nil {
			return offer{}, err
		}
		free = slices.DeleteFunc(free, func(o offer) bool { return o.LocalStart < firstStart || o.LocalStart > lastStart })
		if len(free) > 0 {
			s.mu.Lock()
			defer s.mu.Unlock()
			return pick(s.dice, free), nil
		}
	}
	return offer{}, errNotNow
}

// visitReach is how far ahead a visit may begin that is played now: an hour before the time a customer may arrive and be served.
const visitReach = 55 * time.Minute

// soon picks a free time at which the last of the treatments begins within the hour.
func (t *town) soon(ctx context.Context, s *salon, by *person, treatments []treatment) (offer, error) {
	now, reach := time.Now(), visitReach
	for _, other := range treatments[:len(treatments)-1] {
		reach -= time.Duration(other.minutes()) * time.Minute
	}
	l := looking{by: by, services: ids(treatments)}
	from, to := now.In(s.zone).Format(domain.DayFormat), now.Add(reach).In(s.zone).Format(domain.DayFormat)
	free, err := t.offers(ctx, s, l, from, to)
	if err != nil {
		return offer{}, err
	}
	free = slices.DeleteFunc(free, func(o offer) bool {
		// What begins in this very minute might be over before the request is there.
		return o.StartAt.Before(now.Add(time.Minute)) || o.StartAt.After(now.Add(reach))
	})
	if len(free) == 0 {
		return offer{}, errNotNow
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return pick(s.dice, free), nil
}

// colleagues reads who else could do one service of a booking at its time.
func (t *town) colleagues(ctx context.Context, s *salon, by *person, v bookingView, g segmentView) ([]string, error) {
	date := g.StartAt.In(s.zone).Format(domain.DayFormat)
	free, err := t.offers(ctx, s, looking{by: by, services: []string{g.ServiceID}, except: v.ID}, date, date)
	if err != nil {
		return nil, err
	}
	for _, o := range free {
		if o.StartAt.Equal(g.StartAt) {
			return slices.DeleteFunc(o.Segments[0].StaffIDs, func(id string) bool { return id == g.StaffID }), nil
		}
	}
	return nil, errNotNow
}
