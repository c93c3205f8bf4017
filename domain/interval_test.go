package domain_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/royalglow/booking/domain"
)

// minuteSet is an interval list as a set of minutes: the oracle.
type minuteSet [120]bool

func setOf(intervals []domain.Interval) minuteSet {
	var s minuteSet
	for _, i := range intervals {
		for at := i.StartAt; at.Before(i.EndAt); at = at.Add(time.Minute) {
			s[int(at.Sub(opening)/time.Minute)] = true
		}
	}
	return s
}

func drawIntervals(t *rapid.T, label string) []domain.Interval {
	var out []domain.Interval
	for range rapid.IntRange(0, 6).Draw(t, label) {
		from, length := rapid.IntRange(0, 90).Draw(t, "from"), rapid.IntRange(-2, 29).Draw(t, "length")
		start := opening.Add(time.Duration(from) * time.Minute)
		out = append(out, domain.Interval{StartAt: start, EndAt: start.Add(time.Duration(length) * time.Minute)})
	}
	return out
}

// checkMerged: ascending, none empty, none touching the next.
func checkMerged(t *rapid.T, intervals []domain.Interval) {
	for i, v := range intervals {
		if v.Empty() || (i > 0 && !v.StartAt.After(intervals[i-1].EndAt)) {
			t.Fatalf("not merged: %v", intervals)
		}
	}
}

func TestIntervalsAreSetsOfInstants(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawIntervals(t, "a"), drawIntervals(t, "b")
		x, y := domain.MergeIntervals(a), domain.MergeIntervals(b)
		both, less := domain.IntersectIntervals(x, y), domain.SubtractIntervals(x, y)
		for _, merged := range [][]domain.Interval{x, y, both, less} {
			checkMerged(t, merged)
		}
		inA, inB, inBoth, inLess, merged := setOf(a), setOf(b), setOf(both), setOf(less), setOf(x)
		for m := range inA {
			if merged[m] != inA[m] || inBoth[m] != (inA[m] && inB[m]) || inLess[m] != (inA[m] && !inB[m]) {
				t.Fatalf("minute %d: a %v, b %v, merged %v, both %v, less %v", m, inA[m], inB[m], merged[m], inBoth[m], inLess[m])
			}
		}
	})
}
