package httpapi

import (
	"net/http"

	"github.com/royalglow/booking/commands"
)

const bookingsTag = "Bookings"

func (s *server) bookingRoutes() {
	register(s, operation{
		id: "requestBooking", method: http.MethodPost, path: "/api/bookings", tag: bookingsTag,
		summary: "Request a booking", status: http.StatusCreated, body: commands.RequestBooking{},
		detail: "A customer requests for himself, the desk for a customer. The booking is pending and holds its time until the " +
			"desk answers. If-Match is refused: there is no booking yet that it could name.",
	}, s.requestBooking)
	register(s, operation{
		id: "listBookings", method: http.MethodGet, path: "/api/bookings", tag: bookingsTag,
		summary: "List bookings", detail: "A customer gets his own, staff what they are assigned to, the desk its branches'.",
	}, s.listBookings)
	register(s, operation{
		id: "getBooking", method: http.MethodGet, path: "/api/bookings/{id}", tag: bookingsTag, summary: "Read a booking",
		detail: "A booking that the caller may not see is answered exactly as one that does not exist.",
	}, s.getBooking)
	register(s, operation{
		id: "changeBooking", method: http.MethodPatch, path: "/api/bookings/{id}", tag: bookingsTag,
		summary: "Approve, reject, cancel or reassign a booking",
		detail:  "The action says which; the body has the fields of that action only.",
		bodyOneOf: []any{
			approveAction{}, rejectAction{}, cancelAction{}, assignAction{},
		},
	}, s.changeBooking)
	register(s, operation{
		id: "getBookingHistory", method: http.MethodGet, path: "/api/bookings/{id}/history", tag: bookingsTag,
		summary: "Read who did what to a booking, and why", detail: "For the desk of the booking's branch.",
	}, s.getHistory)
}
