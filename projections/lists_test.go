package projections_test

import (
	"cmp"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/projections"
)

// TestPagesTogetherAreTheList walks random lists page by page and compares them with the booking and leave states, filtered
// and sorted in plain Go.
func TestPagesTogetherAreTheList(t *testing.T) {
	t.Parallel()
	db := openDB(t)
	found, missed := 0, 0
	rapid.Check(t, func(r *rapid.T) {
		wipe(t, db)
		h := randomHistory(t, r, 60)
		m := models(db)
		project(t, m, h.events)
		for range 3 {
			scope, reach := drawScope(r)
			f := drawFilter(r)
			f.Branches = scope
			want := h.list(f, reach)
			if got := walk(t, r, m.Queries(), f); !reflect.DeepEqual(got, want) {
				r.Fatalf("%+v:\n got %q\nwant %q", f, got, want)
			}
			leaves := drawLeaveFilter(r)
			leaves.Branches = scope
			if got, want := walkLeaves(t, r, m.Queries(), leaves), h.listLeaves(leaves, reach); !reflect.DeepEqual(got, want) {
				r.Fatalf("%+v:\n got %q\nwant %q", leaves, got, want)
			}
			found += len(want)
			missed += len(h.list(projections.BookingFilter{}, []string{koramangala, kiritimati})) - len(want)
		}
	})
	if found == 0 || missed == 0 {
		t.Errorf("the filters found %d bookings and left out %d", found, missed)
	}
}

func drawScope(r *rapid.T) (scope projections.BranchScope, reach []string) {
	switch below(5).Draw(r, "scope") {
	case 0:
		return projections.BranchScope{}, nil
	case 1:
		return projections.InBranches(koramangala), []string{koramangala}
	case 2:
		return projections.InBranches(koramangala, kiritimati, koramangala), []string{koramangala, kiritimati}
	}
	return projections.EveryBranch(), []string{koramangala, kiritimati}
}

// some draws up to most of the values, or none in half of the cases.
func some[V any](r *rapid.T, most int, values []V) (drawn []V) {
	if rapid.Bool().Draw(r, "any") {
		return nil
	}
	for range below(most).Draw(r, "some") + 1 {
		drawn = append(drawn, values[below(len(values)).Draw(r, "value")])
	}
	return drawn
}

func dates(r *rapid.T) (from, to string) {
	const base = "2026-06-15"
	switch below(5).Draw(r, "dated") {
	case 0:
		from = domain.AddDays(base, below(5).Draw(r, "from"))
	case 1:
		to = domain.AddDays(base, below(5).Draw(r, "to"))
	case 2:
		from = domain.AddDays(base, below(5).Draw(r, "from"))
		to = domain.AddDays(from, below(2).Draw(r, "for"))
	}
	return from, to
}

func drawFilter(r *rapid.T) projections.BookingFilter {
	f := projections.BookingFilter{
		CustomerID:  []string{"", "", priya}[below(3).Draw(r, "customer")],
		StaffID:     []string{"", "", anita}[below(3).Draw(r, "staff")],
		Statuses:    some(r, 3, domain.Statuses()),
		Type:        []domain.ServiceType{"", "", domain.ServiceSalon, domain.ServiceSpa}[below(4).Draw(r, "type")],
		NeedsStaff:  below(5).Draw(r, "needs staff") == 0,
		LatestFirst: rapid.Bool().Draw(r, "falling"),
		Limit:       rapid.IntRange(1, 4).Draw(r, "limit"),
	}
	f.FromDate, f.ToDate = dates(r)
	if below(3).Draw(r, "bounded") == 0 {
		f.From = noon().Add(time.Duration(below(72).Draw(r, "from")) * time.Hour)
		f.To = f.From.Add(time.Duration(below(48).Draw(r, "for")) * time.Hour)
	}
	return f
}

func drawLeaveFilter(r *rapid.T) projections.LeaveFilter {
	f := projections.LeaveFilter{
		StaffID:     []string{"", "", anita}[below(3).Draw(r, "whose")],
		Statuses:    some(r, 3, domain.LeaveStatuses()),
		LatestFirst: rapid.Bool().Draw(r, "falling"),
		Limit:       rapid.IntRange(1, 2).Draw(r, "limit"),
	}
	f.FromDate, f.ToDate = dates(r)
	return f
}

// walk returns the ids on all pages.
func walk(t *testing.T, r *rapid.T, q *projections.Queries, f projections.BookingFilter) []string {
	t.Helper()
	ids := []string{}
	for {
		page, err := q.Bookings(t.Context(), f, 0)
		if err != nil {
			t.Fatal(err)
		}
		if len(page.Bookings) > f.Limit || page.Next != "" && len(page.Bookings) < f.Limit {
			r.Fatalf("%d bookings on a page of %d", len(page.Bookings), f.Limit)
		}
		for _, b := range page.Bookings {
			ids = append(ids, b.ID)
		}
		if page.Next == "" {
			return ids
		}
		f.After = page.Next
	}
}

func walkLeaves(t *testing.T, r *rapid.T, q *projections.Queries, f projections.LeaveFilter) []string {
	t.Helper()
	ids := []string{}
	for {
		page, err := q.Leaves(t.Context(), f, 0)
		if err != nil {
			t.Fatal(err)
		}
		if len(page.Leaves) > f.Limit || page.Next != "" && len(page.Leaves) < f.Limit {
			r.Fatalf("%d leaves on a page of %d", len(page.Leaves), f.Limit)
		}
		for _, l := range page.Leaves {
			ids = append(ids, l.LeaveID)
		}
		if page.Next == "" {
			return ids
		}
		f.After = page.Next
	}
}

// list is what the filter must find, from the states that the domain folds.
func (h *history) list(f projections.BookingFilter, reach []string) []string {
	var found []domain.Booking
	for _, b := range h.bookings {
		switch {
		case b.Status == domain.StatusNone, !slices.Contains(reach, b.BranchID),
			f.CustomerID != "" && f.CustomerID != b.CustomerID,
			f.StaffID != "" && !b.Does(f.StaffID),
			len(f.Statuses) > 0 && !slices.Contains(f.Statuses, b.Status),
			f.Type != "" && f.Type != b.Type,
			f.NeedsStaff && !b.NeedsStaff(),
			f.FromDate != "" && b.Segments[0].LocalDate() < f.FromDate,
			f.ToDate != "" && b.Segments[0].LocalDate() > f.ToDate,
			!f.From.IsZero() && b.StartAt.Before(f.From),
			!f.To.IsZero() && !b.StartAt.Before(f.To):
			continue
		}
		found = append(found, b)
	}
	slices.SortFunc(found, func(a, b domain.Booking) int {
		return cmp.Or(a.StartAt.Compare(b.StartAt), cmp.Compare(a.BookingID, b.BookingID))
	})
	if f.LatestFirst {
		slices.Reverse(found)
	}
	ids := []string{}
	for _, b := range found {
		ids = append(ids, b.BookingID)
	}
	return ids
}

func (h *history) listLeaves(f projections.LeaveFilter, reach []string) []string {
	var found []domain.Leave
	for _, l := range h.leaves {
		reached := slices.ContainsFunc(l.Places, func(p domain.LeavePlace) bool { return slices.Contains(reach, p.BranchID) })
		switch {
		case !reached,
			f.StaffID != "" && f.StaffID != l.StaffID,
			len(f.Statuses) > 0 && !slices.Contains(f.Statuses, l.Status),
			f.FromDate != "" && l.ToDate < f.FromDate,
			f.ToDate != "" && l.FromDate > f.ToDate:
			continue
		}
		found = append(found, l)
	}
	slices.SortFunc(found, func(a, b domain.Leave) int {
		return cmp.Or(a.StartAt.Compare(b.StartAt), cmp.Compare(a.LeaveID, b.LeaveID))
	})
	if f.LatestFirst {
		slices.Reverse(found)
	}
	ids := []string{}
	for _, l := range found {
		ids = append(ids, l.LeaveID)
	}
	return ids
}
