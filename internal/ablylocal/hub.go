package ablylocal

import (
	"fmt"
	"sync"
	"time"
)

// hub is all channels by name.
//
// Lock order: hub.mu, then a channel's, then a socket's. Whoever uses a channel
// holds hub.mu for reading meanwhile, so that a channel is only forgotten when
// nobody has it in hand.
type hub struct {
	table  limitTable
	series string
	window time.Duration // of its channels

	mu        sync.RWMutex
	channels  map[string]*channel
	creations *bucket
	swept     time.Time
}

// newHub makes a hub without channels. Its series is random, so that a serial of
// an earlier process is never mistaken for one of this.
func newHub(table limitTable, window time.Duration, now time.Time) *hub {
	return &hub{
		table: table, window: window, series: randomID(8), channels: map[string]*channel{},
		creations: newBucket(table.newChannels), swept: now,
	}
}

// use runs f with a channel, which exists from then on.
func (h *hub) use(name string, now time.Time, f func(*channel)) *ErrorInfo {
	h.mu.RLock()
	c := h.channels[name]
	if c == nil {
		h.mu.RUnlock()
		if err := h.create(name, now); err != nil {
			return err
		}
		h.mu.RLock()
		// Just created, so too fresh to be swept in between.
		c = h.channels[name]
	}
	defer h.mu.RUnlock()
	f(c)
	return nil
}

// peek runs f with a channel if it exists: reading never makes one.
func (h *hub) peek(name string, f func(*channel)) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	if c := h.channels[name]; c != nil {
		f(c)
	}
}

// create makes a channel within the package's limits.
func (h *hub) create(name string, now time.Time) *ErrorInfo {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.channels[name] != nil {
		return nil // another caller was faster
	}
	h.sweep(now)
	if !h.creations.allow(now, 1) {
		return refuse(CodeChannelCreationRate, "exceeded the maximum permitted rate of creating channels; permitted rate = %d", h.table.newChannels)
	}
	if h.table.channels > 0 && len(h.channels) >= h.table.channels && h.active(now) >= h.table.channels {
		return refuse(CodeChannelLimit, "account restricted (channel limits exceeded); permitted = %d", h.table.channels)
	}
	h.channels[name] = newChannel(name, h.series, h.window, h.table, now)
	return nil
}

// active counts the concurrent channels. It looks at all of them, so it is asked
// only when there might be too many.
func (h *hub) active(now time.Time) int {
	n := 0
	for _, c := range h.channels {
		if c.active(now) {
			n++
		}
	}
	return n
}

// sweep forgets stale channels, at most once in a while. There is no goroutine for
// it: only a new channel can make memory grow, and that comes by here.
func (h *hub) sweep(now time.Time) {
	if now.Sub(h.swept) < sweepInterval {
		return
	}
	h.swept = now
	for name, c := range h.channels {
		if c.stale(now) {
			delete(h.channels, name)
		}
	}
}

// clear forgets every channel that nobody is attached to.
func (h *hub) clear() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for name, c := range h.channels {
		if !c.attached() {
			delete(h.channels, name)
		}
	}
}

// messageSerial is the serial of one message of a publication. Three digits let
// it sort within the channel.
func messageSerial(channelSerial string, index int) string {
	return fmt.Sprintf("%s:%03d", channelSerial, index)
}
