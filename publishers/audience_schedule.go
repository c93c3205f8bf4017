package publishers

import (
	"slices"
	"time"

	"github.com/royalglow/booking/domain"
)

// What a schedule page hears: pieces of members' time, named by booking. No names of customers and no prices: the page asks
// the API for what its user may see.

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

type slotReassigned struct {
	BookingID   string    `json:"bookingId"`
	SegmentID   string    `json:"segmentId"`
	FromStaffID string    `json:"fromStaffId"`
	ToStaffID   string    `json:"toStaffId"`
	StartTime   time.Time `json:"startTime"`
	EndTime     time.Time `json:"endTime"`
}

// toSchedule tells every date that a slot touches. A single slot that only changes hands is one message, so that no page
// shows the moment between; everything else is freed first and taken then.
func (f *fanOut) toSchedule(diff domain.SlotDiff) {
	if from, to, ok := handedOver(diff); ok {
		f.onDates(to, "slot.reassigned", slotReassigned{
			BookingID: f.ref.BookingID, SegmentID: to.SegmentID, FromStaffID: from.StaffID, ToStaffID: to.StaffID,
			StartTime: to.StartAt.UTC(), EndTime: to.EndAt.UTC(),
		})
		return
	}
	for _, s := range diff.Freed {
		f.onDates(s, "slot.released", f.slot(s))
	}
	for _, s := range diff.Taken {
		f.taken(s)
	}
}

func (f *fanOut) onDates(s domain.Slot, name string, payload any) {
	for _, date := range s.LocalDates {
		for _, to := range scheduleChannels(f.ref.BranchID, date) {
			f.add(to, name, payload)
		}
	}
}

func (f *fanOut) slot(s domain.Slot) slotMoved {
	return slotMoved{
		BookingID: f.ref.BookingID, SegmentID: s.SegmentID, StaffID: s.StaffID,
		StartTime: s.StartAt.UTC(), EndTime: s.EndAt.UTC(),
	}
}

func (f *fanOut) taken(s domain.Slot) {
	switch s.Kind {
	case domain.SlotTentative:
		f.onDates(s, "slot.held", slotHeld{slotMoved: f.slot(s), Kind: s.Kind})
	case domain.SlotFirm:
		f.onDates(s, "slot.booked", f.slot(s))
	}
}

// handedOver reports whether the difference is one segment's slot that goes from one member to another, unchanged in all
// but the member.
func handedOver(diff domain.SlotDiff) (from, to domain.Slot, ok bool) {
	if len(diff.Freed) != 1 || len(diff.Taken) != 1 {
		return from, to, false
	}
	from, to = diff.Freed[0], diff.Taken[0]
	same := from.SegmentID == to.SegmentID && from.Kind == to.Kind && from.StaffID != to.StaffID &&
		from.StartAt.Equal(to.StartAt) && from.EndAt.Equal(to.EndAt) && slices.Equal(from.LocalDates, to.LocalDates)
	return from, to, same
}
