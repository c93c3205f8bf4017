package projections_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/projections"
)

const sick = "lv_sick0001"

// asked is a salon in which Anita, who is booked at noon and by the hour for the two after, asks for the day off.
func asked(tb testing.TB) *history {
	tb.Helper()
	h := salon(tb)
	for i, id := range []string{"bkg_noon001", "bkg_later01", "bkg_last001"} {
		h.request(id, priya, koramangala, noon().Add(time.Duration(i)*time.Hour), haircut, anita)
		h.confirm(id, nil)
	}
	h.askLeave(sick, anita, koramangala, "2026-06-16", "2026-06-16")
	return h
}

func (h *history) decision(revision eventstore.Revision, by domain.Actor, why string) *projections.Decision {
	return &projections.Decision{By: by, At: h.event(domain.LeaveStream(sick), revision).Metadata.OccurredAt, Reason: why}
}

func TestALeaveTellsWhoSaidWhat(t *testing.T) {
	t.Parallel()
	staff := domain.Actor{UserID: "usr_anita1", Role: domain.RoleStaff}
	tests := []struct {
		scenario string
		given    func(h *history) (domain.Actor, []domain.LeaveEvent, error)
		want     func(h *history, l *projections.Leave)
	}{
		{
			"rejected",
			func(h *history) (domain.Actor, []domain.LeaveEvent, error) {
				facts, err := h.leaves[sick].Reject("We need you")
				return manager, facts, err
			},
			func(h *history, l *projections.Leave) {
				l.Status, l.Decided = domain.LeaveDeclined, h.decision(1, manager, "We need you")
			},
		},
		{
			"withdrawn",
			func(h *history) (domain.Actor, []domain.LeaveEvent, error) {
				facts, err := h.leaves[sick].Withdraw()
				return staff, facts, err
			},
			func(h *history, l *projections.Leave) {
				l.Status, l.Undone = domain.LeaveTakenBack, h.decision(1, staff, "")
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.scenario, func(t *testing.T) {
			t.Parallel()
			h := asked(t)
			q := queries(t, h)
			want, _, err := q.LeaveByID(t.Context(), sick, h.position)
			requested := h.event(domain.LeaveStream(sick), 0)
			if err != nil || want.Status != domain.LeavePending || want.Decided != nil || want.Undone != nil ||
				want.Reason == nil || want.Reason.KeyID != "key_"+sick || !want.RequestedAt.Equal(requested.Metadata.OccurredAt) {
				t.Fatalf("%+v, %v", want, err)
			}
			by, facts, err := tt.given(h)
			h.must(h.leave(sick, by, facts, err))
			want.Revision, want.Position = 1, h.last(domain.LeaveStream(sick)).Position
			tt.want(h, &want)
			if got, _, err := queries(t, h).LeaveByID(t.Context(), sick, 0); err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%v\n got %+v\nwant %+v", err, got, want)
			}
		})
	}
}

// TestConflictsCloseByThemselves: each booking in the way is given to another, moved, or cancelled; one that takes place all
// the same is none, once it is over.
func TestConflictsCloseByThemselves(t *testing.T) {
	t.Parallel()
	h := asked(t)
	m := models(openDB(t))
	open := func() (bookings []string) {
		t.Helper()
		project(t, m, h.events)
		page, err := m.Queries().Leaves(t.Context(), projections.LeaveFilter{
			Branches: projections.InBranches(koramangala), Statuses: []domain.LeaveStatus{domain.LeaveGranted},
		}, h.position)
		if err != nil || len(page.Leaves) != 1 || page.Position != h.position {
			t.Fatalf("%+v, %v", page, err)
		}
		for _, c := range page.Leaves[0].OpenConflicts {
			if c.StaffID != anita || c.BranchID != koramangala || c.SegmentID != "seg_1" {
				t.Errorf("%+v", c)
			}
			bookings = append(bookings, c.BookingID)
		}
		return bookings
	}
	steps := []struct {
		what string
		do   func()
		want []string
	}{
		{"approved", func() { h.approve(sick) }, []string{"bkg_noon001", "bkg_later01", "bkg_last001"}},
		{"given to another", func() { h.assign("bkg_later01", "seg_1", bina) }, []string{"bkg_noon001", "bkg_last001"}},
		{"shortened, she still keeps a part", func() {
			b := h.bookings["bkg_last001"]
			facts, err := b.ChangeDuration(domain.ChangeDuration{
				Roster: h.roster(koramangala), SegmentID: "seg_1", Minutes: 20, NewClaimID: h.claim,
			})
			h.must(h.book("bkg_last001", reception, facts, err))
		}, []string{"bkg_noon001", "bkg_last001"}},
		{"cancelled", func() { h.cancel("bkg_last001") }, []string{"bkg_noon001"}},
		{"under way", func() { h.start("bkg_noon001", "seg_1") }, []string{"bkg_noon001"}},
		{"over", func() { h.complete("bkg_noon001", 45) }, nil},
		{"not over after all", func() { h.correct("bkg_noon001", domain.StatusInProgress) }, []string{"bkg_noon001"}},
	}
	for _, s := range steps {
		s.do()
		if got := open(); !reflect.DeepEqual(got, s.want) {
			t.Errorf("%s: %q, not %q", s.what, got, s.want)
		}
	}
	h.revoke(sick)
	project(t, m, h.events)
	got, at, err := m.Queries().LeaveByID(t.Context(), sick, h.position)
	if err != nil || at != h.position || len(got.OpenConflicts) != 0 || got.Status != domain.LeaveUndone {
		t.Errorf("%+v, %v", got, err)
	}
	if !reflect.DeepEqual(got.Decided, h.decision(1, manager, "")) ||
		!reflect.DeepEqual(got.Undone, h.decision(2, manager, "We need her")) {
		t.Errorf("%+v, %+v", got.Decided, got.Undone)
	}
}

// TestAClaimAcrossMidnightIsOneConflict: it stands on two UTC days, and so does the leave. It is over when both are released.
func TestAClaimAcrossMidnightIsOneConflict(t *testing.T) {
	t.Parallel()
	h := salon(t)
	h.request(first, priya, koramangala, midnight().Add(-20*time.Minute), haircut, anita)
	h.askLeave(sick, anita, koramangala, "2026-06-16", "2026-06-18")
	h.approve(sick)
	m := models(openDB(t))
	project(t, m, h.events)
	taken := len(h.events)
	h.assign(first, "seg_1", bina)
	for _, e := range h.events[taken-1:] {
		project(t, m, []eventstore.Recorded{e})
		got, _, err := m.Queries().LeaveByID(t.Context(), sick, e.Position)
		if err != nil {
			t.Fatal(err)
		}
		if e.Position == h.position { // the second release
			if len(got.OpenConflicts) != 0 {
				t.Errorf("in the end: %+v", got.OpenConflicts)
			}
			break
		}
		if len(got.OpenConflicts) != 1 || got.OpenConflicts[0].Status != domain.StatusPending {
			t.Errorf("after %s: %+v", e.Event.EventType(), got.OpenConflicts)
		}
	}
}

func TestAMarkOffBeginsApproved(t *testing.T) {
	t.Parallel()
	h := salon(t)
	h.markOff(sick, anita, koramangala, "2026-06-16", 10*60, 12*60)
	got, _, err := queries(t, h).LeaveByID(t.Context(), sick, 0)
	if err != nil || got.Status != domain.LeaveGranted || !got.MarkOff || got.RequestedAt.IsZero() ||
		!reflect.DeepEqual(got.Decided, h.decision(0, reception, "")) || got.FromTime.String() != "10:00" ||
		got.Reason == nil || got.Reason.KeyID != "key_off_"+sick {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestAnUnknownLeaveIsNotFound(t *testing.T) {
	t.Parallel()
	_, _, err := queries(t, salon(t)).LeaveByID(t.Context(), "lv_unknown", 0)
	if !isRefusal(err, domain.NotFound, domain.CodeNotFound) {
		t.Error(err)
	}
}

func TestALeaveEventThatDoesNotFitHalts(t *testing.T) {
	t.Parallel()
	h := asked(t)
	h.approve(sick)
	h.revoke(sick)
	haltsWithout(t, h, domain.LeaveStream(sick), 0, "leave")
	haltsWithout(t, h, domain.LeaveStream(sick), 1, "leave", "schedule") // its blocks are of a leave that was never approved
}
