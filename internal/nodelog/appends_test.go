package nodelog_test

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/nodelog"
)

func TestALogIsTheSameEachTime(t *testing.T) {
	t.Parallel()
	const size = 3000
	again := slices.Collect(nodelog.Appends(size))
	for a := range nodelog.Appends(size) {
		if !reflect.DeepEqual(a, again[0]) {
			t.Fatalf("%+v is %+v the second time", a, again[0])
		}
		again = again[1:]
	}
	if len(again) != 0 {
		t.Errorf("there are %d more the second time", len(again))
	}
}

// TestLivesAreSpreadOverTheLog looks at a log of 30,000: a million has thirty times as many bookings open at a time.
func TestLivesAreSpreadOverTheLog(t *testing.T) {
	t.Parallel()
	const size = 30_000
	events, longest := 0, 0
	kinds, open, ended := map[string]int{}, map[string]bool{}, map[string]bool{}
	for a := range nodelog.Appends(size) {
		if !strings.HasPrefix(a.Stream, "booking-") {
			continue
		}
		events += len(a.Events)
		open[a.Stream] = true
		for _, e := range a.Events {
			kinds[e.EventType()]++
			switch e.EventType() {
			case "booking.rejected", "booking.cancelled", "booking.no_show", "booking.completed":
				ended[a.Stream] = true
				delete(open, a.Stream)
			}
		}
		longest = max(longest, len(open))
	}
	if events != size {
		t.Errorf("%d booking events", events)
	}
	bookings := len(ended) + len(open)
	if mean := float64(events) / float64(bookings); mean < 4 || mean > 5 {
		t.Errorf("a booking has %.1f events", mean)
	}
	if longest < 900 || len(ended) < bookings*8/10 {
		t.Errorf("at most %d are open, and %d of %d end", longest, len(ended), bookings)
	}
	want := []string{
		"booking.cancelled", "booking.checked_in", "booking.completed", "booking.confirmed", "booking.no_show",
		"booking.note_added", "booking.rejected", "booking.requested", "booking.rescheduled", "booking.segment_finished",
		"booking.segment_started", "booking.staff_assigned",
	}
	if got := slices.Sorted(maps.Keys(kinds)); !slices.Equal(got, want) {
		t.Errorf("%v", kinds)
	}
}

// TestNobodyIsBookedTwice holds the log to what the claims of real commands ensure.
func TestNobodyIsBookedTwice(t *testing.T) {
	t.Parallel()
	holders := map[string]map[domain.Interval]string{} // of each member of staff
	bookings := map[string]domain.Booking{}
	for a := range nodelog.Appends(10_000) {
		if !strings.HasPrefix(a.Stream, "booking-") {
			continue
		}
		before := bookings[a.Stream]
		after := before
		for _, e := range a.Events {
			after = after.Evolve(e.(domain.BookingEvent)) //nolint:forcetypeassert // what stands in a booking's stream
		}
		bookings[a.Stream] = after
		for _, c := range before.Claims {
			delete(holders[c.StaffID], domain.Interval{StartAt: c.StartAt, EndAt: c.EndAt})
		}
		for _, c := range after.Claims {
			if holders[c.StaffID] == nil {
				holders[c.StaffID] = map[domain.Interval]string{}
			}
			for taken, by := range holders[c.StaffID] {
				if by != a.Stream && c.StartAt.Before(taken.EndAt) && taken.StartAt.Before(c.EndAt) {
					t.Fatalf("%s is held by %s and %s at %s", c.StaffID, by, a.Stream, c.StartAt)
				}
			}
			holders[c.StaffID][domain.Interval{StartAt: c.StartAt, EndAt: c.EndAt}] = a.Stream
		}
	}
}

func TestARevisionFollowsTheOther(t *testing.T) {
	t.Parallel()
	last := map[string]eventstore.Revision{}
	for a := range nodelog.Appends(5000) {
		have, ok := last[a.Stream]
		if !ok {
			have = eventstore.NoStream
		}
		if a.Expected != have {
			t.Fatalf("%s is appended to at %d, and stands at %d", a.Stream, a.Expected, have)
		}
		last[a.Stream] = have + eventstore.Revision(len(a.Events))
	}
}
