package domain

import (
	"cmp"
	"maps"
	"reflect"
	"slices"
	"time"
)

// Pattern is a week that holds from a date on, until a later pattern takes its place.
type Pattern struct {
	EffectiveFrom string `json:"effectiveFrom"` // local, YYYY-MM-DD, inclusive
	Week          Week   `json:"week"`
}

// DateOverride replaces what the pattern says of one date. No ranges: off all day. Lifted takes an override back.
type DateOverride struct {
	Date   string      `json:"date"` // local, YYYY-MM-DD
	Ranges []TimeRange `json:"ranges"`
	Lifted bool        `json:"lifted,omitempty"`
}

// TimetableChange is one step in the making of a timetable: a pattern or an override, one of them set.
type TimetableChange struct {
	Pattern  *Pattern      `json:"pattern,omitempty"`
	Override *DateOverride `json:"override,omitempty"`
}

// Timetable is opening hours or shifts: patterns by date of effect, and dates that differ. Its times are those of the
// branch's clocks. It is never changed in place; the zero Timetable has not been set.
type Timetable struct {
	Patterns  []Pattern              `json:"patterns,omitempty"`  // ascending by EffectiveFrom
	Overrides map[string][]TimeRange `json:"overrides,omitempty"` // by date
}

// Set reports whether anything has ever been said.
func (t Timetable) Set() bool { return len(t.Patterns) > 0 || len(t.Overrides) > 0 }

// apply folds a change.
func (t Timetable) apply(c TimetableChange) Timetable {
	if p := c.Pattern; p != nil {
		t.Patterns = slices.DeleteFunc(slices.Clone(t.Patterns), func(o Pattern) bool { return o.EffectiveFrom == p.EffectiveFrom })
		t.Patterns = append(t.Patterns, *p)
		slices.SortFunc(t.Patterns, func(a, b Pattern) int { return cmp.Compare(a.EffectiveFrom, b.EffectiveFrom) })
	}
	if o := c.Override; o != nil {
		t.Overrides = maps.Clone(t.Overrides)
		switch {
		case o.Lifted:
			delete(t.Overrides, o.Date)
		case t.Overrides == nil:
			t.Overrides = map[string][]TimeRange{o.Date: o.Ranges}
		default:
			t.Overrides[o.Date] = o.Ranges
		}
	}
	return t
}

// On returns the ranges of a date. said is false for one of which nothing has been said: it has no override and lies before the
// first pattern.
func (t Timetable) On(date string) (ranges []TimeRange, said bool) {
	if ranges, ok := t.Overrides[date]; ok {
		return ranges, true
	}
	week, said := t.weekOf(date)
	return week.On(weekdayOf(date)), said
}

// Within returns when the timetable says yes during a stretch of time, merged: across midnight as well. What has not been said
// does not restrict: a holiday that differs does not close the days around it.
func (t Timetable) Within(during Interval, loc *time.Location) []Interval {
	if !t.Set() && !during.Empty() {
		return []Interval{during}
	}
	return t.within(during, loc, func(string) bool { return true })
}

// said returns when the timetable says yes in so many words.
func (t Timetable) said(during Interval, loc *time.Location) []Interval {
	return t.within(during, loc, func(string) bool { return false })
}

// within resolves the timetable; otherwise says yes or no to the dates of which nothing has been said.
func (t Timetable) within(during Interval, loc *time.Location, otherwise func(date string) bool) []Interval {
	if during.Empty() {
		return nil
	}
	var out []Interval
	for _, date := range LocalDates(during.StartAt, during.EndAt, loc) {
		ranges, said := t.On(date)
		if !said && otherwise(date) {
			out = append(out, LocalDay(date, loc).intersect(during))
		}
		for _, r := range ranges {
			if i := resolveRange(date, r, loc).intersect(during); !i.Empty() {
				out = append(out, i)
			}
		}
	}
	return MergeIntervals(out)
}

// zonesApart is by how many dates the calendars of two branches may differ at most: the earliest and the latest clocks on earth
// are 26 hours apart.
const zonesApart = 2

// engages reports whether the timetable says yes at any time by a date of another branch's calendar: on about that date, or in the
// week that is then in effect.
func (t Timetable) engages(date string) bool {
	for days := -zonesApart; days <= zonesApart; days++ {
		here := AddDays(date, days)
		if week, _ := t.weekOf(here); len(t.Overrides[here]) > 0 || week.works() {
			return true
		}
	}
	return false
}

// weekOf returns the week that is in effect on a date; the empty one, and false, before the first pattern.
func (t Timetable) weekOf(date string) (week Week, said bool) {
	for _, p := range t.Patterns {
		if p.EffectiveFrom > date { // dates in this form sort as text
			break
		}
		week, said = p.Week, true
	}
	return week, said
}

// works reports whether the week has any hours.
func (w Week) works() bool {
	return slices.ContainsFunc(w.Days(), func(d NamedDay) bool { return len(d.Ranges) > 0 })
}

// resolveRange returns the instants of a range on a date. Bounds that the clocks skip or show twice are resolved silently, the
// latter to the first time; on a date that the zone skips there are none.
func resolveRange(date string, r TimeRange, loc *time.Location) Interval {
	start, _, ok := ResolveLocal(date, int(r.From), loc)
	end, _, _ := ResolveLocal(date, int(r.To), loc)
	if !ok || LocalDay(date, loc).Empty() {
		return Interval{}
	}
	return Interval{start, end}
}

// Check refuses a change whose dates or ranges are malformed, and returns it with the ranges of each day in order.
func (c TimetableChange) Check() (TimetableChange, *Refusal) {
	switch {
	case (c.Pattern == nil) == (c.Override == nil):
		return c, Refuse(Invalid, CodeValidation, "give a pattern or an override, one of them")
	case c.Pattern != nil:
		p := Pattern{EffectiveFrom: c.Pattern.EffectiveFrom, Week: c.Pattern.Week.tidy()}
		if !ValidDate(p.EffectiveFrom) {
			return c, Refuse(Invalid, CodeValidation, "effectiveFrom is not a date")
		}
		for _, day := range p.Week.Days() {
			if err := checkRanges(day.Ranges); err != nil {
				err.Message = day.Name + ": " + err.Message
				return c, err
			}
		}
		return TimetableChange{Pattern: &p}, nil
	}
	o := *c.Override
	o.Ranges = tidyRanges(o.Ranges)
	if o.Ranges == nil || o.Lifted {
		o.Ranges = []TimeRange{}
	}
	if !ValidDate(o.Date) {
		return c, Refuse(Invalid, CodeValidation, "date is not a date")
	}
	return TimetableChange{Override: &o}, checkRanges(o.Ranges)
}

// equal reports whether two timetables say the same, so that saying it again is no fact.
func (t Timetable) equal(o Timetable) bool { return reflect.DeepEqual(t.normal(), o.normal()) }

// normal makes nil and empty alike.
func (t Timetable) normal() Timetable {
	var n Timetable
	for _, p := range t.Patterns {
		week := p.Week
		for _, day := range []*[]TimeRange{&week.Mon, &week.Tue, &week.Wed, &week.Thu, &week.Fri, &week.Sat, &week.Sun} {
			if len(*day) == 0 {
				*day = nil
			}
		}
		n.Patterns = append(n.Patterns, Pattern{EffectiveFrom: p.EffectiveFrom, Week: week})
	}
	for date, ranges := range t.Overrides {
		if n.Overrides == nil {
			n.Overrides = map[string][]TimeRange{}
		}
		n.Overrides[date] = append([]TimeRange{}, ranges...)
	}
	return n
}
