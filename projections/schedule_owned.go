package projections

import (
	"strings"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

func (schedule) owned() []owner {
	return []owner{
		ownedBy("schedule_bookings", domain.BookingStream(""), "booking_id"),
		ownedBy("schedule_slots", domain.BookingStream(""), "booking_id"),
		ownedBy("schedule_blocks", domain.LeaveStream(""), "leave_id"),
	}
}

// heads names the leaves that a member's day was blocked or freed for.
func (schedule) heads(stream string, events []eventstore.Recorded) (names []string, ok bool) {
	if !strings.HasPrefix(stream, staffDays) {
		return nil, false
	}
	for _, e := range events {
		if fact, ok := e.Event.(domain.StaffDayEvent); ok {
			for _, id := range leaveOfDay(fact) {
				names = append(names, domain.LeaveStream(id))
			}
		}
	}
	return names, true
}

// feeds names the days on which a leave blocks its member: the row tells which of them are blocked.
func (schedule) feeds(events []eventstore.Recorded) (names []string) {
	for _, e := range events {
		if fact, ok := e.Event.(domain.LeaveEvent); ok {
			leave := domain.LeaveOf(fact)
			for _, day := range leave.Days() {
				names = append(names, domain.StaffDayStream(leave.StaffID, day))
			}
		}
	}
	return names
}

// concerns leaves out of a day what is about bookings and other leaves.
func (schedule) concerns(head string, e eventstore.Recorded) bool {
	fact, ok := e.Event.(domain.StaffDayEvent)
	if !ok {
		return true
	}
	for _, id := range leaveOfDay(fact) {
		if domain.LeaveStream(id) == head {
			return true
		}
	}
	return false
}
