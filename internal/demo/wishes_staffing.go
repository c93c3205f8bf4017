package demo

import (
	"context"
	"slices"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/demo/check"
)

// Who does what, and how much of it.

// wantsColleague gives a service to somebody else: first one that nobody is to do.
func (s *salon) wantsColleague() *want {
	b, _ := s.touch(s.desk, func(b *booking) bool { return isFar(b) && b.nobody > 0 })
	if b == nil {
		b, _ = s.touch(s.desk, isFar)
	}
	if b == nil {
		return nil
	}
	return s.change(b, s.handing(s.desk, ""))
}

// handing gives a segment to a colleague who is free; without one named, the first that nobody does, else the first.
func (s *salon) handing(by *person, segmentID string) changing {
	return changing{
		action: check.Assign, by: by,
		body: func(ctx context.Context, t *town, w *want, v bookingView) (changeBooking, error) {
			g, ok := v.segment(func(g segmentView) bool {
				return g.SegmentID == segmentID || (segmentID == "" && g.StaffID == "")
			})
			if !ok && segmentID == "" {
				g, ok = v.segment(func(segmentView) bool { return true })
			}
			if !ok || !v.Status.Open() {
				return changeBooking{}, errNotNow
			}
			others, err := t.colleagues(ctx, s, w.by, v, g)
			if err != nil || len(others) == 0 {
				return changeBooking{}, errNotNow // nobody else is free: then it stays as it is
			}
			return changeBooking{SegmentID: g.SegmentID, StaffID: others[0]}, nil
		},
		then: func(b *booking) { b.nobody = max(0, b.nobody-1) },
	}
}

// wantsNobody takes a service from its member before anybody else is found.
func (s *salon) wantsNobody() *want {
	b, _ := s.touch(s.desk, func(b *booking) bool {
		return isFar(b) && b.status == domain.StatusConfirmed && b.nobody == 0
	})
	if b == nil {
		return nil
	}
	return s.change(b, changing{
		action: check.Unassign, by: s.desk, then: func(b *booking) { b.nobody++ },
		body: func(_ context.Context, _ *town, _ *want, v bookingView) (changeBooking, error) {
			g, ok := v.segment(func(g segmentView) bool { return g.StaffID != "" })
			if !ok || !v.Status.Open() {
				return changeBooking{}, errNotNow
			}
			return changeBooking{SegmentID: g.SegmentID, Reason: "The rota for that day is being made anew."}, nil
		},
	})
}

// segment returns the first service that fits.
func (v bookingView) segment(fits func(segmentView) bool) (segmentView, bool) {
	if i := slices.IndexFunc(v.Segments, fits); i >= 0 {
		return v.Segments[i], true
	}
	return segmentView{}, false
}

// touchOwn is touch for a member of staff: the first of those who do something in the booking who sees it on his page.
func (s *salon) touchOwn(fits func(*booking) bool) (*booking, *person) {
	for _, m := range s.members() {
		if b, by := s.touch(m.person, func(b *booking) bool { return fits(b) && slices.Contains(b.staffIDs, m.StaffID) }); b != nil {
			return b, by
		}
	}
	return nil, nil
}
