package projections_test

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

func TestStaffAreProposedBestFirst(t *testing.T) {
	tests := []struct {
		scenario string
		given    func(h *history)
		service  string
		start    time.Time
		want     []string
	}{
		{"all are free: by id", func(*history) {}, haircut, noon(), []string{anita, bina}},
		{"only those who have the skill", func(*history) {}, facial, noon(), []string{anita, chitra}},
		{"those who have less to do that day come first", func(h *history) {
			h.request(first, priya, koramangala, noon().Add(-3*time.Hour), haircut, anita)
		}, haircut, noon(), []string{bina, anita}},
		{"another day's work does not count", func(h *history) {
			h.request(first, priya, koramangala, noon().AddDate(0, 0, 1), haircut, anita)
		}, haircut, noon(), []string{anita, bina}},
		{"work at another branch counts", func(h *history) {
			h.request(first, priya, indiranagar, noon().Add(-3*time.Hour), haircut, anita)
		}, haircut, noon(), []string{bina, anita}},
		{"who is busy is left out", func(h *history) {
			h.request(first, priya, koramangala, noon().Add(-44*time.Minute), haircut, anita)
		}, haircut, noon(), []string{bina}},
		{"who is held tentatively at another branch is busy", func(h *history) {
			h.request(first, priya, indiranagar, noon().Add(44*time.Minute), haircut, bina)
		}, haircut, noon(), []string{anita}},
		{"slots that touch do not overlap", func(h *history) {
			h.request("bkg_before", priya, koramangala, noon().Add(-45*time.Minute), haircut, bina)
			h.request("bkg_behind", priya, koramangala, noon().Add(45*time.Minute), haircut, bina)
		}, haircut, noon(), []string{anita, bina}},
		{"a cancelled booking frees", func(h *history) {
			h.request(first, priya, koramangala, noon(), haircut, anita)
			h.cancel(first)
		}, haircut, noon(), []string{anita, bina}},
		{"nobody is free", func(h *history) {
			h.request(first, priya, koramangala, noon(), haircut, anita)
			h.request("bkg_second", rahul, koramangala, noon(), haircut, bina)
		}, haircut, noon(), nil},
		{"a slot across midnight is seen from the day after", func(h *history) {
			h.request(first, priya, koramangala, midnight().Add(-20*time.Minute), haircut, anita)
		}, haircut, midnight(), []string{bina}},
		{"only its minutes on the day are load", func(h *history) {
			h.request(first, priya, koramangala, midnight().Add(-5*time.Minute), haircut, bina)      // 40 min on the day
			h.request("bkg_second", rahul, koramangala, midnight().Add(-1*time.Hour), facial, anita) // none
		}, haircut, midnight().Add(2 * time.Hour), []string{anita, bina}},
	}
	for _, tt := range tests {
		t.Run(tt.scenario, func(t *testing.T) {
			h := salon(t)
			tt.given(h)
			got, err := queries(t, h).StaffFor(t.Context(), koramangala, tt.service, tt.start, tt.start.Add(45*time.Minute))
			if err != nil || !slices.Equal(got, tt.want) {
				t.Errorf("got %q, %v; want %q", got, err, tt.want)
			}
		})
	}
}

// midnight is 00:00 UTC two days after the histories begin.
func midnight() time.Time { return time.Date(2026, 6, 17, 0, 0, 0, 0, time.UTC) }

func TestNobodyIsProposedForAnUnknownBranch(t *testing.T) {
	got, err := queries(t, salon(t)).StaffFor(t.Context(), "br_unknown", haircut, noon(), noon().Add(time.Hour))
	if err != nil || len(got) != 0 {
		t.Errorf("%q, %v", got, err)
	}
}

func TestActiveBookingsAreOpenAndNotOver(t *testing.T) {
	h := salon(t)
	at := func(n int) time.Time { return noon().Add(time.Duration(n) * time.Hour) }
	for n, id := range []string{"bkg_pending", "bkg_confirmed", "bkg_rejected", "bkg_cancelled"} {
		h.request(id, priya, koramangala, at(n), haircut, anita)
	}
	h.confirm("bkg_confirmed", nil)
	h.reject("bkg_rejected")
	h.cancel("bkg_cancelled")
	h.request("bkg_other1", rahul, koramangala, at(0), haircut, bina)
	h.request("bkg_over01", priya, koramangala, monday().AddDate(0, 0, -2), haircut, bina)
	h.confirm("bkg_over01", nil)
	if n, err := queries(t, h).ActiveBookings(t.Context(), priya); err != nil || n != 2 {
		t.Errorf("%d, %v", n, err)
	}
}

func TestIDsForTokensComeUpcomingFirst(t *testing.T) {
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
