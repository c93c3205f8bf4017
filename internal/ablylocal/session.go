package ablylocal

import (
	"strings"
	"sync"
	"time"
)

// session is a connection as the client sees it: it outlives its sockets by the
// continuity window, so that a client can resume it.
type session struct {
	id       string
	clientID string
	inbound  *bucket
	abuse    *bucket // far above inbound: past it the connection is closed
	outbound *bucket

	// Under sessions.mu.
	keys    [2]string // the current key and the one before: a client may not have seen the current one
	socket  *socket   // nil while disconnected
	expires time.Time // when a disconnected session ends
	taken   bool      // by another client, which recovered it with the key before the current one
}

// abuseFactor is how far above its publish rate a connection is given up.
const abuseFactor = 20

// sessions is all sessions by connection id.
type sessions struct {
	window time.Duration // for which a disconnected one can be resumed

	mu    sync.Mutex
	byID  map[string]*session
	swept time.Time
}

// begin makes a new session for a socket.
func (l *sessions) begin(sock *socket, clientID string, table limitTable, now time.Time) *session {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.byID == nil {
		l.byID = map[string]*session{}
	}
	l.sweep(now)
	s := &session{
		id: randomID(10), clientID: clientID, socket: sock,
		inbound: newBucket(table.connectionIn), abuse: newBucket(abuseFactor * table.connectionIn), outbound: newBucket(table.connectionOut),
	}
	s.rekey()
	l.byID[s.id] = s
	return s
}

// resume gives the session that a connection key names to a new socket. The
// session's earlier socket, if the server has not noticed its end yet, is cut.
// Recovering is the same by another client. The one before, should it still be there,
// cannot take the session back: the two would do nothing else any more.
func (l *sessions) resume(key string, recovering bool, sock *socket, clientID string, now time.Time) (*session, *ErrorInfo) {
	id, _, found := strings.Cut(key, "!")
	if !found || id == "" {
		return nil, refuse(CodeInvalidConnectionKey, "unable to recover connection: invalid connection key")
	}
	l.mu.Lock()
	s := l.byID[id]
	switch {
	case s == nil, s.socket == nil && now.After(s.expires):
		delete(l.byID, id)
		l.mu.Unlock()
		return nil, refuse(CodeConnectionExpired, "unable to recover connection: connection expired")
	case key != s.keys[0] && (key != s.keys[1] || s.taken && !recovering), s.clientID != clientID:
		l.mu.Unlock()
		return nil, refuse(CodeInvalidConnectionKey, "unable to recover connection: invalid connection key")
	}
	earlier := s.socket
	s.socket, s.taken = sock, recovering
	s.rekey()
	l.mu.Unlock()
	if earlier != nil {
		earlier.cut()
	}
	return s, nil
}

// key is the current connection key.
func (l *sessions) key(s *session) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return s.keys[0]
}

// detach notes that a socket is gone. Its session can be resumed for a while,
// unless another socket has it already or the client closed it for good.
func (l *sessions) detach(s *session, sock *socket, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s.socket == sock {
		s.socket = nil
		s.expires = now.Add(l.window)
	}
}

// end forgets a session at its client's wish, unless another socket has it already.
func (l *sessions) end(s *session, sock *socket) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s.socket == sock {
		s.socket = nil
		delete(l.byID, s.id)
	}
}

// sweep forgets ended sessions, at most once in a while.
func (l *sessions) sweep(now time.Time) {
	if now.Sub(l.swept) < sweepInterval {
		return
	}
	l.swept = now
	for id, s := range l.byID {
		if s.socket == nil && now.After(s.expires) {
			delete(l.byID, id)
		}
	}
}

// rekey gives a session a new key; every reconnect gets one.
func (s *session) rekey() {
	s.keys = [2]string{s.id + "!" + randomID(16), s.keys[0]}
}
