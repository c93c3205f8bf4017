package publishers

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/royalglow/booking/domain"
)

// drawSlots draws what one booking takes: of each segment one member's time, in pieces that follow each other closely, around a
// midnight.
func drawSlots(t *rapid.T, label string) []domain.Slot {
	base := time.Date(2026, 6, 15, 22, 0, 0, 0, time.UTC)
	kind := rapid.SampledFrom([]domain.SlotKind{domain.SlotFirm, domain.SlotTentative}).Draw(t, label+" kind")
	var slots []domain.Slot
	for segment := range rapid.IntRange(0, 2).Draw(t, label+" segments") {
		member := rapid.SampledFrom([]string{"stf_asha01", "stf_meera1"}).Draw(t, label+" member")
		at := base
		for range rapid.IntRange(1, 3).Draw(t, label+" pieces") {
			at = at.Add(time.Duration(rapid.IntRange(0, 2).Draw(t, label+" gap")) * 30 * time.Minute)
			end := at.Add(time.Duration(rapid.IntRange(1, 2).Draw(t, label+" length")) * 30 * time.Minute)
			slots = append(slots, domain.Slot{
				SegmentID: fmt.Sprint("seg_", segment+1), StaffID: member, Kind: kind, StartAt: at, EndAt: end,
				LocalDates: domain.LocalDates(at, end, time.UTC),
			})
			at = end
		}
	}
	return slots
}

// changed draws what becomes of slots: a segment may go to another member, move or stay, and its slots may grow or shrink.
func changed(t *rapid.T, before []domain.Slot) []domain.Slot {
	after := make([]domain.Slot, 0, len(before))
	hands, shift := map[string]string{}, map[string]time.Duration{}
	for _, s := range before {
		if _, seen := hands[s.SegmentID]; !seen {
			hands[s.SegmentID] = rapid.SampledFrom([]string{s.StaffID, s.StaffID, "stf_tara01"}).Draw(t, "hands")
			shift[s.SegmentID] = time.Duration(rapid.SampledFrom([]int{0, 0, 30, 60, -30}).Draw(t, "shift")) * time.Minute
		}
		longer := time.Duration(rapid.SampledFrom([]int{0, 0, 15, -15}).Draw(t, "longer")) * time.Minute
		s.StaffID, s.StartAt, s.EndAt = hands[s.SegmentID], s.StartAt.Add(shift[s.SegmentID]), s.EndAt.Add(shift[s.SegmentID]+longer)
		s.LocalDates = domain.LocalDates(s.StartAt, s.EndAt, time.UTC)
		after = append(after, s)
	}
	return after
}

// place is how a page knows a slot.
func place(s domain.Slot) string { return s.SegmentID + " " + s.StaffID + " " + s.StartAt.String() }

func placed(slots []domain.Slot) map[string]string {
	out := map[string]string{}
	for _, s := range slots {
		out[place(s)] = fmt.Sprint(s.Kind, s.EndAt)
	}
	return out
}

// TestStepsLeadFromOneScheduleToTheOther whatever the two are, without a step that meets a slot which is not there, or one
// that is there already.
func TestStepsLeadFromOneScheduleToTheOther(t *testing.T) {
	t.Parallel()
	var handed, resized, moved int
	rapid.Check(t, func(t *rapid.T) {
		before := drawSlots(t, "before")
		after := changed(t, before)
		if rapid.IntRange(0, 3).Draw(t, "another") == 0 {
			after = drawSlots(t, "after")
		}
		board := placed(before)
		leave := func(s domain.Slot) {
			if board[place(s)] == "" {
				t.Fatalf("%+v is left, and was not there", s)
			}
			delete(board, place(s))
		}
		take := func(s domain.Slot) {
			if have := board[place(s)]; have != "" && have == fmt.Sprint(s.Kind, s.EndAt) {
				t.Fatalf("%+v is taken, and is there already", s)
			}
			board[place(s)] = fmt.Sprint(s.Kind, s.EndAt)
		}
		steps := stepsOf(domain.DiffSlots(before, after))
		for _, s := range steps.released {
			leave(s)
		}
		for _, p := range append(steps.reassigned, steps.changed...) {
			leave(p.from)
			if board[place(p.to)] != "" {
				t.Fatalf("%+v goes where there is one already", p.from)
			}
			take(p.to)
			if fmt.Sprint(p.from.LocalDates) != fmt.Sprint(p.to.LocalDates) || p.from.Kind != p.to.Kind {
				t.Fatalf("%+v and %+v are no pair for one page", p.from, p.to)
			}
		}
		for _, s := range steps.taken {
			take(s)
		}
		if want := placed(after); !maps.Equal(board, want) {
			t.Fatalf("the steps lead to\n%v\nwant\n%v", board, want)
		}
		handed, resized, moved = handed+len(steps.reassigned), resized+len(steps.changed), moved+len(steps.released)
	})
	if handed == 0 || resized == 0 || moved == 0 {
		t.Errorf("%d slots handed over, %d resized, %d released: not all of it was tried", handed, resized, moved)
	}
}
