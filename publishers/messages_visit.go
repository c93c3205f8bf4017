package publishers

import "github.com/royalglow/booking/domain"

// The visit itself, and its outcome.

func (f *bookingFanOut) checkedIn(e domain.BookingCheckedIn) {
	f.reached(e.FromStatus, domain.StatusCheckedIn)
	f.scheduleStatus(e.LocalDates, domain.StatusCheckedIn, "")
	f.tellStatus("booking.checked_in", distinctStaff(e.Segments), domain.StatusCheckedIn)
}

// segmentStarted tells everybody when the visit begins. A later service changes nothing for the customer and the queue: of
// it those who look at the booking hear, and the schedule.
func (f *bookingFanOut) segmentStarted(e domain.BookingSegmentStarted) {
	first := e.FromStatus != domain.StatusInProgress
	if first {
		f.reached(e.FromStatus, domain.StatusInProgress)
	}
	f.toInternal("segment.started", internalSegment{SegmentID: e.Segment.SegmentID, At: e.At.UTC(), ChangedBy: f.by})
	f.scheduleStatus(e.LocalDates, domain.StatusInProgress, e.Segment.SegmentID)
	if first {
		f.tellStatus("booking.checked_in", e.StaffIDs, domain.StatusInProgress)
	}
}

// segmentFinished frees what is left of the member's time; where nothing is left the schedule hears nothing.
func (f *bookingFanOut) segmentFinished(e domain.BookingSegmentFinished) {
	f.toInternal("segment.finished", internalSegment{SegmentID: e.Segment.SegmentID, At: e.At.UTC(), ChangedBy: f.by})
	f.toSchedule(e.Slots, domain.StatusInProgress)
}

func (f *bookingFanOut) completed(e domain.BookingCompleted) {
	f.reached(e.FromStatus, domain.StatusCompleted)
	f.toSchedule(e.Slots, domain.StatusCompleted)
	f.scheduleStatus(e.LocalDates, domain.StatusCompleted, "")
	f.tellStatus("booking.completed", distinctStaff(e.Segments), domain.StatusCompleted)
}

func (f *bookingFanOut) noShow(e domain.BookingNoShow) {
	f.customerStatus(e.FromStatus, domain.StatusNoShow, "")
	f.statusChanged(e.FromStatus, domain.StatusNoShow, "", "")
	f.toDesk("booking.no_show", deskNoShow{BookingID: e.BookingID, CustomerName: f.customerName(), Auto: e.Auto})
	f.toSchedule(e.Slots, domain.StatusNoShow)
	f.scheduleStatus(e.LocalDates, domain.StatusNoShow, "")
	f.unassign(told(e.FromStatus, e.Segments...), "no_show")
}

// corrected takes an outcome back. Its reason is the salon's own.
func (f *bookingFanOut) corrected(e domain.BookingOutcomeCorrected) {
	f.customerStatus(e.FromStatus, e.ToStatus, "")
	f.toPublic("status.changed", publicStatus{FromStatus: e.FromStatus, ToStatus: e.ToStatus, ChangedBy: f.changedBy()})
	f.internalStatus(e.FromStatus, e.ToStatus, e.Reason, "")
	f.deskStatus(e.FromStatus, e.ToStatus, true)
	f.toSchedule(e.Slots, e.ToStatus)
	if e.FromStatus.Occupies() { // else all its slots are taken anew, and say the status
		f.scheduleStatus(e.LocalDates, e.ToStatus, "")
	}
	switch was, is := e.FromStatus.ToldToStaff(), e.ToStatus.ToldToStaff(); {
	case was && is:
		f.update(e.Segments, e.ToStatus)
	case was:
		f.unassign(e.Segments, "")
	case is:
		f.assign(e.Segments, e.ToStatus)
	}
}

// reached tells customer, booking and desk of a status that asks for no more than its name.
func (f *bookingFanOut) reached(from, to domain.Status) {
	f.customerStatus(from, to, "")
	f.statusChanged(from, to, "", "")
	f.deskStatus(from, to, false)
}
