package publishers

import (
	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// Messages returns what is published for one event, in the order in which each channel gets it. It is pure and total: no
// clock, no look-up, no failure. Events that concern nobody's page give none.
//
// Within a channel releases of time come before bookings of it. Schedule and staff channels are fed from the event's slot
// difference alone, so that replaying their messages from an empty board gives the schedule.
func Messages(event eventstore.Recorded, names Directory) []Message {
	switch fact := event.Event.(type) {
	case domain.BookingRequested:
		return requested(newFanOut(event, fact.BookingRef, names), fact)
	case domain.BookingConfirmed:
		return confirmed(newFanOut(event, fact.BookingRef, names), fact)
	case domain.BookingRejected:
		return rejected(newFanOut(event, fact.BookingRef, names), fact)
	case domain.BookingCancelled:
		return cancelled(newFanOut(event, fact.BookingRef, names), fact)
	case domain.BookingStaffAssigned:
		return staffAssigned(newFanOut(event, fact.BookingRef, names), fact)
	case domain.BookingClaimFenced, domain.BookingAbandoned, domain.StaffDayClaimed, domain.StaffDayReleased:
		// The engine's own book-keeping.
	case domain.BranchOpened, domain.BranchPolicySet, domain.BranchServiceOffered, domain.StaffJoined:
		// The catalogue has no live pages.
	}
	return nil
}

func requested(f *fanOut, e domain.BookingRequested) []Message {
	f.toCustomer("booking.created", customerCreated{
		BookingID: e.BookingID, Status: domain.StatusPending,
		Services: pricedServices(e.Segments), TotalMinor: e.TotalMinor, Currency: e.Currency,
		Date: localDate(e.Segments), StartTime: localStart(e.Segments),
	})
	f.toDesk("booking.new", deskNew{
		BookingID: e.BookingID, CustomerName: f.names[e.CustomerID], Services: pricedServices(e.Segments),
		Date: localDate(e.Segments), Time: localStart(e.Segments),
	})
	f.toSchedule(e.Slots)
	return f.messages
}

func confirmed(f *fanOut, e domain.BookingConfirmed) []Message {
	f.toCustomer("booking.status_changed", customerStatus{
		BookingID: e.BookingID, FromStatus: e.FromStatus, ToStatus: domain.StatusConfirmed,
	})
	f.toCustomer("booking.staff_assigned", customerStaff{BookingID: e.BookingID, StaffName: f.staffNames(e.Segments)})
	f.statusChanged(e.FromStatus, domain.StatusConfirmed, "", "")
	f.toDesk("booking.status_changed", f.deskStatus(e.FromStatus, domain.StatusConfirmed))
	f.toSchedule(e.Slots)
	f.toStaff(e.Slots, e.Segments)
	return f.messages
}

func rejected(f *fanOut, e domain.BookingRejected) []Message {
	f.toCustomer("booking.status_changed", customerStatus{
		BookingID: e.BookingID, FromStatus: e.FromStatus, ToStatus: domain.StatusRejected, Reason: e.Reason,
	})
	f.statusChanged(e.FromStatus, domain.StatusRejected, e.Reason, e.ReasonCode)
	f.toDesk("booking.status_changed", f.deskStatus(e.FromStatus, domain.StatusRejected))
	f.toSchedule(e.Slots)
	f.toStaff(e.Slots, e.Segments)
	return f.messages
}

func cancelled(f *fanOut, e domain.BookingCancelled) []Message {
	f.toCustomer("booking.cancelled", customerCancelled{BookingID: e.BookingID, CancelledBy: e.CancelledBy})
	f.statusChanged(e.FromStatus, domain.StatusCancelled, e.Reason, e.ReasonCode)
	f.toDesk("booking.cancelled", deskCancelled{
		BookingID: e.BookingID, CustomerName: f.names[e.CustomerID], CancelledBy: e.CancelledBy, Late: e.Late,
	})
	f.toSchedule(e.Slots)
	f.toStaff(e.Slots, e.Segments)
	return f.messages
}

func staffAssigned(f *fanOut, e domain.BookingStaffAssigned) []Message {
	name := f.names[e.Segment.StaffID]
	f.toCustomer("booking.staff_assigned", customerStaff{BookingID: e.BookingID, StaffName: name})
	f.add(bookingChannel(e.BookingID), "staff.changed", publicStaff{StaffName: name})
	f.add(internalChannel(e.BookingID), "staff.changed", internalStaff{
		SegmentID: e.Segment.SegmentID, FromStaffID: e.PreviousStaffID, ToStaffID: e.Segment.StaffID, StaffName: name,
		ChangedBy: f.internalActor(),
	})
	f.toDesk("booking.staff_changed", deskStaff{
		BookingID: e.BookingID, FromStaffID: e.PreviousStaffID, ToStaffID: e.Segment.StaffID,
	})
	f.toSchedule(e.Slots)
	f.toStaff(e.Slots, []domain.Segment{e.Segment})
	return f.messages
}
