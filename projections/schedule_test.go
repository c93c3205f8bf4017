package projections_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/projections"
)

func TestTheScheduleShowsWhatIsTaken(t *testing.T) {
	h := requested(t)
	h.confirm(first, nil)            // revision 1
	h.assign(first, "seg_2", chitra) // revision 2
	page, err := queries(t, h).Schedule(t.Context(), projections.ScheduleFilter{
		Branches: projections.InBranches(koramangala), FromDate: "2026-06-16", ToDate: "2026-06-16",
	}, h.position)
	slot := func(segment, staff string, start time.Time, revision eventstore.Revision) projections.Slot {
		return projections.Slot{
			BookingID: first, SegmentID: segment, StaffID: staff, BranchID: koramangala, Kind: domain.SlotFirm,
			StartAt: start, EndAt: start.Add(45 * time.Minute), LocalDates: []string{"2026-06-16"}, Revision: revision,
		}
	}
	want := projections.SchedulePage{Position: h.position, Slots: []projections.Slot{
		slot("seg_1", anita, noon(), 1), slot("seg_2", chitra, noon().Add(45*time.Minute), 2),
	}}
	if err != nil || !reflect.DeepEqual(page, want) {
		t.Errorf("%v\n got %+v\nwant %+v", err, page, want)
	}
}

// TestTheScheduleFiltersByBranchMemberAndLocalDate has one slot that crosses midnight on the branch's clocks (18:30 UTC in
// Kolkata), one on the evening before, and one in the other branch.
func TestTheScheduleFiltersByBranchMemberAndLocalDate(t *testing.T) {
	h := salon(t)
	h.request("bkg_evening", priya, koramangala, noon(), haircut, anita)
	h.request("bkg_midnight", priya, koramangala, noon().Add(6*time.Hour+15*time.Minute), haircut, bina)
	h.request("bkg_elsewhere", rahul, indiranagar, noon(), facial, chitra)
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
			"all branches",
			projections.ScheduleFilter{Branches: every, FromDate: "2026-06-16", ToDate: "2026-06-16"},
			[]string{"bkg_elsewhere", "bkg_evening", "bkg_midnight"},
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
}
