package check_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/royalglow/booking/domain"
)

// at is a time on the day of which all bookings of the tests are.
func at(hour, minute int) time.Time { return time.Date(2026, 3, 2, hour, minute, 0, 0, time.UTC) }

func segment(staff string, from, to time.Time) domain.Segment {
	return domain.Segment{
		SegmentID: "seg_1", StaffID: staff, StartAt: from, EndAt: to, DurationMinutes: int(to.Sub(from).Minutes()),
	}
}

// colour keeps its member for half an hour, leaves him free for half an hour, and keeps him again.
func colour(staff string, from time.Time) domain.Segment {
	s := segment(staff, from, from.Add(90*time.Minute))
	s.Phases = []domain.Phase{
		{Kind: domain.PhaseActive, Minutes: 30},
		{Kind: domain.PhaseProcessing, Minutes: 30},
		{Kind: domain.PhaseActive, Minutes: 30},
	}
	return s
}

// massage takes an hour, with ten minutes before and a quarter of an hour after it.
func massage(staff string, from time.Time) domain.Segment {
	s := segment(staff, from, from.Add(time.Hour))
	s.PreBufferMinutes, s.PostBufferMinutes = 10, 15
	return s
}

func of(n int, segments ...domain.Segment) domain.Event {
	return domain.BookingRequested{BookingRef: ref(n), Plan: domain.Plan{Segments: segments}}
}

// finished says that the only service was done at a time.
func finished(n int, s domain.Segment, when time.Time) domain.Event {
	s.StartedAt, s.FinishedAt = s.StartAt, when
	return domain.BookingSegmentFinished{BookingRef: ref(n), Segment: s, At: when}
}

func ref(n int) domain.BookingRef { return domain.BookingRef{BookingID: fmt.Sprintf("bkg_%06d", n)} }

func requested(n int, staff string, from, to time.Time) domain.Event {
	return of(n, segment(staff, from, to))
}

func confirmed(n int, staff string, from, to time.Time) domain.Event {
	return domain.BookingConfirmed{BookingRef: ref(n), Segments: []domain.Segment{segment(staff, from, to)}}
}

func assigned(n int, staff string, from, to time.Time) domain.Event {
	return domain.BookingStaffAssigned{BookingRef: ref(n), Segment: segment(staff, from, to)}
}

func claimed(n int, staff string, from, to time.Time) domain.Event {
	return domain.StaffDayClaimed{
		BookingID: ref(n).BookingID, Claim: domain.Claim{StaffID: staff, StartAt: from, EndAt: to},
	}
}

func TestDoubleBooked(t *testing.T) {
	for name, c := range map[string]struct {
		log  []domain.Event
		want int
	}{
		"two bookings overlap on one member": {
			log:  []domain.Event{requested(1, "stf_a", at(10, 0), at(11, 0)), requested(2, "stf_a", at(10, 30), at(11, 30))},
			want: 1,
		},
		"one contains the other": {
			log:  []domain.Event{requested(1, "stf_a", at(10, 0), at(12, 0)), requested(2, "stf_a", at(10, 30), at(11, 0))},
			want: 1,
		},
		"three at once are three pairs": {
			log: []domain.Event{
				requested(1, "stf_a", at(10, 0), at(11, 0)), requested(2, "stf_a", at(10, 0), at(11, 0)),
				requested(3, "stf_a", at(10, 0), at(11, 0)),
			},
			want: 3,
		},
		"an approval moves a booking onto a taken member": {
			log: []domain.Event{
				requested(1, "stf_a", at(10, 0), at(11, 0)), requested(2, "stf_b", at(10, 0), at(11, 0)),
				confirmed(2, "stf_a", at(10, 0), at(11, 0)),
			},
			want: 1,
		},
		"a reassignment moves a booking onto a taken member": {
			log: []domain.Event{
				requested(1, "stf_a", at(10, 0), at(11, 0)), requested(2, "stf_b", at(10, 59), at(11, 30)),
				assigned(2, "stf_a", at(10, 59), at(11, 30)),
			},
			want: 1,
		},
		"an overlap that passed still happened, once": {
			log: []domain.Event{
				requested(1, "stf_a", at(10, 0), at(11, 0)), requested(2, "stf_a", at(10, 0), at(11, 0)),
				confirmed(1, "stf_a", at(10, 0), at(11, 0)),
				domain.BookingCancelled{BookingRef: ref(2)},
			},
			want: 1,
		},
		"a booking does not meet itself": {
			log: []domain.Event{of(1, segment("stf_a", at(10, 0), at(11, 0)), segment("stf_a", at(10, 30), at(11, 30)))},
		},
		"back to back is fine": {
			log: []domain.Event{requested(1, "stf_a", at(10, 0), at(11, 0)), requested(2, "stf_a", at(11, 0), at(12, 0))},
		},
		"another member is fine": {
			log: []domain.Event{requested(1, "stf_a", at(10, 0), at(11, 0)), requested(2, "stf_b", at(10, 0), at(11, 0))},
		},
		"time that a rejected booking gave back is fine": {
			log: []domain.Event{
				requested(1, "stf_a", at(10, 0), at(11, 0)),
				domain.BookingRejected{BookingRef: ref(1)},
				requested(2, "stf_a", at(10, 0), at(11, 0)),
			},
		},
		"time that a reassigned booking gave back is fine": {
			log: []domain.Event{
				requested(1, "stf_a", at(10, 0), at(11, 0)), assigned(1, "stf_b", at(10, 0), at(11, 0)),
				requested(2, "stf_a", at(10, 0), at(11, 0)),
			},
		},
		"the second of two services meets another booking": {
			log: []domain.Event{
				of(1, segment("stf_a", at(10, 0), at(11, 0)), segment("stf_b", at(11, 0), at(12, 0))),
				requested(2, "stf_b", at(11, 30), at(12, 30)),
			},
			want: 1,
		},
		"while something takes effect the member is free": {
			log: []domain.Event{of(1, colour("stf_a", at(10, 0))), requested(2, "stf_a", at(10, 30), at(11, 0))},
		},
		"a booking reaches out of the time in which something takes effect": {
			log:  []domain.Event{of(1, colour("stf_a", at(10, 0))), requested(2, "stf_a", at(10, 30), at(11, 1))},
			want: 1,
		},
		"a booking lies in the buffer before": {
			log:  []domain.Event{of(1, massage("stf_a", at(10, 0))), requested(2, "stf_a", at(9, 0), at(9, 51))},
			want: 1,
		},
		"a booking lies in the buffer after": {
			log:  []domain.Event{of(1, massage("stf_a", at(10, 0))), requested(2, "stf_a", at(11, 14), at(12, 0))},
			want: 1,
		},
		"buffers add up": {
			log:  []domain.Event{of(1, massage("stf_a", at(10, 0))), of(2, massage("stf_a", at(11, 24)))},
			want: 1,
		},
		"buffers touch": {
			log: []domain.Event{of(1, massage("stf_a", at(10, 0))), of(2, massage("stf_a", at(11, 25)))},
		},
		"what was done early leaves its time, but for the buffer": {
			log: []domain.Event{
				of(1, massage("stf_a", at(10, 0))), finished(1, massage("stf_a", at(10, 0)), at(10, 20)),
				requested(2, "stf_a", at(10, 35), at(11, 0)),
			},
		},
		"the buffer after what was done early": {
			log: []domain.Event{
				of(1, massage("stf_a", at(10, 0))), finished(1, massage("stf_a", at(10, 0)), at(10, 20)),
				requested(2, "stf_a", at(10, 34), at(11, 0)),
			},
			want: 1,
		},
		"what was done before its time leaves all of it": {
			log: []domain.Event{
				requested(1, "stf_a", at(10, 0), at(11, 0)), finished(1, segment("stf_a", at(10, 0), at(11, 0)), at(9, 40)),
				requested(2, "stf_a", at(10, 0), at(11, 0)),
			},
		},
		"what a no-show left is free, what had passed is not": {
			log: []domain.Event{
				requested(1, "stf_a", at(10, 0), at(11, 0)),
				domain.BookingNoShow{BookingRef: ref(1), At: at(10, 15)},
				requested(2, "stf_a", at(10, 15), at(11, 0)), requested(3, "stf_a", at(10, 0), at(10, 10)),
			},
			want: 1,
		},
		"a correction takes time that another has by now": {
			log: []domain.Event{
				requested(1, "stf_a", at(10, 0), at(11, 0)),
				domain.BookingCancelled{BookingRef: ref(1)},
				requested(2, "stf_a", at(10, 0), at(11, 0)),
				domain.BookingOutcomeCorrected{
					BookingRef: ref(1), ToStatus: domain.StatusConfirmed, Segments: []domain.Segment{segment("stf_a", at(10, 0), at(11, 0))},
				},
			},
			want: 1,
		},
		"a longer service meets the next booking": {
			log: []domain.Event{
				requested(1, "stf_a", at(10, 0), at(11, 0)), requested(2, "stf_a", at(11, 0), at(12, 0)),
				domain.BookingDurationChanged{
					BookingRef: ref(1), Plan: domain.Plan{Segments: []domain.Segment{segment("stf_a", at(10, 0), at(11, 15))}},
				},
			},
			want: 1,
		},
		"a service that nobody does is in nobody's way": {
			log: []domain.Event{
				requested(1, "", at(10, 0), at(11, 0)), requested(2, "", at(10, 0), at(11, 0)),
			},
		},
		"claims are not asked": {
			log: []domain.Event{claimed(1, "stf_a", at(10, 0), at(11, 0)), claimed(2, "stf_a", at(10, 0), at(11, 0))},
		},
		"a fence changes nothing": {
			log: []domain.Event{
				requested(1, "stf_a", at(10, 0), at(11, 0)),
				domain.BookingClaimFenced{BookingID: "bkg_000001"},
				domain.BookingAbandoned{BookingID: "bkg_000002"},
				requested(2, "stf_a", at(11, 0), at(12, 0)),
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHistory()
			for _, e := range c.log {
				h.commit(e)
			}
			h.wants(t, figures{doubleBooked: c.want})
		})
	}
}
