package publishers

import (
	"slices"

	"github.com/royalglow/booking/domain"
)

// What changes about a booking while its status stays: when, by whom, and what is done.

func (f *bookingFanOut) rescheduled(e domain.BookingRescheduled) {
	moved := moveOf(e.FromSegments, e.Segments)
	f.toCustomer("booking.rescheduled", customerMoved{BookingID: e.BookingID, move: moved})
	f.toPublic("booking.rescheduled", publicMoved{move: moved, ChangedBy: f.changedBy(), Reason: e.Reason})
	f.toInternal("booking.rescheduled", internalMoved{move: moved, ChangedBy: f.by, Reason: e.Reason})
	f.toDesk("booking.rescheduled", deskMoved{BookingID: e.BookingID, CustomerName: f.customerName(), move: moved})
	if e.ToStatus != e.FromStatus { // the policy asks for another approval
		f.customerStatus(e.FromStatus, e.ToStatus, "")
		f.statusChanged(e.FromStatus, e.ToStatus, "", "")
		f.deskStatus(e.FromStatus, e.ToStatus, false)
	}
	for _, after := range e.Segments {
		before, ok := segmentOf(e.FromSegments, after.SegmentID)
		if ok && before.StaffID != after.StaffID {
			f.handsChanged(e.ToStatus, after, before.StaffID, "")
		}
	}
	f.toSchedule(e.Slots, e.ToStatus)
	f.reassign(told(e.FromStatus, e.FromSegments...), told(e.ToStatus, e.Segments...), e.ToStatus)
}

func (f *bookingFanOut) staffAssigned(e domain.BookingStaffAssigned) {
	f.handsChanged(e.Status, e.Segment, e.PreviousStaffID, "")
	f.toSchedule(e.Slots, e.Status)
	f.reassign(told(e.Status, heldBy(e.Segment, e.PreviousStaffID)), told(e.Status, e.Segment), e.Status)
}

func (f *bookingFanOut) staffUnassigned(e domain.BookingStaffUnassigned) {
	f.handsChanged(e.Status, e.Segment, e.PreviousStaffID, e.Reason)
	f.toSchedule(e.Slots, e.Status)
	f.unassign(told(e.Status, heldBy(e.Segment, e.PreviousStaffID)), "")
}

// handsChanged tells whose a segment is now, nobody's included. Who is held for a pending booking is not settled, so the
// customer is not told of it. reason is internal.
func (f *bookingFanOut) handsChanged(status domain.Status, s domain.Segment, previous, reason string) {
	name := f.staff(s.StaffID)
	if status.ToldToStaff() {
		f.toCustomer("booking.staff_assigned", customerStaff{BookingID: f.ref.BookingID, SegmentID: s.SegmentID, StaffName: name})
		f.toPublic("staff.changed", publicStaff{SegmentID: s.SegmentID, StaffName: name})
	}
	f.toInternal("staff.changed", internalStaff{
		SegmentID: s.SegmentID, FromStaffID: previous, ToStaffID: s.StaffID, StaffName: name, ChangedBy: f.by, Reason: reason,
	})
	if s.StaffID == "" {
		f.toDesk("booking.needs_staff", deskNeedsStaff{
			BookingID: f.ref.BookingID, CustomerName: f.customerName(), SegmentID: s.SegmentID, FromStaffID: previous,
		})
		return
	}
	f.toDesk("booking.staff_changed", deskStaff{
		BookingID: f.ref.BookingID, CustomerName: f.customerName(), SegmentID: s.SegmentID,
		FromStaffID: previous, ToStaffID: s.StaffID,
	})
}

func (f *bookingFanOut) serviceAdded(e domain.BookingServiceAdded) {
	f.customerUpdated(e.Plan)
	f.toPublic("service.added", publicServiceAdded{Service: plain(e.Segment), ChangedBy: f.changedBy()})
	f.toInternal("service.added", internalServiceAdded{Service: plain(e.Segment), ChangedBy: f.by})
	f.deskUpdated(e.Plan)
	f.toSchedule(e.Slots, e.Status)
	f.update(told(e.Status, movedOnly(e.Plan, e.Slots, e.Segment.SegmentID)...), e.Status)
	f.assign(told(e.Status, e.Segment), e.Status)
}

func (f *bookingFanOut) serviceRemoved(e domain.BookingServiceRemoved) {
	f.customerUpdated(e.Plan)
	f.toPublic("service.removed", publicServiceRemoved{
		ServiceID: e.Segment.ServiceID, SegmentID: e.Segment.SegmentID, ChangedBy: f.changedBy(),
	})
	f.toInternal("service.removed", internalServiceRemoved{
		ServiceID: e.Segment.ServiceID, SegmentID: e.Segment.SegmentID, ChangedBy: f.by, Reason: e.Reason,
	})
	f.deskUpdated(e.Plan)
	f.toSchedule(e.Slots, e.Status)
	f.unassign(told(e.Status, e.Segment), "")
	f.update(told(e.Status, movedOnly(e.Plan, e.Slots, e.Segment.SegmentID)...), e.Status)
}

func (f *bookingFanOut) durationChanged(e domain.BookingDurationChanged) {
	f.customerUpdated(e.Plan)
	f.toPublic("booking.updated", publicUpdated{
		SegmentID: e.Segment.SegmentID, DurationMinutes: e.ToMinutes, EndTime: e.EndAt.UTC(), ChangedBy: f.changedBy(),
	})
	f.toInternal("booking.updated", internalUpdated{
		SegmentID: e.Segment.SegmentID, FromMinutes: e.FromMinutes, ToMinutes: e.ToMinutes, EndTime: e.EndAt.UTC(),
		ChangedBy: f.by, Reason: e.Reason,
	})
	f.deskUpdated(e.Plan)
	f.toSchedule(e.Slots, e.Status)
	f.update(told(e.Status, movedOnly(e.Plan, e.Slots, "")...), e.Status)
}

func (f *bookingFanOut) customerUpdated(plan domain.Plan) {
	f.toCustomer("booking.updated", customerUpdated{
		BookingID: f.ref.BookingID, TotalMinor: plan.TotalMinor, Currency: plan.Currency, EndTime: plan.EndAt.UTC(),
	})
}

func (f *bookingFanOut) deskUpdated(plan domain.Plan) {
	f.toDesk("booking.updated", deskUpdated{
		BookingID: f.ref.BookingID, CustomerName: f.customerName(), Services: pricedServices(plan.Segments),
		TotalMinor: plan.TotalMinor, Currency: plan.Currency, EndTime: plan.EndAt.UTC(),
	})
}

// movedOnly returns the segments of the plan, but for one, whose slots differ: those that moved, grew or shrank. A segment
// that takes another time has other slots, unless it is finished, and those do not move.
func movedOnly(plan domain.Plan, diff domain.SlotDiff, except string) []domain.Segment {
	var moved []domain.Segment
	for _, s := range plan.Segments {
		of := func(slot domain.Slot) bool { return slot.SegmentID == s.SegmentID }
		if s.SegmentID != except && (slices.ContainsFunc(diff.Taken, of) || slices.ContainsFunc(diff.Freed, of)) {
			moved = append(moved, s)
		}
	}
	return moved
}

func segmentOf(list []domain.Segment, id string) (domain.Segment, bool) {
	return domain.Plan{Segments: list}.Segment(id)
}

// heldBy returns the segment as it was in other hands.
func heldBy(s domain.Segment, staffID string) domain.Segment {
	s.StaffID = staffID
	return s
}
