package ablylocal

import (
	"context"

	"github.com/coder/websocket"
)

// read serves what the client sends until the socket ends.
func (k *socket) read(ctx context.Context) {
	for {
		kind, data, err := k.ws.Read(ctx)
		if err != nil {
			return
		}
		var m protocolMessage
		if wantText := k.format == formatJSON; wantText != (kind == websocket.MessageText) {
			k.end(refuse(CodeInvalidBody, "invalid frame: not in the format of the connection"))
			continue
		}
		if err := k.format.decode(data, &m); err != nil {
			k.end(refuse(CodeInvalidBody, "invalid frame: %v", err))
			continue
		}
		// A connection that was refused or has ended reads on only for the closing
		// handshake: what it asks for now would get no answer.
		if k.session != nil && !k.queue.ended() {
			k.handle(&m)
		}
	}
}

// handle does what one message asks for.
func (k *socket) handle(m *protocolMessage) {
	if m.Channel == "" && (m.Action == actAttach || m.Action == actDetach) {
		// An answer would have no channel either. Clients take that for an error of the
		// connection, so that is what it is, and the connection ends with it.
		k.end(refuse(CodeInvalidChannel, "invalid frame: %s without a channel", m.Action))
		return
	}
	switch m.Action {
	case actHeartbeat:
		k.send(&protocolMessage{Action: actHeartbeat, ID: m.ID})
	case actAttach:
		k.attach(m)
	case actDetach:
		k.detach(m.Channel)
		k.send(&protocolMessage{Action: actDetached, Channel: m.Channel})
	case actMessage, actPresence, actObject, actAnnotation:
		if !k.answered(m) {
			k.publish(m)
		}
	case actAuth:
		k.reauthenticate(m)
	case actClose:
		// Before CLOSED goes out: who has read it finds nothing to resume.
		k.server.sessions.end(k.session, k)
		k.queue.finish(newFrame(&protocolMessage{Action: actClosed}))
	case actDisconnect:
		k.cut()
	case actAck, actNack, actConnect, actConnected, actDisconnected, actClosed, actError, actAttached, actDetached, actSync, actActivate, actObjectSync:
		// A server's word from a client, or a request for presence members, of
		// which there are none: the service ignores it too.
	}
}

// answered tells whether what the client sends has had its answer on this socket, and
// notes that it will have. ably-go v1.4.1 sends a message twice when it reconnects: a
// channel's queue goes out while the connection repeats what is unanswered. A second
// answer would end that client's process. A lower serial without an answer comes too
// late: with the answer to a higher one, clients take it for refused. After a resume the
// socket is another one, and what is repeated there is answered.
func (k *socket) answered(m *protocolMessage) bool {
	if m.MsgSerial == nil {
		return false
	}
	if *m.MsgSerial < k.nextSerial {
		return true
	}
	k.nextSerial = *m.MsgSerial + 1
	return false
}

// publish accepts or refuses what the client sends to a channel, with exactly one
// answer: clients match answers to what they sent by counting, and one too many breaks
// them.
func (k *socket) publish(m *protocolMessage) {
	s, now := k.server, k.server.cfg.Now()
	if m.Action != actMessage {
		k.nack(m, refuse(CodeBadRequest, "%s is not served by this endpoint", m.Action))
		return
	}
	if m.MsgSerial == nil {
		k.end(refuse(CodeBadRequest, "invalid frame: MESSAGE without msgSerial"))
		return
	}
	if !k.session.abuse.allow(now, 1) {
		k.end(refuse(CodeConnectionAbuse, "connection terminated; per-connection publish rate limit exceeded; permitted rate = %d", s.table.connectionIn))
		return
	}
	if !k.session.inbound.allow(now, 1) {
		k.nack(m, refuse(CodeConnectionInbound, "rate limit exceeded; request rejected (nonfatal); metric = connection.inboundRate; permitted rate = %d", s.table.connectionIn))
		return
	}
	k.mu.Lock()
	who := publisher{
		identity: k.identity, clientID: k.session.clientID, connectionID: k.session.id,
		// The serial is in the base, so a publish that the client repeats after a
		// resume is found to be a repeat.
		base: messageBase(k.session.id, *m.MsgSerial),
	}
	a := k.attachments[m.Channel]
	withheld := a != nil && !a.asked.has(flagPublish)
	k.mu.Unlock()
	if withheld {
		k.nack(m, refuse(CodeModeNotRequested, "unable to publish on %q: the attachment has not asked for the publish mode", m.Channel))
		return
	}
	p, err := who.prepare(m.Channel, m.Messages)
	if err != nil {
		k.nack(m, err)
		return
	}
	r, err := s.accept(p, now)
	if err != nil {
		k.nack(m, err)
		return
	}
	k.send(&protocolMessage{Action: actAck, MsgSerial: m.MsgSerial, Count: 1, Res: []publishResult{{Serials: r.serials}}})
}

// nack refuses one message of the client.
func (k *socket) nack(m *protocolMessage, err *ErrorInfo) {
	k.server.countRefusal(err)
	k.send(&protocolMessage{Action: actNack, MsgSerial: m.MsgSerial, Count: 1, Error: err})
}

// reauthenticate takes a new token on a living connection.
func (k *socket) reauthenticate(m *protocolMessage) {
	if m.Auth == nil || m.Auth.AccessToken == "" {
		k.end(refuse(CodeWrongCredentials, "invalid credentials: AUTH without an access token"))
		return
	}
	id, err := k.server.identify(m.Auth.AccessToken)
	if err == nil && !id.mayBe(k.session.clientID) {
		err = refuse(CodeIncompatible, "incompatible credentials: the token is for another clientId")
	}
	if err != nil {
		// To a client a token error means "get another one", which it has just done:
		// on a living connection a token that is none is a wrong credential.
		if err.Code == CodeInvalidJWT || err.Code == CodeInvalidToken {
			err = refuse(CodeWrongCredentials, "invalid credentials: %s", err.Message)
		}
		k.end(err)
		return
	}
	k.adopt(id)
	k.send(k.connected(nil))
	k.narrow(id)
}

// adopt makes an identity the connection's. A token that has less than the lead
// left is not asked to be renewed: the answer could be just as short, without end.
func (k *socket) adopt(id identity) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.identity, k.revokedAt = id, k.server.revocations.from(id)
	k.askedRenew = !k.server.cfg.Now().Before(id.expires.Add(-renewalLead))
	k.queue.signal()
}
