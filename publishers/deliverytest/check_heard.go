package deliverytest

import (
	"cmp"
	"maps"
	"slices"
)

// page is what a subscriber holds of each entity on a channel.
type page map[string]Key

// apply does what DESIGN asks of subscribers: it takes a message whose (version, part) is above what is held, and drops any other.
func (p page) apply(k Key) (applied bool) {
	held, known := p[k.Entity]
	if known && !k.above(held) {
		return false
	}
	p[k.Entity] = k
	return true
}

// listen compares what was heard on a channel with what it was owed.
func (c *checker) listen(channel string, heard []Message) {
	owed := c.owed[channel]
	index := map[Key]int{}
	for i, m := range owed {
		index[KeyOf(m)] = i
	}
	came, events, shows := make([]bool, len(owed)), map[string]bool{}, page{}
	furthest := -1
	for _, m := range heard {
		applied := shows.apply(m.Key)
		i, due := index[m.Key]
		switch {
		case due && (m.Name == owed[i].Name || m.Name == resync):
			if came[i] {
				c.verdict.Repeats++
				continue
			}
			came[i], events[m.EventID] = true, true
			if i < furthest {
				c.object(Reordered, channel, m.Key, "%s came after a message of position %d", m.Name, owed[furthest].Envelope.Position)
			}
			furthest = max(furthest, i)
		case !events[m.EventID]:
			c.object(Invented, channel, m.Key, "%s of event %q", m.Name, m.EventID)
		case applied:
			c.object(DuplicateVisible, channel, m.Key, "%s of event %s, which had been heard", m.Name, m.EventID)
		default:
			c.verdict.Repeats++
		}
	}
	c.verdict.Owed += len(owed)
	for i, m := range owed {
		if came[i] {
			c.verdict.Heard++
		} else {
			why := "was never acknowledged"
			if c.acked[place{channel, KeyOf(m)}] != 0 {
				why = "was acknowledged and not heard"
			}
			c.object(Lost, channel, KeyOf(m), "%s of position %d %s", m.Name, m.Envelope.Position, why)
		}
	}
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
