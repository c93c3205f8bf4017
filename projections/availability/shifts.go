package availability

import (
	"sync"

	"github.com/royalglow/booking/domain"
)

// shiftCache keeps the opening hours and shifts of dates, which take longer to resolve than all the rest of a search. It is emptied
// when anything in the catalogue changes.
type shiftCache struct {
	mu   sync.RWMutex
	days map[shiftKey][]span
}

// shiftKey names a member's date at a branch; the empty member stands for the branch's opening hours.
type shiftKey struct{ branchID, staffID, date string }

func (c *shiftCache) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.days = nil
}

// maxCached bounds the cache: a year of a large chain.
const maxCached = 200_000

func (c *shiftCache) get(k shiftKey, resolve func() []span) []span {
	c.mu.RLock()
	spans, ok := c.days[k]
	c.mu.RUnlock()
	if ok {
		return spans
	}
	spans = resolve()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.days == nil || len(c.days) >= maxCached {
		c.days = map[shiftKey][]span{}
	}
	c.days[k] = spans
	return spans
}

// open returns when the branch is open during a stretch of time: its hours without its closures, merged.
func (x *Index) open(b *branch, during span) []span {
	all := []span{during}
	if b.Hours.Set() {
		all = x.within(b, "", func(day domain.Interval) []domain.Interval { return b.Hours.Within(day, b.loc) }, during, datesOf(b, during))
	}
	if len(b.Closures) == 0 {
		return all
	}
	closed := make([]span, 0, len(b.Closures))
	for _, c := range b.Closures {
		closed = append(closed, span{c.StartAt.Unix(), c.EndAt.Unix()})
	}
	return subtract(all, merge(closed))
}

// datesOf lists the dates on the branch's calendar that a stretch of time touches.
func datesOf(b *branch, during span) []string {
	return domain.LocalDates(instant(during.from), instant(during.to), b.loc)
}

// working returns when a member works at the branch, merged. The opening hours are the customers': he may prepare before them.
func (x *Index) working(b *branch, staffID string, during span, dates []string) []span {
	member := x.staff[staffID]
	if !member.Bound() {
		return []span{during}
	}
	there := func(day domain.Interval) []domain.Interval { return member.There(b.BranchID, day, b.loc) }
	return x.within(b, staffID, there, during, dates)
}

// within resolves times date by date; dates are those that during touches.
func (x *Index) within(
	b *branch, staffID string, resolve func(day domain.Interval) []domain.Interval, during span, dates []string,
) []span {
	all := make([]span, 0, 2*len(dates))
	for _, date := range dates {
		all = append(all, x.shifts.get(shiftKey{b.BranchID, staffID, date}, func() []span {
			var spans []span
			for _, i := range resolve(domain.LocalDay(date, b.loc)) {
				spans = append(spans, spanOf(i))
			}
			return spans
		})...)
	}
	return intersect(merge(all), []span{during})
}
