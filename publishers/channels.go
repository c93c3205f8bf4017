package publishers

// channel is a channel's name beside the template it was made from.
//
// Ids hold letters, digits and one underscore only (domain.WellFormedID), and commands refuse others, so a name never has
// more segments than its template.
type channel struct{ name, template string }

// customerChannel is what one customer hears about all his bookings. Prices may travel here.
func customerChannel(userID string) channel {
	return channel{"customer:" + userID + ":bookings", "customer:{userId}:bookings"}
}

// bookingChannel is one booking as customer and staff may both see it: no price, nothing internal.
func bookingChannel(bookingID string) channel {
	return channel{"booking:" + bookingID, "booking:{bookingId}"}
}

// internalChannel is one booking as the desk and its staff see it: no price, for the sake of the staff.
func internalChannel(bookingID string) channel {
	return channel{"booking:" + bookingID + ":internal", "booking:{bookingId}:internal"}
}

// deskChannel is the queue of one branch. Prices may travel here.
func deskChannel(branchID string) channel {
	return channel{"admin:bookings:" + branchID, "admin:bookings:{branchId}"}
}

// leaveChannel is the leave that waits for the managers of one branch.
func leaveChannel(branchID string) channel {
	return channel{"admin:leave:" + branchID, "admin:leave:{branchId}"}
}

// scheduleChannels are the schedule of one branch-local date (YYYY-MM-DD). Each message goes to both: the short name is the
// one that pages have always known, and only the long one can be granted to a single branch, because a wildcard stands for
// whole segments.
func scheduleChannels(branchID, date string) [2]channel {
	return [2]channel{
		{"admin:schedule:" + date, "admin:schedule:{date}"},
		{"admin:schedule:" + branchID + ":" + date, "admin:schedule:{branchId}:{date}"},
	}
}

// staffChannel is one member's own days: his services once they are settled and his leave, no prices.
func staffChannel(staffID string) channel {
	return channel{"staff:" + staffID + ":schedule", "staff:{staffId}:schedule"}
}
