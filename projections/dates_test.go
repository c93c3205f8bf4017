package projections_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/projections"
)

// TestDatesAreThoseOfTheBranch asks for each of some dates, in zones that are as far apart as zones are, and compares with what
// the clocks there show.
func TestDatesAreThoseOfTheBranch(t *testing.T) {
	t.Parallel()
	h := salon(t)
	const niue = "br_niue001"
	h.open(niue, "Pacific/Niue") // 11 h behind UTC; Kiritimati is 14 h ahead
	h.offer(niue, services()[0])
	h.join(anita, niue)
	for n := range 24 {
		start := noon().Add(time.Duration(n) * 3 * time.Hour)
		branch := []string{koramangala, kiritimati, niue}[n%3]
		h.request(fmt.Sprintf("bkg_dated%02d", n), priya, branch, start, haircut, anita)
	}
	q := queries(t, h)
	for n := -1; n < 6; n++ {
		date := domain.AddDays("2026-06-15", n)
		for _, branch := range []string{koramangala, kiritimati, niue} {
			var want []string
			for id, b := range h.bookings {
				if b.BranchID == branch && b.StartAt.In(h.zone(branch)).Format(domain.DayFormat) == date {
					want = append(want, id)
				}
			}
			slices.Sort(want)
			page, err := q.Bookings(t.Context(), projections.BookingFilter{
				Branches: projections.InBranches(branch), FromDate: date, ToDate: date,
			}, 0)
			if err != nil {
				t.Fatal(err)
			}
			var listed []string
			for _, b := range page.Bookings {
				listed = append(listed, b.ID)
			}
			day, err := q.Schedule(t.Context(), projections.ScheduleFilter{
				Branches: projections.InBranches(branch), FromDate: date, ToDate: date,
			}, 0)
			if err != nil {
				t.Fatal(err)
			}
			var scheduled []string
			for _, s := range day.Slots {
				if s.LocalDates[0] == date { // others began the day before
					scheduled = append(scheduled, s.BookingID)
				}
			}
			if !slices.Equal(listed, want) || !slices.Equal(scheduled, want) {
				t.Errorf("%s at %s: %q and %q, not %q", date, branch, listed, scheduled, want)
			}
		}
	}
}
