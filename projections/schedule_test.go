package projections_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/projections"
)

func TestTheScheduleShowsWhatIsTaken(t *testing.T) {
	t.Parallel()
	h := requested(t)
	h.confirm(first, nil)
	h.assign(first, "seg_2", anita) // revision 2
	h.note(first, "nt_first1", domain.VisibleInternal, reception)
	page, err := queries(t, h).Schedule(t.Context(), projections.ScheduleFilter{
		Branches: projections.InBranches(koramangala), FromDate: "2026-06-16", ToDate: "2026-06-16",
	}, h.position)
	slot := func(segment string, start time.Time) projections.Slot {
		return projections.Slot{
			BookingID: first, SegmentID: segment, StaffID: anita, BranchID: koramangala, Kind: domain.SlotFirm,
			StartAt: start, EndAt: start.Add(45 * time.Minute), LocalDates: []string{"2026-06-16"},
			Status: domain.StatusConfirmed, Revision: 3,
		}
	}
	want := projections.SchedulePage{Position: h.position, Blocks: []projections.Block{}, Slots: []projections.Slot{
		slot("seg_1", noon()), slot("seg_2", noon().Add(45*time.Minute)),
	}}
	if err != nil || !reflect.DeepEqual(page, want) {
		t.Errorf("%v\n got %+v\nwant %+v", err, page, want)
	}
}

// TestProcessingTimeIsFree: a colour keeps its member busy twice, with buffers around it.
func TestProcessingTimeIsFree(t *testing.T) {
	t.Parallel()
	h := salon(t)
	h.request(first, priya, koramangala, noon(), colour, bina)
	q := queries(t, h)
	filter := projections.ScheduleFilter{Branches: projections.EveryBranch(), FromDate: "2026-06-16", ToDate: "2026-06-16"}
	page, err := q.Schedule(t.Context(), filter, 0)
	if err != nil || len(page.Slots) != 2 {
		t.Fatalf("%+v, %v", page, err)
	}
	for i, want := range []domain.Interval{
		{StartAt: noon().Add(-5 * time.Minute), EndAt: noon().Add(30 * time.Minute)},
		{StartAt: noon().Add(55 * time.Minute), EndAt: noon().Add(85 * time.Minute)},
	} {
		if s := page.Slots[i]; s.SegmentID != "seg_1" || !want.Equal(domain.Interval{StartAt: s.StartAt, EndAt: s.EndAt}) {
			t.Errorf("%+v, not %+v", s, want)
		}
	}
}

// TestASlotTellsWhatBecameOfItsBooking: the time of a completed booking stays, and of a no-show what had passed.
func TestASlotTellsWhatBecameOfItsBooking(t *testing.T) {
	t.Parallel()
	h := salon(t)
	h.request("bkg_paid001", priya, koramangala, noon(), haircut, anita)
	h.request("bkg_missed1", rahul, koramangala, noon(), haircut, bina)
	m := models(openDB(t))
	for id, end := range map[string]func(){
		"bkg_paid001": func() { h.complete("bkg_paid001", 45) }, "bkg_missed1": func() { h.noShow("bkg_missed1", 20) },
	} {
		h.confirm(id, nil)
		project(t, m, h.events) // slots are there when their booking ends
		end()
	}
	project(t, m, h.events)
	page, err := m.Queries().Schedule(t.Context(), projections.ScheduleFilter{
		Branches: projections.EveryBranch(), FromDate: "2026-06-16", ToDate: "2026-06-16",
	}, h.position)
	if err != nil || len(page.Slots) != 2 {
		t.Fatalf("%+v, %v", page, err)
	}
	paid, missed := page.Slots[0], page.Slots[1]
	if paid.Status != domain.StatusCompleted || !paid.EndAt.Equal(noon().Add(45*time.Minute)) {
		t.Errorf("%+v", paid)
	}
	if missed.Status != domain.StatusNoShow || !missed.EndAt.Equal(noon().Add(20*time.Minute)) {
		t.Errorf("%+v", missed)
	}
}

// TestTheScheduleFiltersByBranchMemberAndLocalDate has one slot that crosses midnight on the branch's clocks (18:30 UTC in
// Kolkata), one on the evening before, and one in the other branch, where it is the day after.
func TestTheScheduleFiltersByBranchMemberAndLocalDate(t *testing.T) {
	t.Parallel()
	h := salon(t)
	h.request("bkg_evening", priya, koramangala, noon(), haircut, anita)
	h.request("bkg_midnight", priya, koramangala, noon().Add(6*time.Hour+15*time.Minute), haircut, bina)
	h.request("bkg_elsewhere", rahul, kiritimati, noon(), facial, chitra)
	q := queries(t, h)
	one, every := projections.InBranches(koramangala), projections.EveryBranch()
	tests := []struct {
		scenario string
		filter   projections.ScheduleFilter
		want     []string
	}{
		{
			"the evening",
			projections.ScheduleFilter{Branches: one, FromDate: "2026-06-16", ToDate: "2026-06-16"},
			[]string{"bkg_evening", "bkg_midnight"},
		},
		{
			"the morning after",
			projections.ScheduleFilter{Branches: one, FromDate: "2026-06-17", ToDate: "2026-06-17"},
			[]string{"bkg_midnight"},
		},
		{
			"both days show a slot once",
			projections.ScheduleFilter{Branches: one, FromDate: "2026-06-16", ToDate: "2026-06-17"},
			[]string{"bkg_evening", "bkg_midnight"},
		},
		{
			"all branches, by their own dates",
			projections.ScheduleFilter{Branches: every, FromDate: "2026-06-17", ToDate: "2026-06-17"},
			[]string{"bkg_elsewhere", "bkg_midnight"},
		},
		{
			"one member",
			projections.ScheduleFilter{Branches: every, StaffID: chitra, FromDate: "2026-06-01", ToDate: "2026-06-30"},
			[]string{"bkg_elsewhere"},
		},
		{"a member in a branch where he has nothing", projections.ScheduleFilter{
			Branches: one, StaffID: chitra, FromDate: "2026-06-01", ToDate: "2026-06-30",
		}, nil},
		{"another day", projections.ScheduleFilter{Branches: every, FromDate: "2026-06-18", ToDate: "2026-06-18"}, nil},
		{"no branch", projections.ScheduleFilter{FromDate: "2026-06-01", ToDate: "2026-06-30"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.scenario, func(t *testing.T) {
			page, err := q.Schedule(t.Context(), tt.filter, 0)
			var got []string
			for _, s := range page.Slots {
				got = append(got, s.BookingID)
			}
			slices.Sort(got)
			if err != nil || !slices.Equal(got, tt.want) {
				t.Errorf("%q, %v; want %q", got, err, tt.want)
			}
		})
	}
	for _, f := range []projections.ScheduleFilter{
		{FromDate: "2026-06-01"}, {ToDate: "2026-06-01"}, {FromDate: "2026-06-31", ToDate: "2026-07-01"},
	} {
		if _, err := q.Schedule(t.Context(), f, 0); !isRefusal(err, domain.Invalid, domain.CodeValidation) {
			t.Errorf("%+v: %v", f, err)
		}
	}
}

// TestALeaveStandsFromItsApprovalUntilItIsRevoked: as the messages tell it, whatever the keeper has done of the three UTC days
// that two dates in Kolkata touch. What is busy is what the days say.
func TestALeaveStandsFromItsApprovalUntilItIsRevoked(t *testing.T) {
	t.Parallel()
	h := salon(t)
	h.askLeave("lv_first01", anita, koramangala, "2026-06-16", "2026-06-17")
	facts, err := h.leaves["lv_first01"].Approve(domain.ApproveLeave{})
	h.must(h.leave("lv_first01", manager, facts, err))
	days := h.leaves["lv_first01"].Days()
	if len(days) != 3 {
		t.Fatalf("%q", days)
	}
	m := models(openDB(t))
	blocks := func(f projections.ScheduleFilter) []projections.Block {
		t.Helper()
		project(t, m, h.events)
		page, err := m.Queries().Schedule(t.Context(), f, h.position)
		if err != nil {
			t.Fatal(err)
		}
		return page.Blocks
	}
	one := projections.ScheduleFilter{Branches: projections.InBranches(koramangala), FromDate: "2026-06-17", ToDate: "2026-06-17"}
	busy := func() (of []string) {
		t.Helper()
		project(t, m, h.events)
		b, err := m.Queries().Busy(t.Context(), noon())
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range b.Blocks {
			of = append(of, block.Days...)
		}
		return of
	}
	for i := range len(days) + 1 {
		if i > 0 {
			h.keepDay("lv_first01", days[i-1])
		}
		day := days[:i]
		want := []projections.Block{{
			LeaveID: "lv_first01", StaffID: anita,
			StartAt: time.Date(2026, 6, 15, 18, 30, 0, 0, time.UTC), EndAt: time.Date(2026, 6, 17, 18, 30, 0, 0, time.UTC),
			Places: []domain.LeavePlace{{BranchID: koramangala, LocalDates: []string{"2026-06-16", "2026-06-17"}}},
		}}
		if got := blocks(one); !reflect.DeepEqual(got, want) {
			t.Errorf("with %s:\n got %+v\nwant %+v", day, got, want)
		}
		if got := busy(); !slices.Equal(got, day) {
			t.Errorf("busy on %q, want %q", got, day)
		}
	}
	elsewhere := one
	elsewhere.Branches, elsewhere.FromDate, elsewhere.ToDate = projections.EveryBranch(), "2026-06-18", "2026-06-18"
	if got := blocks(elsewhere); len(got) != 1 || len(got[0].Places) != 1 || got[0].Places[0].BranchID != kiritimati {
		t.Errorf("%+v", got)
	}
	nobody := one
	nobody.StaffID = bina
	if got := blocks(nobody); len(got) != 0 {
		t.Errorf("%+v", got)
	}
	facts, err = h.leaves["lv_first01"].Revoke("We need her")
	h.must(h.leave("lv_first01", manager, facts, err))
	for i, day := range days {
		if got := blocks(one); len(got) != 0 {
			t.Errorf("before %s: %+v", day, got)
		}
		if got := busy(); !slices.Equal(got, days[i:]) {
			t.Errorf("busy on %q, want %q", got, days[i:])
		}
		h.keepDay("lv_first01", day)
	}
	if got := busy(); len(got) != 0 {
		t.Errorf("busy on %q", got)
	}
}

func TestABlockWithoutALeaveHalts(t *testing.T) {
	t.Parallel()
	h := salon(t)
	h.markOff("lv_first01", anita, koramangala, "2026-06-16", 600, 720)
	h.request(first, priya, koramangala, noon(), haircut, bina)
	haltsWithout(t, h, domain.LeaveStream("lv_first01"), 0, "schedule")
}
