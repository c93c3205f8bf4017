package commands

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/royalglow/booking/domain"
)

// timetableFaults names every wrong part of a change of hours or shifts. The domain refuses them all the same, one at a time.
func timetableFaults(c domain.TimetableChange) []FieldError {
	var faults []FieldError
	switch {
	case c.Pattern == nil && c.Override == nil:
		faults = append(faults, FieldError{Pointer: "/pattern", Message: "is required, or an override"})
	case c.Pattern != nil && c.Override != nil:
		faults = append(faults, FieldError{Pointer: "/override", Message: "does not go with a pattern"})
	}
	if p := c.Pattern; p != nil {
		if !plausibleDate(p.EffectiveFrom) {
			faults = append(faults, FieldError{Pointer: "/pattern/effectiveFrom", Message: wantDate})
		}
		for _, day := range p.Week.Days() {
			faults = append(faults, rangeFaults("/pattern/week/"+day.Name, day.Ranges)...)
		}
	}
	if o := c.Override; o != nil {
		if !plausibleDate(o.Date) {
			faults = append(faults, FieldError{Pointer: "/override/date", Message: wantDate})
		}
		faults = append(faults, rangeFaults("/override/ranges", o.Ranges)...)
	}
	return faults
}

// maxRanges is how many pieces a day may have.
const maxRanges = 12

// rangeFaults names the ranges of a day that are empty, and those that begin before an earlier one has ended.
func rangeFaults(pointer string, ranges []domain.TimeRange) []FieldError {
	if len(ranges) > maxRanges {
		return []FieldError{{Pointer: pointer, Message: "must be at most " + strconv.Itoa(maxRanges) + " entries"}}
	}
	order := make([]int, len(ranges))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(ranges[a].From, ranges[b].From) })
	var faults []FieldError
	end := domain.Minute(0)
	for _, i := range order {
		r, at := ranges[i], pointer+"/"+strconv.Itoa(i)
		switch {
		case r.From >= r.To:
			faults = append(faults, FieldError{Pointer: at, Message: "must end after it begins, on the same day"})
		case r.From < end:
			faults = append(faults, FieldError{Pointer: at, Message: "overlaps another range of the day"})
		}
		end = max(end, r.To)
	}
	return faults
}

func (c SetHours) faults() []FieldError  { return timetableFaults(c.TimetableChange) }
func (c SetShifts) faults() []FieldError { return timetableFaults(c.TimetableChange) }
