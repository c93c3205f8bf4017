package projections_test

import (
	"testing"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/projections"
)

func TestABookingThatComesBetweenTwoPagesShiftsNeither(t *testing.T) {
	t.Parallel()
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
	t.Parallel()
	h := salon(t)
	for i, id := range []string{"bkg_first1", "bkg_second"} {
		h.request(id, priya, koramangala, noon().Add(time.Duration(i)*time.Hour), haircut, anita)
	}
	q := queries(t, h)
	page, err := q.Bookings(t.Context(), projections.BookingFilter{Branches: projections.EveryBranch(), Limit: 1}, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, cursor := range []projections.Cursor{"x", "MTIz", "!!!!", "MTIzLid4Jw", "LmJrZ19maXJzdDE"} {
		_, err := q.Bookings(t.Context(), projections.BookingFilter{Branches: projections.EveryBranch(), After: cursor}, 0)
		if !isRefusal(err, domain.Invalid, domain.CodeValidation) || cursor.Marks(domain.BookingPrefix) {
			t.Errorf("%q: %v", cursor, err)
		}
	}
	if !page.Next.Marks(domain.BookingPrefix) || page.Next.Marks(domain.LeavePrefix) || !projections.Cursor("").Marks(domain.LeavePrefix) {
		t.Errorf("%q does not mark a booking alone", page.Next)
	}
	_, err = q.Leaves(t.Context(), projections.LeaveFilter{Branches: projections.EveryBranch(), After: page.Next}, 0)
	if !isRefusal(err, domain.Invalid, domain.CodeValidation) {
		t.Errorf("a list of leaves takes a booking's cursor: %v", err)
	}
}

func TestADateThatIsNoneIsRefused(t *testing.T) {
	t.Parallel()
	q := queries(t, salon(t))
	for _, date := range []string{"2026-02-30", "tomorrow", "2026-6-1"} {
		_, bookings := q.Bookings(t.Context(), projections.BookingFilter{Branches: projections.EveryBranch(), FromDate: date}, 0)
		_, leaves := q.Leaves(t.Context(), projections.LeaveFilter{Branches: projections.EveryBranch(), ToDate: date}, 0)
		for _, err := range []error{bookings, leaves} {
			if !isRefusal(err, domain.Invalid, domain.CodeValidation) {
				t.Errorf("%s: %v", date, err)
			}
		}
	}
}

func FuzzCursor(f *testing.F) {
	h := salon(f)
	for i, id := range []string{"bkg_first1", "bkg_second"} {
		h.request(id, priya, koramangala, noon().Add(time.Duration(i)*time.Hour), haircut, anita)
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
