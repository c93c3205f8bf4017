package ablylocal

import (
	"strconv"
	"strings"
	"time"
)

// attachment is a socket's hold on a channel. Its fields but the names are under
// the socket's lock.
type attachment struct {
	socket  *socket
	channel string

	asked   flags  // the modes that the client asked for
	granted flags  // of those, the permitted ones
	gap     string // the serial up to which messages were withheld; "" for none
}

// attach answers an ATTACH: always ATTACHED, or an ERROR of the channel.
func (k *socket) attach(m *protocolMessage) {
	if err := k.tryAttach(m, k.server.cfg.Now()); err != nil {
		// To the client the channel has failed, whatever it was before.
		k.detach(m.Channel)
		k.channelError(m.Channel, err)
	}
}

// tryAttach decides before it touches the channel: a refused ATTACH creates none.
func (k *socket) tryAttach(m *protocolMessage, now time.Time) *ErrorInfo {
	if err := checkChannel(m.Channel); err != nil {
		return err
	}
	asked := askedModes(m)
	k.mu.Lock()
	a, again := k.attachments[m.Channel]
	granted := asked & permitted(k.identity.capability, m.Channel)
	limit := k.server.table.connectionChannels
	full := !again && limit > 0 && len(k.attachments) >= limit
	k.mu.Unlock()
	switch {
	case granted == 0:
		return refuse(CodeNotPermitted, "unable to attach to %q: not permitted with the provided capability", m.Channel)
	case full:
		return refuse(CodeTooManyChannels, "maximum number of channels per connection (%d) exceeded", limit)
	}
	if !again {
		a = &attachment{socket: k, channel: m.Channel}
	}
	return k.server.hub.use(m.Channel, now, func(c *channel) {
		c.mu.Lock()
		defer c.mu.Unlock()
		k.mu.Lock()
		a.asked, a.granted, a.gap = asked, granted, ""
		k.attachments[m.Channel] = a
		k.mu.Unlock()
		c.lastUsed = now
		// ATTACHED and the replay enter the queue under the channel's lock, so no
		// live message can come before them or between.
		k.welcome(c, a, m, now)
		c.subs[a] = struct{}{}
	})
}

// welcome sends ATTACHED and what the client has missed.
func (k *socket) welcome(c *channel, a *attachment, m *protocolMessage, now time.Time) {
	attached := &protocolMessage{
		Action: actAttached, Channel: c.name, ChannelSerial: c.serials.last(), Flags: a.granted, Params: m.Params,
	}
	var missed []entry
	switch {
	case m.ChannelSerial != "":
		entries, all := c.since(m.ChannelSerial, now)
		if !all {
			attached.Error = refuse(CodeMessagesExpired, "unable to recover channel: messages expired")
			break
		}
		attached.Flags |= flagResumed
		// The client holds everything up to its own serial, not up to the last one:
		// a client that drops in the middle of the replay must ask from there.
		attached.ChannelSerial = m.ChannelSerial
		missed = entries
	case m.Params["rewind"] != "" && !m.Flags.has(flagAttachResume):
		// Only the first attach of a client rewinds.
		c.forget(now)
		var more bool
		if missed, more = rewind(c.recent, m.Params["rewind"], now); len(missed) > 0 {
			attached.Flags |= flagHasBacklog
		}
		if more {
			attached.Error = refuse(CodeBacklogTooLarge, "unable to recover channel (message limit exceeded)")
		}
	}
	k.queue.pushAll([]*frame{newFrame(attached)})
	for _, e := range missed {
		a.hand(e, now, true)
	}
}

// askedModes reads the modes of an ATTACH: flags, else the parameter, else the
// default ones.
func askedModes(m *protocolMessage) flags {
	asked := m.Flags & modesAll
	if asked == 0 {
		for name := range strings.SplitSeq(m.Params["modes"], ",") {
			asked |= modeOf(name)
		}
	}
	if asked == 0 {
		return modesDefault
	}
	return asked
}

// rewind selects the tail of a channel that "10" (messages) or "15s", "2m" asks for.
// more tells that it asks for more than one replay holds, of which the latest are
// given. Nothing for what it cannot read.
func rewind(recent []entry, text string, now time.Time) (tail []entry, more bool) {
	left := maxRewind
	wanted := func(entry) bool { return true }
	if count, err := strconv.Atoi(text); err == nil {
		left, more = min(count, maxRewind), count > maxRewind
	} else {
		span, err := time.ParseDuration(text)
		if err != nil {
			return nil, false
		}
		more = true
		wanted = func(e entry) bool { return now.Sub(e.at) <= span }
	}
	from := len(recent)
	for from > 0 && left > 0 && wanted(recent[from-1]) {
		from--
		if left -= len(recent[from].messages()); left < 0 {
			// Only the end of an array fits.
			return append([]entry{recent[from].tail(-left)}, recent[from+1:]...), more
		}
	}
	return recent[from:], more && left == 0 && from > 0 && wanted(recent[from-1])
}

// tail is an entry without its first n messages.
func (e entry) tail(n int) entry {
	m := *e.frame.message
	m.Messages = m.Messages[n:]
	e.frame = newFrame(&m)
	return e
}

// detach ends the hold on a channel, if there is one.
func (k *socket) detach(name string) {
	k.mu.Lock()
	a := k.attachments[name]
	delete(k.attachments, name)
	k.mu.Unlock()
	if a == nil {
		return
	}
	k.server.hub.peek(name, func(c *channel) {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.subs, a)
		c.lastUsed = k.server.cfg.Now()
	})
}

// detachAll ends every hold, when the socket is gone: a resumed connection attaches
// its channels again.
func (k *socket) detachAll() {
	k.mu.Lock()
	names := make([]string, 0, len(k.attachments))
	for name := range k.attachments {
		names = append(names, name)
	}
	k.mu.Unlock()
	for _, name := range names {
		k.detach(name)
	}
}

// narrow applies the capability of a new token: a channel that it no longer lets
// the client hear is failed.
func (k *socket) narrow(id identity) {
	var lost []string
	k.mu.Lock()
	for name, a := range k.attachments {
		still := a.asked & permitted(id.capability, name)
		if still == 0 || a.granted.has(flagSubscribe) && !still.has(flagSubscribe) {
			lost = append(lost, name)
			continue
		}
		a.granted = still
	}
	k.mu.Unlock()
	for _, name := range lost {
		k.detach(name)
		k.channelError(name, refuse(CodeNotPermitted, "%q is not permitted with the provided capability", name))
	}
}

// channelError fails a channel of the connection.
func (k *socket) channelError(channel string, err *ErrorInfo) {
	k.server.countRefusal(err)
	k.send(&protocolMessage{Action: actError, Channel: channel, Error: err})
}
