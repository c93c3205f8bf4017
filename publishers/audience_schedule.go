package publishers

import (
	"time"

	"github.com/royalglow/booking/domain"
)

// What the schedule of a date hears (D): pieces of members' time, named by booking, and when members and branches are off. No
// names of customers, no prices and no types of leave: the page asks the API for what its user may see.
//
// A page knows a slot by its booking, segment, member and start; a segment with processing time has several. Folding the
// messages of a date from an empty board gives the slots that touch the date, each with its kind, and the status of their
// bookings: slot.held takes a slot for a pending booking, slot.booked for one in the status that it names, and slot.status
// changes the status of all that the board shows of a booking. Both names of a date's channel carry the same messages.

// slotMoved is a slot that is taken or freed.
type slotMoved struct {
	BookingID string    `json:"bookingId"`
	SegmentID string    `json:"segmentId"`
	StaffID   string    `json:"staffId"`
	StartTime time.Time `json:"startTime"` // the instants, UTC
	EndTime   time.Time `json:"endTime"`
}

// slotHeld is a slot that is taken until the desk has decided. A slot.booked says so by its name alone.
type slotHeld struct {
	slotMoved
	Kind domain.SlotKind `json:"kind"`
}

type slotBooked struct {
	slotMoved
	Status domain.Status `json:"status"`
}

// slotReassigned is a slot that another member has now.
type slotReassigned struct {
	BookingID   string    `json:"bookingId"`
	SegmentID   string    `json:"segmentId"`
	FromStaffID string    `json:"fromStaffId"`
	ToStaffID   string    `json:"toStaffId"`
	StartTime   time.Time `json:"startTime"`
	EndTime     time.Time `json:"endTime"`
}

// slotChanged is a slot that lasts shorter or longer than before.
type slotChanged struct {
	slotMoved
	OldStartTime time.Time `json:"oldStartTime"`
	OldEndTime   time.Time `json:"oldEndTime"`
}

// slotStatus is that a booking got on, and its slots stay where they are.
type slotStatus struct {
	BookingID string        `json:"bookingId"`
	Status    domain.Status `json:"status"`
	// SegmentID is the service that has begun, where that is the news.
	SegmentID string `json:"segmentId,omitempty"`
}

// toSchedule tells every date that a slot touches how the schedule changes. status is the booking's after the event.
func (f *bookingFanOut) toSchedule(diff domain.SlotDiff, status domain.Status) {
	steps := stepsOf(diff)
	for _, s := range steps.released {
		f.onDates(f.ref.BranchID, s.LocalDates, "slot.released", f.slot(s))
	}
	for _, p := range steps.reassigned {
		f.onDates(f.ref.BranchID, p.to.LocalDates, "slot.reassigned", slotReassigned{
			BookingID: f.ref.BookingID, SegmentID: p.to.SegmentID, FromStaffID: p.from.StaffID, ToStaffID: p.to.StaffID,
			StartTime: p.to.StartAt.UTC(), EndTime: p.to.EndAt.UTC(),
		})
	}
	for _, p := range steps.changed {
		f.onDates(f.ref.BranchID, p.to.LocalDates, "slot.changed", slotChanged{
			slotMoved: f.slot(p.to), OldStartTime: p.from.StartAt.UTC(), OldEndTime: p.from.EndAt.UTC(),
		})
	}
	for _, s := range steps.taken {
		switch s.Kind {
		case domain.SlotTentative:
			f.onDates(f.ref.BranchID, s.LocalDates, "slot.held", slotHeld{slotMoved: f.slot(s), Kind: s.Kind})
		case domain.SlotFirm:
			f.onDates(f.ref.BranchID, s.LocalDates, "slot.booked", slotBooked{slotMoved: f.slot(s), Status: status})
		}
	}
}

// scheduleStatus tells the dates that show the booking of its status, where its slots alone do not say it.
func (f *bookingFanOut) scheduleStatus(dates []string, status domain.Status, segmentID string) {
	f.onDates(f.ref.BranchID, dates, "slot.status", slotStatus{
		BookingID: f.ref.BookingID, Status: status, SegmentID: segmentID,
	})
}

func (f *bookingFanOut) slot(s domain.Slot) slotMoved {
	return slotMoved{
		BookingID: f.ref.BookingID, SegmentID: s.SegmentID, StaffID: s.StaffID,
		StartTime: s.StartAt.UTC(), EndTime: s.EndAt.UTC(),
	}
}
