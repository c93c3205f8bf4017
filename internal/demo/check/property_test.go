package check_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/royalglow/booking/internal/demo/check"
	"github.com/royalglow/booking/internal/eventstore"
)

// run is a random history on which everything was delivered, before anything is broken.
type run struct {
	*history
	subscribers []string
	log         []eventstore.Recorded
}

func drawRun(t *rapid.T) run {
	r := run{history: newHistory()}
	for i := range rapid.IntRange(1, 3).Draw(t, "subscribers") {
		r.subscribers = append(r.subscribers, fmt.Sprintf("subscriber %d", i))
		r.attach(r.subscribers[i], queue)
	}
	for range rapid.IntRange(1, 12).Draw(t, "events") {
		r.log = append(r.log, r.note())
	}
	return r
}

// TestTheCheckerFindsExactlyWhatWasBroken loses, repeats and swaps at random and compares with a count made by brute force.
func TestTheCheckerFindsExactlyWhatWasBroken(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawRun(t)
		var want figures
		for _, s := range r.subscribers {
			order := rapid.Permutation(indices(len(r.log))).Draw(t, "order of "+s)
			order = order[:rapid.IntRange(0, len(order)).Draw(t, "arrivals at "+s)]
			want.expected += len(r.log)
			want.received += len(order)
			want.lost += len(r.log) - len(order)
			want.reordered += inversions(order)
			for _, i := range order {
				r.deliver(s, queue, r.log[i], 0, true)
				for range rapid.IntRange(0, 2).Draw(t, "repeats") {
					acted := rapid.Bool().Draw(t, "acted")
					r.deliver(s, queue, r.log[i], 0, acted)
					if acted {
						want.duplicates++
					}
				}
			}
		}
		r.wants(t, want)
	})
}

// TestAnyInterleavingOfSubscribersIsClean: order is owed per subscriber and channel, and nowhere else.
func TestAnyInterleavingOfSubscribersIsClean(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawRun(t)
		next := map[string]int{}
		for range len(r.subscribers) * len(r.log) {
			open := slices.DeleteFunc(slices.Clone(r.subscribers), func(s string) bool { return next[s] == len(r.log) })
			s := rapid.SampledFrom(open).Draw(t, "who")
			r.deliver(s, queue, r.log[next[s]], 0, true)
			next[s]++
		}
		n := len(r.subscribers) * len(r.log)
		r.wants(t, figures{expected: n, received: n})
	})
}

// TestOverlapsAreFoundWhereverTheyAre compares the fold with every pair of bookings that were drawn.
func TestOverlapsAreFoundWhereverTheyAre(t *testing.T) {
	type stay struct {
		staff    string
		from, to time.Time
	}
	rapid.Check(t, func(t *rapid.T) {
		h := newHistory()
		var stays []stay
		want := 0
		for i := range rapid.IntRange(1, 10).Draw(t, "bookings") {
			from := at(9, 0).Add(time.Duration(rapid.IntRange(0, 20).Draw(t, "start")) * 15 * time.Minute)
			s := stay{
				staff: rapid.SampledFrom([]string{"stf_a", "stf_b"}).Draw(t, "staff"), from: from,
				to: from.Add(time.Duration(rapid.IntRange(1, 6).Draw(t, "quarters")) * 15 * time.Minute),
			}
			for _, o := range stays {
				if o.staff == s.staff && o.from.Before(s.to) && s.from.Before(o.to) {
					want++
				}
			}
			stays = append(stays, s)
			h.commit(requested(i, s.staff, s.from, s.to))
		}
		h.wants(t, figures{doubleBooked: want})
	})
}

func TestPercentilesAreElementsInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ms := rapid.SliceOfN(rapid.IntRange(0, 5000), 1, 50).Draw(t, "ms")
		var latencies []time.Duration
		for _, m := range ms {
			latencies = append(latencies, time.Duration(m)*time.Millisecond)
		}
		p := check.Rank(latencies)
		if p.P50 > p.P99 || !slices.Contains(ms, int(p.P50)) || !slices.Contains(ms, int(p.P99)) {
			t.Errorf("percentiles of %v are %+v", ms, p)
		}
		above := 0
		for _, m := range ms {
			if float64(m) > p.P50 {
				above++
			}
		}
		if above > len(ms)/2 {
			t.Errorf("%d of %d lie above the median %v", above, len(ms), p.P50)
		}
	})
}

func indices(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}

func inversions(order []int) int {
	n := 0
	for i, a := range order {
		for _, b := range order[i+1:] {
			if a > b {
				n++
			}
		}
	}
	return n
}
