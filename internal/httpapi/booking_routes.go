package httpapi

import (
	"net/http"
)

const bookingsTag = "Bookings"

// bookingPath is where a booking is.
const bookingPath = "/api/bookings/{id}"

func (s *server) bookingRoutes() {
	c := s.Commands
	command(s, operation{
		id: "requestBooking", method: http.MethodPost, path: "/api/bookings", tag: bookingsTag,
		summary: "Request a booking", status: http.StatusCreated, location: "/api/bookings/",
		detail: "A customer requests for himself, the desk for a customer. The booking is pending and holds its time until the " +
			"desk answers; where the branch's policy says so it is confirmed at once. The start is an instant (startAt), or a time " +
			"on the branch's clocks (date and startTime). If-Match is refused: there is no booking yet that it could name.",
	}, c.RequestBooking)
	command(s, operation{
		id: "createWalkIn", method: http.MethodPost, path: "/api/bookings/walk-in", tag: bookingsTag,
		summary: "Serve a customer who came without a booking", status: http.StatusCreated, location: "/api/bookings/",
		detail: "For the desk. The booking is confirmed at once; the customer has an account, or is a guest.",
	}, c.CreateWalkIn)
	register(s, operation{
		id: "listBookings", method: http.MethodGet, path: "/api/bookings", tag: bookingsTag,
		summary: "List bookings", detail: "A customer gets his own, staff what they are assigned to, the desk its branches'.",
	}, s.listBookings)
	register(s, operation{
		id: "getBooking", method: http.MethodGet, path: bookingPath, tag: bookingsTag, summary: "Read a booking",
		detail: "With the notes that the caller may read. A booking that he may not see is answered exactly as one that does not " +
			"exist.",
	}, s.getBooking)
	s.actions(operation{
		id: "changeBooking", path: bookingPath, tag: bookingsTag, summary: "Change a booking",
		detail: "The action says how; the body has the fields of that action only. The desk's changes need If-Match. Where a time " +
			"is not free, the problem's details name the nearest that are (alternatives).",
	},
		act(bookingPath, "approve", c.ApproveBooking),
		act(bookingPath, "reject", c.RejectBooking),
		act(bookingPath, "cancel", c.CancelBooking),
		act(bookingPath, "reschedule", c.RescheduleBooking),
		act(bookingPath, "assign", c.AssignStaff),
		act(bookingPath, "unassign", c.UnassignStaff),
		act(bookingPath, "add_service", c.AddService),
		act(bookingPath, "remove_service", c.RemoveService),
		act(bookingPath, "change_duration", c.ChangeDuration),
		act(bookingPath, "check_in", c.CheckIn),
		act(bookingPath, "start", c.StartService),
		act(bookingPath, "finish", c.FinishService),
		act(bookingPath, "complete", c.CompleteBooking),
		act(bookingPath, "no_show", c.MarkNoShow),
		act(bookingPath, "correct", c.CorrectOutcome),
	)
	s.noteRoutes()
	register(s, operation{
		id: "getBookingHistory", method: http.MethodGet, path: bookingPath + "/history", tag: bookingsTag,
		summary: "Read who did what to a booking, when, why and on whose behalf", detail: "For the desk of the booking's branch.",
	}, s.getHistory)
}
