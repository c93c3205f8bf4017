package domain

import "time"

// LocalKind says how often the clocks of a place show a time.
type LocalKind uint8

// The kinds of local time.
const (
	// LocalOnce is the usual case.
	LocalOnce LocalKind = iota
	// LocalNever: the clocks skip the time when they are put forward.
	LocalNever
	// LocalTwice: the clocks show the time again after they were put back.
	LocalTwice
)

// zoneReach is further than a change of clocks moves any zone's offset into another date, and shorter than the time between
// two changes.
const zoneReach = 38 * time.Hour

// ResolveLocal returns the instant at which the clocks of loc show minute (counted from midnight, and past 24 h from the next
// one) of the date. Of two such instants it returns the first; of none, the instant that the clocks would have shown had they
// not been changed yet (RFC 5545 §3.3.5). ok is false when date is not one.
//
// time.Date alone will not do: around changes of clocks it takes the earlier or the later instant depending on the zone, and
// may leave the date.
func ResolveLocal(date string, minute int, loc *time.Location) (at time.Time, kind LocalKind, ok bool) {
	day, err := time.Parse(DayFormat, date)
	if err != nil {
		return time.Time{}, LocalNever, false
	}
	naive := day.Add(time.Duration(minute) * time.Minute)
	before, after := offsetAt(naive.Add(-zoneReach), loc), offsetAt(naive.Add(zoneReach), loc)
	// East of Greenwich the offset is positive: the larger one gives the earlier instant.
	first, second := naive.Add(-max(before, after)), naive.Add(-min(before, after))
	switch one, two := shows(first, naive, loc), shows(second, naive, loc); {
	case one && two && !first.Equal(second):
		return first, LocalTwice, true
	case one:
		return first, LocalOnce, true
	case two:
		return second, LocalOnce, true
	}
	return naive.Add(-before), LocalNever, true
}

// ResolveOffset returns the instant at which a clock that is offset ahead of UTC shows the time, if the clocks of loc do so
// then: it tells apart the two instants of a time that they show twice.
func ResolveOffset(date string, minute int, offset time.Duration, loc *time.Location) (time.Time, bool) {
	day, err := time.Parse(DayFormat, date)
	if err != nil {
		return time.Time{}, false
	}
	naive := day.Add(time.Duration(minute) * time.Minute)
	at := naive.Add(-offset)
	return at, shows(at, naive, loc)
}

// offsetAt is how far loc is ahead of UTC at an instant.
func offsetAt(at time.Time, loc *time.Location) time.Duration {
	_, seconds := at.In(loc).Zone()
	return time.Duration(seconds) * time.Second
}

// shows reports whether the clocks of loc show, at an instant, what a clock in UTC shows at naive.
func shows(at, naive time.Time, loc *time.Location) bool {
	return at.Add(offsetAt(at, loc)).Equal(naive)
}

// ValidDate reports whether s is a calendar date, YYYY-MM-DD.
func ValidDate(s string) bool {
	_, err := time.Parse(DayFormat, s)
	return err == nil
}

// AddDays returns the date n days after a valid one.
func AddDays(date string, n int) string {
	day, err := time.Parse(DayFormat, date)
	if err != nil {
		return date
	}
	return day.AddDate(0, 0, n).Format(DayFormat)
}

// weekdayOf returns the day of the week of a valid date.
func weekdayOf(date string) time.Weekday {
	day, err := time.Parse(DayFormat, date)
	if err != nil {
		return time.Sunday
	}
	return day.Weekday()
}

// LocalDay returns the instants of a date on the clocks of loc: 23 to 25 hours as a rule, none where the zone skips the date.
func LocalDay(date string, loc *time.Location) Interval {
	start, _, ok := ResolveLocal(date, 0, loc)
	end, _, _ := ResolveLocal(AddDays(date, 1), 0, loc)
	if !ok || start.In(loc).Format(DayFormat) != date {
		return Interval{}
	}
	return Interval{start, end}
}
