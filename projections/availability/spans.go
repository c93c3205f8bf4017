package availability

import (
	"slices"
	"time"

	"github.com/royalglow/booking/domain"
)

// span is a half-open piece of time [from, to) in seconds since 1970 UTC: bookings are on whole minutes, and integers are quick to
// compare.
type span struct{ from, to int64 }

func spanOf(i domain.Interval) span { return span{i.StartAt.Unix(), i.EndAt.Unix()} }

func (s span) empty() bool { return s.from >= s.to }

// merge sorts spans and joins those that touch, in place.
func merge(spans []span) []span {
	slices.SortFunc(spans, func(a, b span) int {
		switch {
		case a.from < b.from:
			return -1
		case a.from > b.from:
			return 1
		}
		return 0
	})
	out := spans[:0]
	for _, s := range spans {
		if s.empty() {
			continue
		}
		if n := len(out); n > 0 && s.from <= out[n-1].to {
			out[n-1].to = max(out[n-1].to, s.to)
			continue
		}
		out = append(out, s)
	}
	return out
}

// subtract returns what of from lies in none of remove; both are merged.
func subtract(from, remove []span) []span {
	out := make([]span, 0, len(from)+len(remove))
	j := 0
	for _, f := range from {
		for j < len(remove) && remove[j].to <= f.from {
			j++
		}
		for k := j; k < len(remove) && remove[k].from < f.to; k++ {
			if f.from < remove[k].from {
				out = append(out, span{f.from, remove[k].from})
			}
			f.from = remove[k].to
		}
		if !f.empty() {
			out = append(out, f)
		}
	}
	return out
}

// intersect returns what lies in both; both are merged.
func intersect(a, b []span) []span {
	var out []span
	for i, j := 0, 0; i < len(a) && j < len(b); {
		if both := (span{max(a[i].from, b[j].from), min(a[i].to, b[j].to)}); !both.empty() {
			out = append(out, both)
		}
		if a[i].to < b[j].to {
			i++
		} else {
			j++
		}
	}
	return out
}

// contains reports whether all of want lies in one of the merged spans.
func contains(in []span, want span) bool {
	i, found := slices.BinarySearchFunc(in, want.from, func(s span, at int64) int {
		switch {
		case s.to <= at:
			return -1
		case s.from > at:
			return 1
		}
		return 0
	})
	return found && want.to <= in[i].to
}

func instant(seconds int64) time.Time { return time.Unix(seconds, 0).UTC() }
