package ablylocal

import (
	"strconv"
	"time"
)

// deliver hands a live publication to a subscriber. It is called under the
// channel's lock and never blocks.
func (a *attachment) deliver(e entry, now time.Time) { a.hand(e, now, false) }

// hand queues an entry unless the subscriber is not meant to have it or its
// connection has used up its outbound rate. What is withheld for the rate breaks
// the continuity of the channel, and the client is told so.
func (a *attachment) hand(e entry, now time.Time, replay bool) {
	k := a.socket
	k.mu.Lock()
	defer k.mu.Unlock()
	if !a.granted.has(flagSubscribe) {
		return
	}
	if !k.echo && e.frame.message.ConnectionID == k.session.id {
		return
	}
	// The rate counts the array as one, the account its messages.
	n := len(e.messages())
	if !k.session.outbound.allow(now, 1) {
		k.server.counts.dropped.Add(int64(n))
		a.gap = e.serial
		if k.gapsAt.IsZero() {
			k.gapsAt = now.Add(gapNotice)
			k.queue.signal()
		}
		return
	}
	k.server.counts.delivered.Add(int64(n))
	k.server.accountMessages.debit(now, n)
	if a.gap != "" {
		k.push(a.lost())
	}
	if replay {
		k.queue.pushAll([]*frame{e.frame})
		return
	}
	k.push(e.frame)
}

// gapNotice is how long a channel with withheld messages waits for its next
// message, before which the client would be told anyway.
const gapNotice = time.Second

// flushGaps tells the client of gaps that no later message has told it of.
func (k *socket) flushGaps(now time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.gapsAt.IsZero() || now.Before(k.gapsAt) {
		return
	}
	k.gapsAt = time.Time{}
	for _, a := range k.attachments {
		if a.gap != "" {
			k.push(a.lost())
		}
	}
}

// lost is the notice of a gap: ATTACHED without RESUMED, at the position after
// the last withheld message. The socket's lock is held.
func (a *attachment) lost() *frame {
	at := a.gap
	a.gap = ""
	return newFrame(&protocolMessage{
		Action: actAttached, Channel: a.channel, ChannelSerial: at, Flags: a.granted,
		Error: refuse(CodeOutboundRate, "continuity loss on channel as maximum server-to-client message rate exceeded; permitted rate = %d",
			a.socket.server.table.connectionOut),
	})
}

// accept gives a publication to its channel, within the account's limit.
func (s *Server) accept(p publication, now time.Time) (receipt, *ErrorInfo) {
	if !s.accountMessages.allow(now, len(p.messages)) {
		return receipt{}, refuse(CodeAccountMessages, "rate limit exceeded; request rejected (nonfatal); metric = messages.maxRate; permitted rate = %d", s.table.accountMessages)
	}
	var (
		r      receipt
		repeat bool
		err    *ErrorInfo
	)
	if failed := s.hub.use(p.channel, now, func(c *channel) {
		if p.forgotten && c.forgetID(p.base) {
			s.switches.happened(FaultForgotten)
		}
		r, repeat, err = c.publish(p, now, func(m Message) {
			s.counts.accepted.Add(1)
			if s.cfg.OnMessage != nil {
				s.cfg.OnMessage(p.channel, m)
			}
		})
	}); failed != nil {
		return receipt{}, failed
	}
	if repeat {
		s.counts.duplicates.Add(int64(len(p.messages)))
	}
	return r, err
}

// messageBase is the id base of a realtime publish without ids.
func messageBase(connectionID string, msgSerial int64) string {
	return connectionID + ":" + strconv.FormatInt(msgSerial, 10)
}
