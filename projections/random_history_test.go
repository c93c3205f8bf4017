package projections_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/royalglow/booking/domain"
)

// randomHistory draws a log of up to most commands over a handful of bookings, members and days. Times overlap freely:
// keeping them apart is the staff-days' business.
func randomHistory(tb testing.TB, r *rapid.T, most int) *history {
	tb.Helper()
	h := salon(tb)
	members := rapid.SampledFrom([]string{anita, bina, chitra})
	for range rapid.IntRange(1, most).Draw(r, "commands") {
		id := fmt.Sprintf("bkg_random%d", rapid.IntRange(0, 7).Draw(r, "booking"))
		b := h.bookings[id]
		if rapid.IntRange(0, 9).Draw(r, "fence") == 0 {
			h.fence(id)
			continue
		}
		switch b.Status {
		case domain.StatusNone:
			h.request(id, rapid.SampledFrom([]string{priya, rahul}).Draw(r, "customer"),
				rapid.SampledFrom([]string{koramangala, indiranagar}).Draw(r, "branch"),
				noon().Add(time.Duration(rapid.IntRange(0, 4*24*4).Draw(r, "quarters"))*15*time.Minute),
				rapid.SampledFrom([]string{haircut, facial}).Draw(r, "service"),
				rapid.SliceOfN(members, 1, 3).Draw(r, "staff")...)
		case domain.StatusPending, domain.StatusConfirmed:
			change(h, r, b, members)
		case domain.StatusRejected, domain.StatusCancelled:
		}
	}
	return h
}

// change draws a verb that the booking's status allows.
func change(h *history, r *rapid.T, b domain.Booking, members *rapid.Generator[string]) {
	segment := rapid.SampledFrom(b.Segments).Draw(r, "segment").SegmentID
	verb := rapid.SampledFrom([]string{"assign", "end", "confirm"}).Draw(r, "verb")
	switch {
	case verb == "assign":
		h.assign(b.BookingID, segment, members.Draw(r, "to"))
	case verb == "end" && b.Status == domain.StatusPending && rapid.Bool().Draw(r, "reject"):
		h.reject(b.BookingID)
	case verb == "end":
		h.cancel(b.BookingID)
	case verb == "confirm" && b.Status == domain.StatusPending:
		h.confirm(b.BookingID, map[string]string{segment: members.Draw(r, "to")})
	}
}
