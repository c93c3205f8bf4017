package availability

import "slices"

// daySeconds is the length of the pieces that a calendar is cut into.
const daySeconds = 24 * 60 * 60

// taken is a piece of a member's time that a booking holds.
type taken struct {
	span
	bookingID, segmentID string
}

// calendar is one member's taken time, by UTC day. What crosses midnight stands on both days.
type calendar struct {
	days   map[int64][]taken // ascending by from
	blocks map[string]*block // by leave id
}

// block is a leave, as long as it blocks at least one day.
type block struct {
	span
	days int
}

func dayOf(at int64) int64 {
	day := at / daySeconds
	if at%daySeconds < 0 {
		day--
	}
	return day
}

// take adds a piece; one of the same segment that begins at the same time is replaced.
func (c *calendar) take(t taken) {
	if c.days == nil {
		c.days = map[int64][]taken{}
	}
	for day := dayOf(t.from); day <= dayOf(t.to-1); day++ {
		list := slices.DeleteFunc(c.days[day], t.same)
		at, _ := slices.BinarySearchFunc(list, t.from, func(o taken, from int64) int {
			if o.from < from {
				return -1
			}
			return 1
		})
		c.days[day] = slices.Insert(list, at, t)
	}
}

// free removes a piece.
func (c *calendar) free(t taken) {
	for day := dayOf(t.from); day <= dayOf(t.to-1); day++ {
		if list := slices.DeleteFunc(c.days[day], t.same); len(list) > 0 {
			c.days[day] = list
		} else {
			delete(c.days, day)
		}
	}
}

func (t taken) same(o taken) bool {
	return t.bookingID == o.bookingID && t.segmentID == o.segmentID && t.from == o.from
}

// busy returns what is taken or blocked during a stretch of time, merged; the booking that is named does not count.
func (c *calendar) busy(during span, exceptBookingID string) []span {
	if c == nil {
		return nil
	}
	out := make([]span, 0, 16)
	for day := dayOf(during.from); day <= dayOf(during.to-1); day++ {
		for _, t := range c.days[day] {
			if t.bookingID != exceptBookingID && t.from < during.to && during.from < t.to {
				out = append(out, t.span)
			}
		}
	}
	for _, b := range c.blocks {
		if b.from < during.to && during.from < b.to {
			out = append(out, b.span)
		}
	}
	return merge(out)
}

// load is how much of a UTC day is taken, in seconds.
func (c *calendar) load(day int64) (seconds int64) {
	if c == nil {
		return 0
	}
	for _, t := range c.days[day] {
		seconds += min(t.to, (day+1)*daySeconds) - max(t.from, day*daySeconds)
	}
	return seconds
}

// prune forgets what ended before a day.
func (c *calendar) prune(before int64) {
	for day := range c.days {
		if day < before {
			delete(c.days, day)
		}
	}
	for id, b := range c.blocks {
		if dayOf(b.to-1) < before {
			delete(c.blocks, id)
		}
	}
}
