package ablylocal

import (
	"net"
	"net/http"
	"time"
)

// underFault serves a publish request with the fault that is chosen for it. publish
// does what is asked for; what it refuses has no fault besides.
func (s *Server) underFault(
	r *http.Request, channels []string, publish func(PublishFault) (reply, *ErrorInfo),
) (reply, *ErrorInfo) {
	f := s.switches.choosePublish(channels)
	switch f.Kind {
	case FaultRateLimited:
		s.switches.happened(f.Kind)
		return reply{retryAfter: f.retryAfter()}, refuse(CodeAccountRequests, "rate limit exceeded; request rejected (nonfatal); metric = apiRequests.maxRate")
	case FaultErrorBefore:
		s.switches.happened(f.Kind)
		return reply{}, refuse(CodeInternal, "internal error")
	case FaultNone, FaultErrorAfter, FaultResetAfter, FaultSlow, FaultPartial, FaultForgotten, FaultSocketDropped:
	}
	out, err := publish(f)
	if err != nil {
		return out, err
	}
	switch f.Kind {
	case FaultErrorAfter:
		s.switches.happened(f.Kind)
		return reply{}, refuse(CodeInternal, "internal error")
	case FaultResetAfter:
		s.switches.happened(f.Kind)
		return reply{reset: true}, nil
	case FaultSlow:
		s.switches.happened(f.Kind)
		late := time.NewTimer(f.wait())
		defer late.Stop()
		select {
		case <-late.C:
		case <-r.Context().Done(): // nobody waits for it any more
		}
	case FaultNone, FaultRateLimited, FaultErrorBefore, FaultPartial, FaultForgotten, FaultSocketDropped:
		// Those that are within publish count themselves.
	}
	return out, nil
}

// reset ends the connection of a request in place of an answer, as a peer does that
// has died: with a TCP reset where there is TCP.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // which closes the connection without a word
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // without it the connection is still closed
	}
	_ = conn.Close() // there is nobody to tell
}

// DropSockets cuts the WebSockets of the clients that which names, or all for nil, and
// tells how many. What they had attached they resume.
func (s *Server) DropSockets(which func(clientID string) bool) int {
	s.socketsMu.Lock()
	defer s.socketsMu.Unlock()
	n := 0
	for sock := range s.sockets {
		sock.mu.Lock()
		open, client := sock.greeted, sock.client
		sock.mu.Unlock()
		if open && (which == nil || which(client)) {
			sock.drop()
			n++
		}
	}
	return n
}

// drop cuts a socket by a fault.
func (k *socket) drop() {
	k.server.switches.happened(FaultSocketDropped)
	k.cut()
}

// dropLater drops the socket when its time has come, unless it has ended by then; the
// caller must call the returned function at that end.
func (k *socket) dropLater(c Client) (ended func()) {
	life := k.server.switches.chooseSocket(c)
	if life <= 0 {
		return func() {}
	}
	timer := time.AfterFunc(life, k.drop)
	return func() { timer.Stop() }
}
