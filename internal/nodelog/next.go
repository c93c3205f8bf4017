package nodelog

import "time"

// next decides what happens after the booking's step, and when. On average a life has between four and five events.
func (c *chain) next(l *life) {
	start := c.startOf(l.place)
	switch l.step {
	case stepRequest:
		l.at = l.at.Add(c.minutes(10, 240))
		l.step = stepConfirm
		if c.chance(8) {
			l.step = stepReject
		}
	case stepConfirm:
		switch n := c.rng.IntN(100); {
		case n < 9:
			l.step = stepMove
		case n < 17:
			l.step = stepAssign
		case n < 28:
			l.step = stepNote
		default:
			c.outcome(l)
			return
		}
		l.at = c.between(l.at, start.Add(-2*time.Hour))
	case stepMove, stepAssign, stepNote:
		c.outcome(l)
	case stepReject, stepCancel:
		c.free(l.place)
		l.step = stepNone
	case stepCheckIn:
		l.step, l.at = stepStart, start.Add(c.minutes(0, 6))
	case stepStart:
		l.step, l.at = stepComplete, start.Add(c.minutes(40, 90))
		if c.chance(40) {
			l.step, l.at = stepFinish, start.Add(c.minutes(30, 60))
		}
	case stepFinish:
		l.step, l.at = stepComplete, l.at.Add(c.minutes(2, 10))
	case stepNoShow, stepComplete, stepNone:
		l.step = stepNone
	}
}

// outcome decides what becomes of a booking that is confirmed.
func (c *chain) outcome(l *life) {
	start := c.startOf(l.place)
	switch n := c.rng.IntN(100); {
	case n < 10:
		l.step, l.at = stepCancel, c.between(l.at, start)
	case n < 14:
		l.step, l.at = stepNoShow, start.Add(c.minutes(15, 40))
	case n < 75:
		l.step, l.at = stepCheckIn, start.Add(-c.minutes(1, 15))
	default:
		l.step, l.at = stepStart, start.Add(c.minutes(0, 6))
	}
}

// minutes draws a time from the range.
func (c *chain) minutes(from, to int) time.Duration {
	return time.Duration(from*60+c.rng.IntN((to-from)*60)) * time.Second
}

// between draws a moment after from and before to, or shortly after from when there is none.
func (c *chain) between(from, to time.Time) time.Time {
	room := int(to.Sub(from) / time.Second)
	if room < 2 {
		return from.Add(time.Second)
	}
	return from.Add(time.Duration(1+c.rng.IntN(room-1)) * time.Second)
}
