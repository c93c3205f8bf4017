package publishers

import (
	"slices"
	"time"
)

// When the circuit breaker opens, and how long it stays so.
const (
	circuitWindow    = 10 * time.Second
	circuitLeast     = 20 // attempts within the window before their share counts
	circuitInRow     = 10
	circuitFirstWait = 5 * time.Second
	circuitMaxWait   = time.Minute
)

// circuit keeps requests back while the service does not answer: they would only pile up and wait for their timeouts. It opens
// when half of at least 20 attempts of the last 10 s came to nothing, or 10 in a row. After 5 s one request is let through, and
// when that comes to nothing as well, another after twice the time, up to a minute. The first answer closes it.
//
// An answer that refuses is an answer. The zero value is closed. One goroutine uses it.
type circuit struct {
	recent  []attemptAt // within the window, oldest first
	inRow   int
	open    bool
	wait    time.Duration // of the present opening
	until   time.Time     // when the next request is let through
	probing bool          // it is on its way
	closed  time.Time     // when it was last closed
}

type attemptAt struct {
	at     time.Time
	failed bool
}

// left is how long until a request may be sent: 0 means now.
func (c *circuit) left(now time.Time) time.Duration {
	switch {
	case !c.open:
		return 0
	case c.probing:
		return circuitMaxWait // its answer is what comes next
	}
	return max(0, c.until.Sub(now))
}

// launched takes note of a request that is sent.
func (c *circuit) launched() { c.probing = c.open }

// answered takes note of what a request came to.
func (c *circuit) answered(failed bool, now time.Time) {
	if !failed {
		if c.open {
			*c = circuit{closed: now}
		}
		c.inRow = 0
	} else {
		c.inRow++
	}
	c.recent = append(c.recent, attemptAt{now, failed})
	first := slices.IndexFunc(c.recent, func(a attemptAt) bool { return now.Sub(a.at) < circuitWindow })
	c.recent = slices.Delete(c.recent, 0, first)
	switch {
	case c.open && c.probing && failed:
		c.probing = false
		c.wait = min(2*c.wait, circuitMaxWait)
		c.until = now.Add(c.wait)
	case !c.open && c.bad():
		c.open, c.wait, c.until = true, circuitFirstWait, now.Add(circuitFirstWait)
	}
}

func (c *circuit) bad() bool {
	if c.inRow >= circuitInRow {
		return true
	}
	failed := 0
	for _, a := range c.recent {
		if a.failed {
			failed++
		}
	}
	return len(c.recent) >= circuitLeast && 2*failed >= len(c.recent)
}
