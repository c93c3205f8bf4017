package httpapi_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestBookingsAreFound(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	s.offer(nord, wash, `{"name":"Sauna","type":"spa","durationMinutes":60,"priceMinor":1000}`)
	pending := s.book(ada, 10)
	firm := s.firm(ben, 11)
	gone := s.firm(ada, 12)
	s.acts(ada, gone, `{"action":"cancel"}`)
	late := s.request(ada, `{"branchId":"`+nord+`","startAt":"2026-06-17T22:30:00Z","services":[{"serviceId":"`+wash+`","staffId":"`+bela+`"}]}`)
	for _, tt := range []struct {
		query string
		want  []string
	}{
		{"", []string{pending, firm, gone, late}},
		{"?order=start", []string{pending, firm, gone, late}},
		{"?order=-start", []string{late, gone, firm, pending}},
		{"?branchId=" + nord, []string{late}},
		{"?customerId=" + ben, []string{firm}},
		{"?customerId=" + ada + "&status=pending", []string{pending, late}},
		{"?status=pending,cancelled", []string{pending, gone, late}},
		{"?status=completed", nil},
		{"?staffId=" + bela, []string{late}},
		{"?staffId=" + asha + "&status=confirmed", []string{firm}},
		{"?type=spa", []string{late}},
		{"?type=salon&order=-start", []string{gone, firm, pending}},
		{"?needsStaff=true", nil},
		{"?needsStaff=false", []string{pending, firm, gone, late}},
		{"?from=" + tomorrow(11), []string{firm, gone, late}},
		{"?to=" + tomorrow(11), []string{pending}},
		{"?from=2026-06-17T13:00:00%2B02:00&to=2026-06-17T14:00:00%2B02:00", []string{firm}},
		{"?date=2026-06-17", []string{pending, firm, gone}},
		{"?date=2026-06-18", []string{late}}, // half past midnight in Berlin
		{"?fromDate=2026-06-18", []string{late}},
		{"?toDate=2026-06-17", []string{pending, firm, gone}},
		{"?fromDate=2026-06-17&toDate=2026-06-18&customerId=" + ada + "&branchId=" + mitte, []string{pending, gone}},
		{"?fromDate=2026-06-19", nil},
	} {
		if got := s.get(owner, "/api/bookings"+tt.query).want(http.StatusOK).ids(); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.query, got, tt.want)
		}
	}
}

func TestEveryPageFollowsTheOneBefore(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	var all []string
	for hour := 8; hour < 15; hour++ {
		all = append(all, s.book(fmt.Sprintf("usr_guest%04d", hour%2), hour))
	}
	for _, query := range []string{"", "order=-start", "branchId=" + mitte, "staffId=" + asha, "status=pending,confirmed", "date=2026-06-17"} {
		want := slices.Clone(all)
		if query == "order=-start" {
			slices.Reverse(want)
		}
		var got []string
		cursor, pages := "", 0
		for ; pages < 10; pages++ {
			a := s.get(owner, "/api/bookings?limit=3&"+query+cursor).want(http.StatusOK)
			got = append(got, a.ids()...)
			if a.text("next") == "" {
				break
			}
			cursor = "&cursor=" + a.text("next")
		}
		if !slices.Equal(got, want) || pages != 2 {
			t.Errorf("%s: %d pages of %v", query, pages+1, got)
		}
	}
	// What is booked meanwhile is neither repeated nor does it shift the next page.
	first := s.get(owner, "/api/bookings?limit=3").want(http.StatusOK)
	s.book(ada, 7)
	if got := s.get(owner, "/api/bookings?limit=3&cursor="+first.text("next")).ids(); !slices.Equal(got, all[3:6]) {
		t.Errorf("the second page: %v", got)
	}
	for _, cursor := range []string{"AAAA", strings.Repeat("x", 5000), "*"} {
		a := s.get(owner, "/api/bookings?cursor="+cursor).refused(http.StatusBadRequest, "VALIDATION_ERROR")
		if !a.names("cursor") {
			t.Errorf("the cursor is not named: %s", a.body)
		}
	}
	// A cursor of leave is none of bookings.
	s.askLeave(worker, leaveOn(""))
	s.askLeave(helper, leaveOn(""))
	other := s.get(owner, "/api/leave?limit=1").text("next")
	s.get(owner, "/api/bookings?cursor="+other).refused(http.StatusBadRequest, "VALIDATION_ERROR")
	s.get(owner, "/api/leave?cursor="+first.text("next")).refused(http.StatusBadRequest, "VALIDATION_ERROR")
}
