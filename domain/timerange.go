package domain

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Minute is a time of day on a branch's clocks, in minutes after midnight, 0 to 1440. It is written "HH:MM"; "24:00" is the
// midnight at the day's end.
type Minute int

// dayMinutes is the number of minutes of a day without a change of clocks.
const dayMinutes = 24 * 60

// String returns "HH:MM".
func (m Minute) String() string { return fmt.Sprintf("%02d:%02d", int(m)/60, int(m)%60) }

// MarshalText returns "HH:MM".
func (m Minute) MarshalText() ([]byte, error) {
	if m < 0 || m > dayMinutes {
		return nil, errMinute
	}
	return []byte(m.String()), nil
}

var errMinute = errors.New("a time of day is HH:MM, 00:00 to 24:00")

// UnmarshalText reads "HH:MM", 00:00 to 24:00.
func (m *Minute) UnmarshalText(text []byte) error {
	if len(text) != len("HH:MM") || text[2] != ':' {
		return errMinute
	}
	for _, i := range []int{0, 1, 3, 4} {
		if text[i] < '0' || text[i] > '9' {
			return errMinute
		}
	}
	hour, minute := int(text[0]-'0')*10+int(text[1]-'0'), int(text[3]-'0')*10+int(text[4]-'0')
	if minute > 59 || hour*60+minute > dayMinutes {
		return errMinute
	}
	*m = Minute(hour*60 + minute)
	return nil
}

// TimeRange is a half-open piece of a day, [From, To). What goes on past midnight ends at 24:00 and begins again at 00:00 of
// the next day.
type TimeRange struct {
	From Minute `json:"from"`
	To   Minute `json:"to"`
}

// Week is what repeats every seven days: the ranges of each day. A day without ranges is off. Breaks are the gaps between
// ranges.
type Week struct {
	Mon []TimeRange `json:"mon,omitempty"`
	Tue []TimeRange `json:"tue,omitempty"`
	Wed []TimeRange `json:"wed,omitempty"`
	Thu []TimeRange `json:"thu,omitempty"`
	Fri []TimeRange `json:"fri,omitempty"`
	Sat []TimeRange `json:"sat,omitempty"`
	Sun []TimeRange `json:"sun,omitempty"`
}

// EveryDay returns a week whose days are all alike.
func EveryDay(ranges ...TimeRange) Week {
	return Week{Mon: ranges, Tue: ranges, Wed: ranges, Thu: ranges, Fri: ranges, Sat: ranges, Sun: ranges}
}

// On returns the ranges of a day of the week.
func (w Week) On(day time.Weekday) []TimeRange {
	switch day {
	case time.Monday:
		return w.Mon
	case time.Tuesday:
		return w.Tue
	case time.Wednesday:
		return w.Wed
	case time.Thursday:
		return w.Thu
	case time.Friday:
		return w.Fri
	case time.Saturday:
		return w.Sat
	case time.Sunday:
	}
	return w.Sun
}

// NamedDay is a day of a week under its name in JSON.
type NamedDay struct {
	Name   string
	Ranges []TimeRange
}

// Days lists the days from Monday on.
func (w Week) Days() []NamedDay {
	return []NamedDay{
		{"mon", w.Mon}, {"tue", w.Tue}, {"wed", w.Wed}, {"thu", w.Thu}, {"fri", w.Fri}, {"sat", w.Sat}, {"sun", w.Sun},
	}
}

// tidy returns the week with the ranges of each day in order.
func (w Week) tidy() Week {
	for _, day := range []*[]TimeRange{&w.Mon, &w.Tue, &w.Wed, &w.Thu, &w.Fri, &w.Sat, &w.Sun} {
		*day = tidyRanges(*day)
	}
	return w
}

func tidyRanges(ranges []TimeRange) []TimeRange {
	sorted := slices.Clone(ranges)
	slices.SortFunc(sorted, func(a, b TimeRange) int { return cmp.Compare(a.From, b.From) })
	return sorted
}

// checkRanges refuses ranges that are empty, leave the day or overlap. ranges are in order.
func checkRanges(ranges []TimeRange) *Refusal {
	for i, r := range ranges {
		if r.From < 0 || r.To > dayMinutes || r.From >= r.To {
			return Refuse(Invalid, CodeValidation, "%s–%s is not a piece of a day", r.From, r.To)
		}
		if i > 0 && r.From < ranges[i-1].To {
			return Refuse(Invalid, CodeValidation, "%s–%s overlaps %s–%s", r.From, r.To, ranges[i-1].From, ranges[i-1].To)
		}
	}
	return nil
}
