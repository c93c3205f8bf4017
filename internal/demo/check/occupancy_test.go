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
	return domain.Segment{SegmentID: "seg_1", StaffID: staff, StartAt: from, EndAt: to}
}

func ref(n int) domain.BookingRef { return domain.BookingRef{BookingID: fmt.Sprintf("bkg_%06d", n)} }

func requested(n int, staff string, from, to time.Time) domain.Event {
	return domain.BookingRequested{BookingRef: ref(n), Segments: []domain.Segment{segment(staff, from, to)}}
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
			log: []domain.Event{domain.BookingRequested{BookingRef: ref(1), Segments: []domain.Segment{
				segment("stf_a", at(10, 0), at(11, 0)), segment("stf_a", at(10, 30), at(11, 30)),
			}}},
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
