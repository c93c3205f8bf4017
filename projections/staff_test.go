package projections_test

import (
	"slices"
	"testing"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/httpapi/reads"
	"github.com/royalglow/booking/projections/availability"
)

// index returns the availability as it is loaded from the read models, which must hold all that it needs.
func index(tb testing.TB, h *history) *availability.Index {
	tb.Helper()
	x := reads.Index(queries(tb, h), noon)
	if _, err := x.Checkpoint(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	return x
}

func during(start, end time.Time) []domain.Interval {
	return []domain.Interval{{StartAt: start, EndAt: end}}
}

func TestStaffAreProposedBestFirst(t *testing.T) {
	t.Parallel()
	tests := []struct {
		scenario string
		given    func(h *history)
		service  string
		start    time.Time
		want     []string
	}{
		{"all are free: by id", func(*history) {}, haircut, noon(), []string{anita, bina}},
		{"who is not on shift is left out", func(h *history) {
			week := evenings() // until 22:00 in Kolkata, 16:30 UTC
			h.setShifts(anita, koramangala, domain.TimetableChange{Pattern: &week})
		}, haircut, noon().Add(4 * time.Hour), []string{bina}},
		{"who is off that day is left out", func(h *history) {
			h.setShifts(bina, koramangala, domain.TimetableChange{Override: &domain.DateOverride{Date: "2026-06-16"}})
		}, haircut, noon(), []string{anita}},
		{"nobody does what is not offered", func(h *history) {
			facts, err := h.branches[koramangala].Withdraw(haircut)
			h.must(h.branch(koramangala, facts, err))
		}, haircut, noon(), nil},
		{"who is on leave is left out", func(h *history) {
			h.askLeave("lv_first01", anita, koramangala, "2026-06-16", "2026-06-16")
			h.approve("lv_first01")
		}, haircut, noon(), []string{bina}},
		{"who was called back is not", func(h *history) {
			h.askLeave("lv_first01", anita, koramangala, "2026-06-16", "2026-06-16")
			h.approve("lv_first01")
			h.revoke("lv_first01")
		}, haircut, noon(), []string{anita, bina}},
		{"a buffer before the service is time, too", func(h *history) {
			h.request(first, priya, koramangala, noon().Add(-45*time.Minute), haircut, bina)
		}, colour, noon(), []string{anita}},
		{"another service fits into processing time", func(h *history) {
			h.offer(koramangala, domain.Service{ServiceID: haircut, Name: "Trim", Type: domain.ServiceSalon, DurationMinutes: 20})
			h.request(first, priya, koramangala, noon().Add(32*time.Minute), haircut, bina)
		}, colour, noon(), []string{anita, bina}},
		{"only those who have the skill", func(*history) {}, facial, noon(), []string{anita, chitra}},
		{"those who have less to do that day come first", func(h *history) {
			h.request(first, priya, koramangala, noon().Add(-3*time.Hour), haircut, anita)
		}, haircut, noon(), []string{bina, anita}},
		{"another day's work does not count", func(h *history) {
			h.request(first, priya, koramangala, noon().AddDate(0, 0, 1), haircut, anita)
		}, haircut, noon(), []string{anita, bina}},
		{"work at another branch counts", func(h *history) {
			h.request(first, priya, kiritimati, noon().Add(-3*time.Hour), haircut, anita)
		}, haircut, noon(), []string{bina, anita}},
		{"who is busy is left out", func(h *history) {
			h.request(first, priya, koramangala, noon().Add(-44*time.Minute), haircut, anita)
		}, haircut, noon(), []string{bina}},
		{"who is held tentatively at another branch is busy", func(h *history) {
			h.request(first, priya, kiritimati, noon().Add(44*time.Minute), haircut, bina)
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
			t.Parallel()
			h := salon(t)
			tt.given(h)
			service := h.branches[koramangala].Services[tt.service]
			busy := domain.Segment{
				DurationMinutes: service.DurationMinutes, Phases: service.Phases, PreBufferMinutes: service.PreBufferMinutes,
				PostBufferMinutes: service.PostBufferMinutes, StartAt: tt.start,
				EndAt: tt.start.Add(time.Duration(service.DurationMinutes) * time.Minute),
			}.Busy()
			got, err := index(t, h).StaffFor(t.Context(), koramangala, tt.service, busy)
			if err != nil || !slices.Equal(got, tt.want) {
				t.Errorf("got %q, %v; want %q", got, err, tt.want)
			}
		})
	}
}

// midnight is 00:00 UTC two days after the histories begin.
func midnight() time.Time { return time.Date(2026, 6, 17, 0, 0, 0, 0, time.UTC) }

func TestNobodyIsProposedForAnUnknownBranch(t *testing.T) {
	t.Parallel()
	got, err := index(t, salon(t)).StaffFor(t.Context(), "br_unknown", haircut, during(noon(), noon().Add(time.Hour)))
	if err != nil || len(got) != 0 {
		t.Errorf("%q, %v", got, err)
	}
}

func TestOnShiftIsWhoWorksThen(t *testing.T) {
	t.Parallel()
	h := salon(t)
	week := evenings() // 15:00 to 22:00
	h.setShifts(anita, koramangala, domain.TimetableChange{Pattern: &week})
	h.setShifts(anita, koramangala, domain.TimetableChange{Override: &domain.DateOverride{Date: "2026-06-16"}})
	h.setShifts(bina, koramangala, domain.TimetableChange{Override: &domain.DateOverride{
		Date: "2026-06-16", Ranges: []domain.TimeRange{{From: 8 * 60, To: 12 * 60}},
	}})
	h.declare(koramangala, "cls_first1", "2026-06-16", "2026-06-16")
	day := domain.LocalDay("2026-06-16", h.zone(koramangala))
	x := index(t, h)
	for _, tt := range []struct {
		scenario, branch string
		start, end       time.Time
		want             []string
	}{
		{"all day", koramangala, day.StartAt, day.EndAt, []string{bina, chitra}},
		{"in the evening", koramangala, day.StartAt.Add(18 * time.Hour), day.EndAt, []string{chitra}},
		{"for two days", koramangala, day.StartAt, day.EndAt.Add(24 * time.Hour), []string{anita, bina, chitra}},
		{"nowhere", "br_unknown", day.StartAt, day.EndAt, nil},
	} {
		got, err := x.OnShift(t.Context(), tt.branch, during(tt.start, tt.end)[0])
		if err != nil || !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, %v; want %q", tt.scenario, got, err, tt.want)
		}
	}
}
