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

// TestPagesTogetherAreTheList walks random lists page by page and compares them with the booking states, filtered and
// sorted in plain Go.
func TestPagesTogetherAreTheList(t *testing.T) {
	db := openDB(t)
	rapid.Check(t, func(r *rapid.T) {
		wipe(t, db)
		h := randomHistory(t, r, 30)
		m := models(db)
		project(t, m, h.events)
		for range 3 {
			scope, reach := drawScope(r)
			f := drawFilter(r)
			f.Branches = scope
			if got, want := walk(t, r, m.Queries(), f), h.list(f, reach); !reflect.DeepEqual(got, want) {
				r.Fatalf("%+v:\n got %q\nwant %q", f, got, want)
			}
		}
	})
}

func drawScope(r *rapid.T) (scope projections.BranchScope, reach []string) {
	switch rapid.IntRange(0, 3).Draw(r, "scope") {
	case 0:
		return projections.BranchScope{}, nil
	case 1:
		return projections.InBranches(koramangala), []string{koramangala}
	case 2:
		return projections.InBranches(koramangala, indiranagar), []string{koramangala, indiranagar}
	}
	return projections.EveryBranch(), []string{koramangala, indiranagar}
}

func drawFilter(r *rapid.T) projections.BookingFilter {
	f := projections.BookingFilter{
		CustomerID:  rapid.SampledFrom([]string{"", priya}).Draw(r, "customer"),
		StaffID:     rapid.SampledFrom([]string{"", "", anita}).Draw(r, "staff"),
		Status:      rapid.SampledFrom(append(domain.Statuses(), "", "", "")).Draw(r, "status"),
		LatestFirst: rapid.Bool().Draw(r, "falling"),
		Limit:       rapid.IntRange(1, 4).Draw(r, "limit"),
	}
	if rapid.IntRange(0, 2).Draw(r, "bounded") == 0 {
		f.From = noon().Add(time.Duration(rapid.IntRange(0, 72).Draw(r, "from")) * time.Hour)
		f.To = f.From.Add(time.Duration(rapid.IntRange(1, 48).Draw(r, "for")) * time.Hour)
	}
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
		if len(page.Bookings) > f.Limit {
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

// list is what the filter must find, from the states that the domain folds.
func (h *history) list(f projections.BookingFilter, reach []string) []string {
	var found []domain.Booking
	for _, b := range h.bookings {
		named := slices.ContainsFunc(b.Segments, func(s domain.Segment) bool { return s.StaffID == f.StaffID })
		switch {
		case b.Status == domain.StatusNone, !slices.Contains(reach, b.BranchID),
			f.CustomerID != "" && f.CustomerID != b.CustomerID,
			f.StaffID != "" && !named,
			f.Status != "" && f.Status != b.Status,
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

func TestABookingThatComesBetweenTwoPagesShiftsNeither(t *testing.T) {
	h := salon(t)
	for i, id := range []string{"bkg_early1", "bkg_middle", "bkg_late01"} {
		h.request(id, priya, koramangala, noon().Add(time.Duration(2*i)*time.Hour), haircut, anita)
	}
	m := models(openDB(t))
	project(t, m, h.events)
	f := projections.BookingFilter{Branches: projections.InBranches(koramangala), Limit: 2}
	page, err := m.Queries().Bookings(t.Context(), f, 0)
	if err != nil || len(page.Bookings) != 2 || page.Next == "" {
		t.Fatalf("%+v, %v", page, err)
	}
	h.request("bkg_between", priya, koramangala, noon().Add(time.Hour), haircut, bina)
	project(t, m, h.events)
	f.After = page.Next
	page, err = m.Queries().Bookings(t.Context(), f, h.position)
	if err != nil || len(page.Bookings) != 1 || page.Bookings[0].ID != "bkg_late01" || page.Next != "" {
		t.Errorf("%+v, %v", page, err)
	}
}

func TestAForeignCursorIsRefused(t *testing.T) {
	q := queries(t, salon(t))
	for _, cursor := range []projections.Cursor{"x", "MTIz", "!!!!", "MTIzLid4Jw", "LmJrZ19maXJzdDE"} {
		_, err := q.Bookings(t.Context(), projections.BookingFilter{Branches: projections.EveryBranch(), After: cursor}, 0)
		if !isRefusal(err, domain.Invalid, domain.CodeValidation) {
			t.Errorf("%q: %v", cursor, err)
		}
	}
}

func FuzzCursor(f *testing.F) {
	h := salon(f)
	for _, id := range []string{"bkg_first1", "bkg_second"} {
		h.request(id, priya, koramangala, noon(), haircut, anita)
	}
	q := queries(f, h)
	filter := projections.BookingFilter{Branches: projections.EveryBranch(), Limit: 1}
	page, err := q.Bookings(f.Context(), filter, 0)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(page.Next))
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		filter.After = projections.Cursor(text)
		_, err := q.Bookings(t.Context(), filter, 0)
		if err != nil && !isRefusal(err, domain.Invalid, domain.CodeValidation) {
			t.Errorf("%q: %v", text, err)
		}
	})
}
