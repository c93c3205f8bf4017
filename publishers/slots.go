package publishers

import (
	"slices"

	"github.com/royalglow/booking/domain"
)

// slotSteps is a difference in the order in which a schedule is told of it: whoever follows it step by step never shows one
// member's time taken twice by what is only on its way.
type slotSteps struct {
	released   []domain.Slot
	reassigned []slotPair
	changed    []slotPair
	taken      []domain.Slot
}

// slotPair is one slot before and after.
type slotPair struct{ from, to domain.Slot }

// stepsOf finds in a difference the slots that stay where they are and only change hands or length. Each of those is one
// step, so that no page shows the moment between; everything else is freed first and taken then.
func stepsOf(diff domain.SlotDiff) slotSteps {
	steps := slotSteps{taken: slices.Clone(diff.Taken)}
	for _, from := range diff.Freed {
		i := slices.IndexFunc(steps.taken, func(to domain.Slot) bool { return handedOver(from, to) || resized(from, to) })
		if i < 0 {
			steps.released = append(steps.released, from)
			continue
		}
		pair := slotPair{from, steps.taken[i]}
		steps.taken = slices.Delete(steps.taken, i, i+1)
		if pair.from.StaffID == pair.to.StaffID {
			steps.changed = append(steps.changed, pair)
		} else {
			steps.reassigned = append(steps.reassigned, pair)
		}
	}
	return steps
}

// handedOver reports whether a slot went from one member to another, unchanged in all else.
func handedOver(from, to domain.Slot) bool {
	return alike(from, to) && from.StaffID != to.StaffID && from.StartAt.Equal(to.StartAt) && from.EndAt.Equal(to.EndAt)
}

// resized reports whether a slot lasts shorter or longer. One with another start is another slot: a schedule knows a slot by
// its start, and two of a segment may follow each other closely.
func resized(from, to domain.Slot) bool {
	return alike(from, to) && from.StaffID == to.StaffID && from.StartAt.Equal(to.StartAt) && !from.EndAt.Equal(to.EndAt)
}

// alike reports whether two slots are of one segment and kind and on the same dates, so that the same channels hear of both.
func alike(from, to domain.Slot) bool {
	return from.SegmentID == to.SegmentID && from.Kind == to.Kind && slices.Equal(from.LocalDates, to.LocalDates)
}
