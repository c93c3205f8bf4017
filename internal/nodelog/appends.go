package nodelog

import (
	"container/heap"
	"iter"
	"time"

	"github.com/royalglow/booking/internal/eventstore"
)

// weeks is how long the chain takes bookings: much longer than ahead of a visit they are made, so that most lives end within
// the log.
const weeks = 10

// Appends yields the appends of a log with so many booking events, in its order, after those that make the chain. The
// longer the log, the larger the business: a million events are some 3,000 bookings a day, with more than 30,000 open at a
// time.
func Appends(bookingEvents int) iter.Seq[eventstore.Append] {
	return func(yield func(eventstore.Append) bool) {
		requests := bookingEvents*2/9 + 1 // a life has between four and five events
		c := newChain(requests/5 + 1)
		if !c.open(yield) {
			return
		}
		every := weeks * 7 * 24 * time.Hour / time.Duration(requests)
		at, order, open := c.began.Add(24*time.Hour), 0, lives{}
		for left := bookingEvents; left > 0; {
			var l *life
			if len(open) > 0 && open[0].at.Before(at) {
				l = heap.Pop(&open).(*life) //nolint:forcetypeassert // nothing else is in it
			} else {
				l = c.begin(at)
				at = at.Add(every)
			}
			if l == nil {
				continue
			}
			a := c.live(l)
			if n := len(a.Events); n > left {
				continue // nothing more is heard of it
			} else if n > 0 {
				left -= n
				if !yield(a) {
					return
				}
			}
			if l.step != stepNone {
				order++
				l.order = order
				heap.Push(&open, l)
			}
		}
	}
}

// lives are the bookings that are open, the one whose step is next first.
type lives []*life

// Len, Less, Swap, Push and Pop make a heap of it.
func (o lives) Len() int { return len(o) }

// Less keeps those of the same moment in the order in which they came.
func (o lives) Less(i, j int) bool {
	if !o[i].at.Equal(o[j].at) {
		return o[i].at.Before(o[j].at)
	}
	return o[i].order < o[j].order
}

// Swap swaps two.
func (o lives) Swap(i, j int) { o[i], o[j] = o[j], o[i] }

// Push adds one at the end.
func (o *lives) Push(x any) { *o = append(*o, x.(*life)) } //nolint:forcetypeassert // nothing else is pushed

// Pop takes the last.
func (o *lives) Pop() any {
	old := *o
	last := old[len(old)-1]
	old[len(old)-1] = nil
	*o = old[:len(old)-1]
	return last
}
