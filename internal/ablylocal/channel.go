package ablylocal

import (
	"slices"
	"strings"
	"sync"
	"time"
)

// channel is the order of one channel: its recent messages and who hears them.
type channel struct {
	name   string
	window time.Duration // for how long messages and ids are kept

	mu       sync.Mutex
	serials  serialClock
	recent   []entry // the continuity window, oldest first
	floor    string  // nothing after this serial has been forgotten
	dedup    dedup
	subs     map[*attachment]struct{}
	rate     *bucket
	bytes    *bucket
	lastUsed time.Time
}

// entry is one accepted publication in the channel's order.
type entry struct {
	serial string
	at     time.Time
	frame  *frame
}

// messages is the publication's messages, stamped.
func (e entry) messages() []Message { return e.frame.message.Messages }

// newChannel makes a channel that nobody has used yet.
func newChannel(name, series string, window time.Duration, table limitTable, now time.Time) *channel {
	c := &channel{
		name: name, window: window, dedup: dedup{window: window}, serials: serialClock{series: series}, subs: map[*attachment]struct{}{},
		rate: newBucket(table.channelPublishes), bytes: newBucket(table.channelBytes), lastUsed: now,
	}
	// A channel begins at a position, so that whoever attaches before the first
	// message can resume from there.
	c.floor = c.serials.next(now.UnixMilli())
	return c
}

// publish accepts a publication: it gets its place in the order, is remembered,
// is shown to accepted, and goes to every subscriber. A repeat of an id base gets
// the first receipt, and nobody hears of it. Subscribers never block it.
func (c *channel) publish(p publication, now time.Time, accepted func(Message)) (r receipt, repeat bool, err *ErrorInfo) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lastUsed = now
	if !c.rate.allow(now, 1) {
		return receipt{}, false, refuse(CodeChannelRate, "rate limit exceeded; request rejected (nonfatal); metric = channel.maxRate")
	}
	size := 0
	for _, m := range p.messages {
		size += m.size()
	}
	if !c.bytes.allow(now, size) {
		return receipt{}, false, refuse(CodeChannelBandwidth, "rate limit exceeded; request rejected (nonfatal); metric = channel.maxBandwidth")
	}
	if r, repeat = c.dedup.find(p.base, now); repeat {
		return r, true, nil
	}
	c.forget(now)
	e := c.stamp(p, now)
	r = receipt{messageID: p.messages[0].ID}
	for _, m := range e.messages() {
		r.serials = append(r.serials, m.Serial)
		accepted(m)
	}
	c.dedup.remember(p.base, r, now)
	c.recent = append(c.recent, e)
	for sub := range c.subs {
		sub.deliver(e, now)
	}
	return r, false, nil
}

// stamp gives a publication its serial and time.
func (c *channel) stamp(p publication, now time.Time) entry {
	serial := c.serials.next(now.UnixMilli())
	millis := now.UnixMilli()
	messages := slices.Clone(p.messages)
	for i := range messages {
		m := &messages[i]
		m.Serial = messageSerial(serial, i)
		m.Timestamp = millis
		m.Version = &Version{Serial: m.Serial, Timestamp: millis}
	}
	return entry{serial: serial, at: now, frame: newFrame(&protocolMessage{
		Action: actMessage, Channel: c.name, ChannelSerial: serial, ID: p.base,
		ConnectionID: p.connectionID, Timestamp: millis, Messages: messages,
	})}
}

// forget drops what has left the continuity window.
func (c *channel) forget(now time.Time) {
	gone := 0
	for gone < len(c.recent) && now.Sub(c.recent[gone].at) > c.window {
		c.floor = c.recent[gone].serial
		gone++
	}
	// A new slice, so that the forgotten messages can be collected.
	if gone > 0 {
		c.recent = slices.Clone(c.recent[gone:])
	}
}

// forgetID ends the de-duplication of an id base before its time, and tells whether
// there was any.
func (c *channel) forgetID(base string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.dedup.forget(base)
}

// since gives the entries after a serial that a client holds, and whether they are
// all there are: false when some are forgotten or the serial is not of this life.
func (c *channel) since(serial string, now time.Time) ([]entry, bool) {
	c.forget(now)
	if !c.serials.knows(serial) || serial < c.floor || serial > c.serials.last() {
		return nil, false
	}
	at, found := slices.BinarySearchFunc(c.recent, serial, func(e entry, s string) int { return strings.Compare(e.serial, s) })
	if found {
		at++
	}
	return c.recent[at:], true
}

// active tells whether the channel counts as a concurrent one.
func (c *channel) active(now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.subs) > 0 || now.Sub(c.lastUsed) <= channelIdle
}

// attached tells whether anybody is.
func (c *channel) attached() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.subs) > 0
}

// stale tells whether nothing would be lost by forgetting the channel: nobody
// listens, and whoever did has lost the right to resume.
func (c *channel) stale(now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.subs) == 0 && now.Sub(c.lastUsed) > c.window
}
