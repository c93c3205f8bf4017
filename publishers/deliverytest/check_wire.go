package deliverytest

import "slices"

// list is what one request held for one channel.
type list []Sent

// lists puts together what was sent together, in order of arrival.
func lists(sent []Sent) []list {
	var all []list
	for i, m := range sent {
		if i > 0 && m.Request == sent[i-1].Request && m.Channel == sent[i-1].Channel && m.base() == sent[i-1].base() {
			all[len(all)-1] = append(all[len(all)-1], m)
			continue
		}
		all = append(all, list{m})
	}
	return all
}

// readWire looks at each list in the light of those before it.
func (c *checker) readWire() {
	c.acked = map[place]Moment{}
	before := map[place]Sent{} // the last sending that may have been accepted
	named := map[[2]string]Message{}
	under := map[[2]string]list{} // the last list, by sender and channel
	excused := 0
	for _, l := range lists(c.run.Sent) {
		c.verdict.Lists++
		line := [2]string{l[0].By, l[0].Channel}
		if last := under[line]; last != nil && last[0].base() != l[0].base() && last[0].Answered != 0 && last[0].Answered > l[0].Arrived {
			c.object(Overlapping, l[0].Channel, l[0].Key, "%s while %s was not answered", l[0].base(), last[0].base())
		}
		under[line] = l
		again, reason := false, true
		for _, m := range l {
			id := [2]string{m.Channel, m.ID}
			if was, used := named[id]; used && (was.Key != m.Key || was.Name != m.Name) {
				c.object(IDReused, m.Channel, m.Key, "%s was %s %d/%d", m.ID, was.Name, was.Version, was.Part)
			}
			named[id] = m.Message
			at := place{m.Channel, m.Key}
			if earlier, sent := before[at]; sent {
				again, reason = true, reason && c.reason(earlier, m)
			}
			if m.Outcome != Refused {
				before[at] = m
			}
			if known := m.known(); known != 0 && c.acked[at] == 0 {
				c.acked[at] = known
			}
		}
		if !again {
			continue
		}
		c.verdict.WireDuplicates++
		if reason {
			excused++
		} else {
			c.object(DuplicateOnWire, l[0].Channel, l[0].Key, "%s %s", l[0].Name, l[0].ID)
		}
	}
	if bound := c.run.MaxWireDuplicates; bound >= 0 && excused > bound {
		c.object(DuplicateOnWire, "", Key{}, "%d lists were sent again, the bound is %d", excused, bound)
	}
}

// reason reports whether a message had to be sent again: its first answer said nothing, or whoever got it was killed before the
// checkpoint said so.
func (c *checker) reason(earlier, m Sent) bool {
	return earlier.Outcome == Doubtful && (earlier.Learned == 0 || m.Arrived < earlier.Learned) || slices.ContainsFunc(c.run.Stands, func(s Stand) bool {
		return s.Killed && earlier.Arrived <= s.At && s.At < m.Arrived && s.holds(m.Channel, m.Key, m.Position)
	})
}

// unacknowledged finds what the endpoint never had, on channels that nobody listened to.
func (c *checker) unacknowledged() {
	for _, channel := range sortedKeys(c.owed) {
		if _, listened := c.run.Heard[channel]; listened {
			continue
		}
		for _, m := range c.owed[channel] {
			if c.acked[place{channel, KeyOf(m)}] == 0 {
				c.object(Lost, channel, KeyOf(m), "%s of position %d was never acknowledged", m.Name, m.Envelope.Position)
			}
		}
	}
}

// stands compares every checkpoint with what the endpoint had said by then.
func (c *checker) stands() {
	for _, channel := range sortedKeys(c.owed) {
		for _, m := range c.owed[channel] {
			key, at := KeyOf(m), m.Envelope.Position
			acked := c.acked[place{channel, key}]
			for _, s := range c.run.Stands {
				if s.holds(channel, key, at) || (acked != 0 && acked <= s.At) {
					continue
				}
				c.object(CheckpointAhead, channel, key, "%s of position %d is behind the checkpoint %d", m.Name, at, s.Checkpoint)
				break // once is enough
			}
		}
	}
}
