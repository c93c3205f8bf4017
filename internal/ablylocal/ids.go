package ablylocal

import (
	"crypto/rand"
	"fmt"
	"strings"
)

// randomID gives n random characters of [A-Za-z2-7]: safe in URLs, in keys and in
// message ids, where ':' separates.
func randomID(n int) string {
	id := rand.Text()
	for len(id) < n {
		id += rand.Text()
	}
	return id[:n]
}

// serialClock gives the serials of one channel: strings that sort in the order in
// which they were given, even when the wall clock stands still or steps back.
// Owned by the channel, under its lock.
type serialClock struct {
	series string // names this server's life; a serial of another life is never resumed
	millis int64
	count  int
}

// serialsPerMilli is what the three digits of the counter can tell apart.
const serialsPerMilli = 1000

// next gives the serial after all earlier ones, at nowMillis or later.
func (c *serialClock) next(nowMillis int64) string {
	switch {
	case nowMillis > c.millis:
		c.millis, c.count = nowMillis, 0
	case c.count+1 < serialsPerMilli:
		c.count++
	default:
		// The counter is full: borrow from the next millisecond.
		c.millis, c.count = c.millis+1, 0
	}
	return c.last()
}

// last is the serial given last.
func (c *serialClock) last() string {
	return fmt.Sprintf("%014d-%03d@%s", c.millis, c.count, c.series)
}

// knows tells whether a serial that a client names belongs to this life.
func (c *serialClock) knows(serial string) bool {
	_, series, found := strings.Cut(serial, "@")
	return found && series == c.series
}
