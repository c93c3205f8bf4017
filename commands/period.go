package commands

import (
	"cmp"
	"strconv"

	"github.com/royalglow/booking/domain"
)

// periodFaults names what is wrong with two dates of which the latter is inclusive. The domain refuses them all the same. Of dates
// that are none the tags tell.
func periodFaults(from, to string, most int) []FieldError {
	switch {
	case !plausibleDate(from) || !plausibleDate(to):
		return nil
	case to < from:
		return []FieldError{
			{Pointer: "/fromDate", Message: "must not be after toDate"}, {Pointer: "/toDate", Message: "must not be before fromDate"},
		}
	case domain.AddDays(from, most-1) < to:
		message := "must be at most " + strconv.Itoa(most) + " days, from fromDate to toDate"
		return []FieldError{{Pointer: "/fromDate", Message: message}, {Pointer: "/toDate", Message: message}}
	}
	return nil
}

// faults names dates in the wrong order, and times that leave nothing between them.
func (t LeaveTimes) faults() []FieldError {
	begin, end := clockTime(cmp.Or(t.FromTime, "00:00")), clockTime(cmp.Or(t.ToTime, "24:00"))
	if faults := periodFaults(t.FromDate, t.ToDate, domain.MaxLeaveDays); len(faults) > 0 || begin == nil || end == nil {
		return faults
	}
	// 24:00 of a date is 00:00 of the next.
	nothing := t.FromDate == t.ToDate && *begin >= *end ||
		t.FromTime == "24:00" && t.ToTime == "00:00" && domain.AddDays(t.FromDate, 1) == t.ToDate
	if !nothing || !plausibleDate(t.FromDate) || !plausibleDate(t.ToDate) {
		return nil
	}
	var faults []FieldError
	if t.FromTime != "" {
		faults = append(faults, FieldError{Pointer: "/fromTime", Message: "must be before the leave ends"})
	}
	if t.ToTime != "" {
		faults = append(faults, FieldError{Pointer: "/toTime", Message: "must be after the leave begins"})
	}
	return faults
}

func (c DeclareClosure) faults() []FieldError {
	return periodFaults(c.FromDate, c.ToDate, domain.MaxClosureDays)
}
