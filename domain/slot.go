package domain

import (
	"slices"
	"time"
)

// SlotKind says how firmly a slot is taken.
type SlotKind string

// The kinds of slot: a pending booking takes its time tentatively, a confirmed one firmly. Both keep others out.
const (
	SlotTentative SlotKind = "tentative"
	SlotFirm      SlotKind = "firm"
)

// Slot is a piece of a member's time as a schedule shows it: buffers are in it, processing time is not. A segment with
// processing time has several. Within a booking a slot is known by its segment, member and start.
type Slot struct {
	SegmentID string    `json:"segmentId"`
	StaffID   string    `json:"staffId"`
	Kind      SlotKind  `json:"kind"`
	StartAt   time.Time `json:"startAt"`
	EndAt     time.Time `json:"endAt"`
	// LocalDates are the branch-local dates that the slot touches.
	LocalDates []string `json:"localDates"`
}

// SlotDiff is how an event changes the schedule. Replaying the diffs of all events in log order from an empty board gives
// the schedule; messages on schedule and staff channels come from here and from nowhere else.
//
// A slot that only changes its kind (a tentative one becomes firm) is in Taken alone.
type SlotDiff struct {
	Taken []Slot `json:"taken"`
	Freed []Slot `json:"freed"`
}

// Empty reports whether nothing changes.
func (d SlotDiff) Empty() bool { return len(d.Taken) == 0 && len(d.Freed) == 0 }

// DiffSlots compares the slots of a booking before and after an event. A slot with another member or interval is freed and
// taken, one with another kind is only taken.
func DiffSlots(before, after []Slot) SlotDiff {
	diff := SlotDiff{Taken: []Slot{}, Freed: []Slot{}}
	for _, b := range before {
		if !slices.ContainsFunc(after, b.samePlace) {
			diff.Freed = append(diff.Freed, b)
		}
	}
	for _, a := range after {
		if !slices.ContainsFunc(before, func(b Slot) bool { return a.samePlace(b) && a.Kind == b.Kind }) {
			diff.Taken = append(diff.Taken, a)
		}
	}
	return diff
}

// samePlace reports whether two slots are of one segment, member and interval.
func (s Slot) samePlace(o Slot) bool {
	return s.SegmentID == o.SegmentID && s.StaffID == o.StaffID && s.StartAt.Equal(o.StartAt) && s.EndAt.Equal(o.EndAt)
}

// datesOfSlots lists the branch-local dates that the slots touch, ascending.
func datesOfSlots(slots []Slot) []string {
	dates := []string{}
	for _, s := range slots {
		dates = append(dates, s.LocalDates...)
	}
	slices.Sort(dates)
	return slices.Compact(dates)
}
