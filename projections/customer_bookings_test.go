package projections_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/royalglow/booking/domain"
)

func TestScenario33TheCapCountsWhatIsAheadAndFreesOnCancel(t *testing.T) {
	t.Parallel()
	h := salon(t)
	at := func(n int) time.Time { return noon().Add(time.Duration(n) * time.Hour) }
	for n, id := range []string{"bkg_pending", "bkg_confirmed", "bkg_rejected", "bkg_cancelled"} {
		h.request(id, priya, koramangala, at(n), haircut, anita)
	}
	h.confirm("bkg_confirmed", nil)
	h.reject("bkg_rejected")
	h.cancel("bkg_cancelled")
	for n, id := range []string{"bkg_arrived", "bkg_underway", "bkg_missed1"} {
		h.request(id, priya, koramangala, at(n+5), haircut, anita)
		h.confirm(id, nil)
	}
	h.checkIn("bkg_arrived")
	h.start("bkg_underway", "seg_1")
	h.noShow("bkg_missed1", 20)
	h.request("bkg_other1", rahul, koramangala, at(0), haircut, bina)
	h.request("bkg_over01", priya, koramangala, monday().AddDate(0, 0, -2), haircut, bina)
	h.confirm("bkg_over01", nil)
	q := queries(t, h)
	if n, err := q.ActiveBookings(t.Context(), priya); err != nil || n != 3 {
		t.Errorf("%d, %v", n, err)
	}
	visits, err := q.OpenVisits(t.Context(), priya)
	var ids []string
	for _, v := range visits {
		ids = append(ids, v.BookingID)
	}
	if err != nil || !slices.Equal(ids, []string{"bkg_pending", "bkg_confirmed", "bkg_arrived", "bkg_underway"}) {
		t.Errorf("%v, %v", ids, err)
	}
	if v := visits[1]; v.Status != domain.StatusConfirmed || !v.StartAt.Equal(at(1)) || !v.EndAt.After(v.StartAt) {
		t.Errorf("%+v", v)
	}
}

func TestACustomersOpenBookingsOverlap(t *testing.T) {
	t.Parallel()
	h := requested(t) // from noon, for an hour and a half
	h.request("bkg_rejected", priya, koramangala, noon().Add(3*time.Hour), haircut, anita)
	h.reject("bkg_rejected")
	h.walkIn("bkg_guest1", koramangala, noon(), facial, chitra)
	q := queries(t, h)
	end := noon().Add(90 * time.Minute)
	tests := []struct {
		scenario   string
		customer   string
		start, end time.Time
		except     string
		want       bool
	}{
		{"inside", priya, noon().Add(time.Hour), noon().Add(61 * time.Minute), "", true},
		{"around", priya, noon().Add(-time.Hour), end.Add(time.Hour), "", true},
		{"across its start", priya, noon().Add(-time.Hour), noon().Add(1), "", true},
		{"across its end", priya, end.Add(-1), end.Add(time.Hour), "", true},
		{"before, touching", priya, noon().Add(-time.Hour), noon(), "", false},
		{"after, touching", priya, end, end.Add(time.Hour), "", false},
		{"but for itself", priya, noon(), end, first, false},
		{"but for another", priya, noon(), end, "bkg_rejected", true},
		{"a rejected one", priya, noon().Add(3 * time.Hour), noon().Add(4 * time.Hour), "", false},
		{"another customer", rahul, noon(), end, "", false},
		{"guests are not one person", "", noon(), end, "", false},
	}
	for _, tt := range tests {
		t.Run(tt.scenario, func(t *testing.T) {
			got, err := q.Overlapping(t.Context(), tt.customer, tt.start, tt.end, tt.except)
			if err != nil || got != tt.want {
				t.Errorf("%v, %v", got, err)
			}
		})
	}
}

func TestIDsForTokensComeUpcomingFirst(t *testing.T) {
	t.Parallel()
	h := salon(t)
	for day := -3; day <= 2; day++ {
		id := fmt.Sprintf("bkg_day%03d", day+3)
		h.request(id, priya, koramangala, monday().AddDate(0, 0, day).Add(time.Hour), haircut, anita)
		if day != 1 { // stays tentative: staff are not told
			h.confirm(id, nil)
		}
	}
	h.request("bkg_other1", rahul, koramangala, noon(), haircut, bina)
	q := queries(t, h)
	own, err := q.OwnBookingIDs(t.Context(), priya, 10)
	want := []string{"bkg_day003", "bkg_day004", "bkg_day005", "bkg_day002", "bkg_day001", "bkg_day000"}
	if err != nil || !slices.Equal(own, want) {
		t.Errorf("own: %q, %v", own, err)
	}
	assigned, err := q.AssignedBookingIDs(t.Context(), anita, 10)
	want = slices.DeleteFunc(slices.Clone(want), func(id string) bool { return id == "bkg_day004" })
	if err != nil || !slices.Equal(assigned, want) {
		t.Errorf("assigned: %q, %v", assigned, err)
	}
	for most := range 8 {
		got, err := q.OwnBookingIDs(t.Context(), priya, most)
		if err != nil || !slices.Equal(got, own[:min(most, len(own))]) {
			t.Errorf("%d of them: %q, %v", most, got, err)
		}
	}
}
