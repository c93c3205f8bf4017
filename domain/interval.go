package domain

import (
	"slices"
	"time"
)

// Interval is a half-open piece of time [StartAt, EndAt), in UTC.
type Interval struct {
	StartAt time.Time `json:"startAt"`
	EndAt   time.Time `json:"endAt"`
}

// Empty reports whether the interval holds no instant; a reversed one does not.
func (i Interval) Empty() bool { return !i.StartAt.Before(i.EndAt) }

// Overlaps reports whether the two share an instant. Intervals that only touch do not.
func (i Interval) Overlaps(o Interval) bool {
	return i.StartAt.Before(o.EndAt) && o.StartAt.Before(i.EndAt)
}

// Equal reports whether the two have the same bounds.
func (i Interval) Equal(o Interval) bool { return i.StartAt.Equal(o.StartAt) && i.EndAt.Equal(o.EndAt) }

// Contains reports whether all of o lies in i.
func (i Interval) Contains(o Interval) bool {
	return !o.StartAt.Before(i.StartAt) && !o.EndAt.After(i.EndAt)
}

// Duration is how long the interval is.
func (i Interval) Duration() time.Duration { return i.EndAt.Sub(i.StartAt) }

// intersect returns what the two share; it may be empty.
func (i Interval) intersect(o Interval) Interval {
	if o.StartAt.After(i.StartAt) {
		i.StartAt = o.StartAt
	}
	if o.EndAt.Before(i.EndAt) {
		i.EndAt = o.EndAt
	}
	return i
}

// MergeIntervals returns the instants that lie in at least one of the intervals, as the fewest intervals in ascending order.
// What touches becomes one. It leaves its argument alone.
func MergeIntervals(intervals []Interval) []Interval {
	sorted := slices.DeleteFunc(slices.Clone(intervals), Interval.Empty)
	slices.SortFunc(sorted, func(a, b Interval) int { return a.StartAt.Compare(b.StartAt) })
	out := sorted[:0]
	for _, i := range sorted {
		if n := len(out); n > 0 && !i.StartAt.After(out[n-1].EndAt) {
			if i.EndAt.After(out[n-1].EndAt) {
				out[n-1].EndAt = i.EndAt
			}
			continue
		}
		out = append(out, i)
	}
	return out
}

// IntersectIntervals returns the instants that lie in both lists, which are merged.
func IntersectIntervals(a, b []Interval) []Interval {
	var out []Interval
	for i, j := 0, 0; i < len(a) && j < len(b); {
		if both := a[i].intersect(b[j]); !both.Empty() {
			out = append(out, both)
		}
		if a[i].EndAt.Before(b[j].EndAt) {
			i++
		} else {
			j++
		}
	}
	return out
}

// SubtractIntervals returns the instants of from that lie in no interval of remove. Both are merged.
func SubtractIntervals(from, remove []Interval) []Interval {
	var out []Interval
	j := 0
	for _, f := range from {
		for j < len(remove) && !remove[j].EndAt.After(f.StartAt) {
			j++
		}
		for k := j; k < len(remove) && remove[k].StartAt.Before(f.EndAt); k++ {
			if before := (Interval{f.StartAt, remove[k].StartAt}); !before.Empty() {
				out = append(out, before)
			}
			f.StartAt = remove[k].EndAt
		}
		if !f.Empty() {
			out = append(out, f)
		}
	}
	return out
}

// covered reports whether all of want lies in one of the merged intervals.
func covered(by []Interval, want Interval) bool {
	return slices.ContainsFunc(by, func(i Interval) bool { return i.Contains(want) })
}
