package ablylocal

import (
	"slices"
	"time"
)

// dedup remembers the publications of one channel by id base, for the
// window from their first acceptance. Owned by the channel, under its lock.
type dedup struct {
	window time.Duration
	seen   map[string]receipt
	order  []seenAt // oldest first
}

// seenAt is when a base was first accepted.
type seenAt struct {
	base string
	at   time.Time
}

// find gives the receipt of a base that was accepted within the window.
func (d *dedup) find(base string, now time.Time) (receipt, bool) {
	d.expire(now)
	r, found := d.seen[base]
	return r, found
}

// remember records an acceptance.
func (d *dedup) remember(base string, r receipt, now time.Time) {
	if d.seen == nil {
		d.seen = map[string]receipt{}
	}
	d.seen[base] = r
	d.order = append(d.order, seenAt{base, now})
}

// expire forgets what is older than the window: an age of exactly the window is
// still remembered.
func (d *dedup) expire(now time.Time) {
	gone := 0
	for gone < len(d.order) && now.Sub(d.order[gone].at) > d.window {
		delete(d.seen, d.order[gone].base)
		gone++
	}
	d.order = d.order[gone:]
}

// forget drops a base before its time, and tells whether it was there.
func (d *dedup) forget(base string) bool {
	if _, found := d.seen[base]; !found {
		return false
	}
	delete(d.seen, base)
	d.order = slices.DeleteFunc(d.order, func(s seenAt) bool { return s.base == base })
	return true
}
