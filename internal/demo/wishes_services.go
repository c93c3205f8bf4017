package demo

import (
	"context"
	"slices"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/demo/check"
)

// How much is done.

// wantsMore adds a service: the customer before the booking is approved, the desk later, and the staff during the visit.
func (s *salon) wantsMore() *want {
	small := func(b *booking) bool { return b.services < 3 && b.nobody == 0 }
	candidates := []func() (*booking, *person){
		func() (*booking, *person) {
			return s.touch(nil, func(b *booking) bool { return isFar(b) && small(b) && b.status == domain.StatusPending })
		},
		func() (*booking, *person) {
			return s.touch(s.desk, func(b *booking) bool { return isFar(b) && small(b) && b.status == domain.StatusConfirmed })
		},
		func() (*booking, *person) {
			return s.touchOwn(func(b *booking) bool { return small(b) && b.status == domain.StatusInProgress })
		},
	}
	start := s.dice.IntN(len(candidates))
	for i := range candidates {
		if b, by := candidates[(start+i)%len(candidates)](); b != nil {
			return s.adds(b, by)
		}
	}
	return nil
}

func (s *salon) adds(b *booking, by *person) *want {
	return s.change(b, changing{
		action: check.AddService, by: by,
		then: func(b *booking) { b.services++ },
		body: func(_ context.Context, _ *town, _ *want, v bookingView) (changeBooking, error) {
			if !v.Status.Open() {
				return changeBooking{}, errNotNow
			}
			for _, m := range s.regular() {
				same := func(g segmentView) bool { return g.ServiceID == m.ID }
				if m.Type == s.typeOf(v) && !slices.ContainsFunc(v.Segments, same) {
					return changeBooking{ServiceID: m.ID}, nil
				}
			}
			return changeBooking{}, errNotNow
		},
	})
}

// typeOf is what kind of services a booking is for.
func (s *salon) typeOf(v bookingView) domain.ServiceType {
	for _, m := range s.menu {
		if len(v.Segments) > 0 && m.ID == v.Segments[0].ServiceID {
			return m.Type
		}
	}
	return ""
}

// wantsLess leaves the last of several services out.
func (s *salon) wantsLess() *want {
	several := func(b *booking) bool { return isFar(b) && b.services > 1 }
	b, by := s.touch(nil, func(b *booking) bool { return several(b) && b.status == domain.StatusPending })
	if b == nil {
		b, by = s.touch(s.desk, several)
	}
	if b == nil {
		return nil
	}
	return s.change(b, changing{
		action: check.RemoveService, by: by,
		then: func(b *booking) { b.services-- },
		body: func(_ context.Context, _ *town, w *want, v bookingView) (changeBooking, error) {
			if len(v.Segments) < 2 || (w.by.Role == domain.RoleCustomer && v.Status != domain.StatusPending) {
				return changeBooking{}, errNotNow
			}
			return changeBooking{SegmentID: v.Segments[len(v.Segments)-1].SegmentID, Reason: "It is too much for one day."}, nil
		},
	})
}

// wantsLonger gives a service more time, or takes back what it was given before.
func (s *salon) wantsLonger() *want {
	b, _ := s.touch(s.desk, func(b *booking) bool { return isFar(b) && b.status == domain.StatusConfirmed && b.nobody == 0 })
	if b == nil {
		return nil
	}
	return s.change(b, changing{
		action: check.ChangeDuration, by: s.desk, then: stays,
		body: func(_ context.Context, _ *town, _ *want, v bookingView) (changeBooking, error) {
			g := v.Segments[0]
			minutes := g.DurationMinutes + 15
			for _, m := range s.menu {
				if m.ID == g.ServiceID && g.DurationMinutes > m.minutes() {
					minutes = m.minutes()
				}
			}
			return changeBooking{SegmentID: g.SegmentID, DurationMinutes: minutes, Reason: "As it was last time."}, nil
		},
	})
}
