package domain

import (
	"slices"
	"time"
)

// DayFormat is the form of a calendar date in stream names, channels and JSON: YYYY-MM-DD.
const DayFormat = "2006-01-02"

// StreamPrefixes are the beginnings of all stream names that hold domain events. Subscribers pass them to the store as
// one filter, so that system streams never reach them.
func StreamPrefixes() []string {
	return []string{"booking-", "staffday-", "staff-", "branch-", "leave-", "customer-"}
}

// BookingStream names the stream of one booking.
func BookingStream(bookingID string) string { return "booking-" + bookingID }

// StaffStream names the stream of one member of staff.
func StaffStream(staffID string) string { return "staff-" + staffID }

// BranchStream names the stream of one branch.
func BranchStream(branchID string) string { return "branch-" + branchID }

// LeaveStream names the stream of one leave.
func LeaveStream(leaveID string) string { return "leave-" + leaveID }

// CustomerStream names the stream of one customer's standing.
func CustomerStream(customerID string) string { return "customer-" + customerID }

// StaffDayStream names the stream that owns one member's time on one UTC day (YYYY-MM-DD).
func StaffDayStream(staffID, day string) string { return "staffday-" + staffID + "_" + day }

// UTCDays lists the UTC days (YYYY-MM-DD, ascending) that the half-open interval [start, end) touches. An empty or reversed
// interval touches none.
//
// Claims are keyed by these and never by a branch-local date: a member may work in two branches in two zones.
func UTCDays(start, end time.Time) []string {
	return datesOf(start.UTC(), end.UTC())
}

// LocalDates lists the dates (YYYY-MM-DD, ascending) that the half-open interval [start, end) touches on the clocks of loc.
// They name channels and are for display; nothing is decided by them.
func LocalDates(start, end time.Time, loc *time.Location) []string {
	return datesOf(start.In(loc), end.In(loc))
}

func datesOf(start, end time.Time) []string {
	if !start.Before(end) {
		return nil
	}
	// Instants are walked, not dates: adding 24 h to a local midnight is wrong on the days clocks change, and a zone that
	// crosses the date line skips a date. No date lasts less than a step, but for the first and last, which are added.
	const step = 12 * time.Hour
	var days []string
	for at := start; at.Before(end); at = at.Add(step) {
		days = append(days, at.Format(DayFormat))
	}
	days = append(days, end.Add(-1).Format(DayFormat))
	slices.Sort(days)
	return slices.Compact(days)
}
