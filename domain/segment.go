package domain

import "time"

// Segment is one service of a booking, done by one member of staff without a break.
type Segment struct {
	SegmentID   string `json:"segmentId"`
	ServiceID   string `json:"serviceId"`
	ServiceName string `json:"serviceName"` // as offered when booked
	StaffID     string `json:"staffId"`
	// DurationMinutes is elapsed time, not wall time.
	DurationMinutes int `json:"durationMinutes"`
	// PriceMinor is in minor units (paise, cents) of the booking's currency, as offered when booked.
	PriceMinor int64 `json:"priceMinor"`
	// StartAt and EndAt bound the half-open interval [StartAt, EndAt) in UTC.
	StartAt time.Time `json:"startAt"`
	EndAt   time.Time `json:"endAt"`
	// LocalDates are the branch-local dates that the interval touches (YYYY-MM-DD), LocalStart its start on the branch's
	// clocks (HH:MM). They are for channels and display.
	LocalDates []string `json:"localDates"`
	LocalStart string   `json:"localStart"`
}

// LocalDate is the branch-local date on which the segment starts.
func (s Segment) LocalDate() string {
	if len(s.LocalDates) == 0 {
		return ""
	}
	return s.LocalDates[0]
}

// SlotKind says how firmly a slot is taken.
type SlotKind string

// The kinds of slot: a pending booking takes its time tentatively, a confirmed one firmly. Both keep others out.
const (
	SlotTentative SlotKind = "tentative"
	SlotFirm      SlotKind = "firm"
)

// Slot is a piece of a member's time as a schedule shows it.
type Slot struct {
	SegmentID  string    `json:"segmentId"`
	StaffID    string    `json:"staffId"`
	Kind       SlotKind  `json:"kind"`
	StartAt    time.Time `json:"startAt"`
	EndAt      time.Time `json:"endAt"`
	LocalDates []string  `json:"localDates"`
}

// SlotDiff is how an event changes the schedule. Replaying the diffs of all events in log order from an empty board gives
// the schedule; messages on schedule and staff channels come from here and from nowhere else.
//
// A slot that only changes its kind (a tentative one becomes firm) is in Taken alone.
type SlotDiff struct {
	Taken []Slot `json:"taken"`
	Freed []Slot `json:"freed"`
}

// DiffSlots compares the slots of a booking before and after an event. Slots are matched by segment and member; a match
// with another interval is freed and taken, a match with another kind is only taken.
func DiffSlots(before, after []Slot) SlotDiff {
	diff := SlotDiff{Taken: []Slot{}, Freed: []Slot{}}
	for _, b := range before {
		if a, ok := findSlot(after, b); !ok || !sameInterval(a, b) {
			diff.Freed = append(diff.Freed, b)
		}
	}
	for _, a := range after {
		if b, ok := findSlot(before, a); !ok || !sameInterval(a, b) || a.Kind != b.Kind {
			diff.Taken = append(diff.Taken, a)
		}
	}
	return diff
}

func findSlot(slots []Slot, like Slot) (Slot, bool) {
	for _, s := range slots {
		if s.SegmentID == like.SegmentID && s.StaffID == like.StaffID {
			return s, true
		}
	}
	return Slot{}, false
}

func sameInterval(a, b Slot) bool { return a.StartAt.Equal(b.StartAt) && a.EndAt.Equal(b.EndAt) }
