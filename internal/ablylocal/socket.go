package ablylocal

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// socket is one WebSocket: a goroutine that reads (the HTTP handler's) and one
// that writes. Whoever else has something to say puts a frame into its queue.
type socket struct {
	server     *Server
	ws         *websocket.Conn
	format     format
	heartbeats bool // protocol heartbeats; else WebSocket pings
	echo       bool // own messages come back
	queue      *queue
	session    *session
	resumed    bool               // the session is an earlier socket's
	stop       context.CancelFunc // ends the reader, and with it the socket
	admitted   bool               // counts as one of the package's connections; under the server's socketsMu
	nextSerial int64              // above every msgSerial that has had its answer; the reader's own

	mu          sync.Mutex
	identity    identity
	askedRenew  bool      // AUTH has been sent for the current token
	revokedAt   time.Time // when the current token ends by a revocation; zero: never
	attachments map[string]*attachment
	gapsAt      time.Time // when channels with a gap are told; zero: none have one
	greeted     bool      // CONNECTED has been queued
	client      string    // whose it is, from then on
}

// serveSocket upgrades a request and serves the connection until it ends.
func (s *Server) serveSocket(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	query := r.URL.Query()
	sock := &socket{
		server: s, stop: cancel,
		heartbeats:  query.Get("heartbeats") != "false",
		echo:        query.Get("echo") != "false",
		queue:       newQueue(s.cfg.MaxQueue),
		attachments: map[string]*attachment{},
	}
	if query.Get("format") == "msgpack" {
		sock.format = formatMsgpack
	}
	if !s.enter(sock) {
		s.answerError(w, r, http.StatusServiceUnavailable, refuse(CodeDisconnected, "the endpoint is shutting down"))
		return
	}
	defer s.leave(sock)
	ws, err := websocket.Accept(w, r, &websocket.AcceptOptions{
		// The credential is in the query, not in a cookie: any page may connect.
		InsecureSkipVerify: true,
		CompressionMode:    websocket.CompressionDisabled,
	})
	if err != nil {
		return // Accept has answered
	}
	defer func() { _ = ws.CloseNow() }() // it is closed already when all went well
	ws.SetReadLimit(maxFrameBytes)
	sock.ws = ws
	sock.run(ctx, r)
}

// run opens the connection, then reads and writes until either ends.
func (k *socket) run(ctx context.Context, r *http.Request) {
	if refusal := k.open(r); refusal != nil {
		k.end(refusal)
	} else {
		defer k.dropLater(Client{ID: k.client, Resumed: k.resumed})()
	}
	var writing sync.WaitGroup
	writing.Go(func() {
		defer k.stop()
		k.write(ctx)
	})
	k.read(ctx)
	k.stop()
	writing.Wait()
	k.detachAll()
	if k.session != nil {
		k.server.sessions.detach(k.session, k, k.server.cfg.Now())
	}
}

// open authenticates the connection, finds or begins its session, and greets it.
func (k *socket) open(r *http.Request) *ErrorInfo {
	s, now, query := k.server, k.server.cfg.Now(), r.URL.Query()
	if !s.newConnections.allow(now, 1) {
		return refuse(CodeConnectionRate, "exceeded the maximum permitted account-wide rate of creating connections; permitted = %d", s.table.newConnections)
	}
	if !s.admit(k) {
		return refuse(CodeConnectionLimit, "account restricted (connection limits exceeded); permitted = %d", s.table.connections)
	}
	id, refusal := s.authenticate(r)
	if refusal != nil {
		return refusal
	}
	clientID, refusal := id.clientOf(query.Get("clientId"))
	if refusal != nil {
		return refusal
	}
	k.adopt(id)
	resume, recovering := query.Get("resume"), false
	if resume == "" {
		resume, recovering = query.Get("recover"), true
	}
	var lost *ErrorInfo
	if resume != "" {
		k.session, lost = s.sessions.resume(resume, recovering, k, clientID, now)
	}
	if k.session == nil {
		k.session = s.sessions.begin(k, clientID, s.table, now)
	}
	k.resumed = resume != "" && lost == nil
	k.send(k.connected(lost))
	k.mu.Lock()
	k.greeted, k.client = true, clientID
	k.mu.Unlock()
	s.cfg.Logger.DebugContext(r.Context(), "connection opened",
		slog.String("connection_id", k.session.id), slog.Bool("resumed", k.resumed))
	return nil
}

// connected builds the CONNECTED message, which greets and also confirms a new
// token. lost says why a resume failed.
func (k *socket) connected(lost *ErrorInfo) *protocolMessage {
	k.mu.Lock()
	defer k.mu.Unlock()
	clientID := k.session.clientID
	if clientID == "" && k.identity.clientID == wildcardClient {
		clientID = wildcardClient
	}
	return &protocolMessage{
		Action: actConnected, ConnectionID: k.session.id, Error: lost,
		ConnectionDetails: &connectionDetails{
			ClientID:           clientID,
			ConnectionKey:      k.server.sessions.key(k.session),
			MaxMessageSize:     maxMessageBytes,
			MaxFrameSize:       maxFrameBytes,
			MaxInboundRate:     k.server.table.connectionIn,
			ConnectionStateTTL: k.server.cfg.Window.Milliseconds(),
			MaxIdleInterval:    k.server.cfg.HeartbeatInterval.Milliseconds(),
		},
	}
}

// send queues a message of the connection itself. A full queue cuts the socket.
func (k *socket) send(m *protocolMessage) { k.push(newFrame(m)) }

// push queues a frame, which may be shared with other sockets.
func (k *socket) push(f *frame) {
	if !k.queue.push(f) {
		k.server.counts.overflows.Add(1)
		k.cut()
	}
}

// end refuses the connection or gives it up. What the client can mend by coming
// again is a DISCONNECTED, the rest an ERROR without a channel.
func (k *socket) end(err *ErrorInfo) {
	switch err.Code { //nolint:exhaustive // these two pass by themselves, every other refusal does not
	case CodeDisconnected, CodeConnectionRate:
		k.disconnect(err)
		return
	}
	k.server.countRefusal(err)
	k.queue.finish(newFrame(&protocolMessage{Action: actError, Error: err}))
}

// disconnect asks the client to come again; its session waits for it.
func (k *socket) disconnect(err *ErrorInfo) {
	k.queue.finish(newFrame(&protocolMessage{Action: actDisconnected, Error: err}))
}

// cut ends the socket without a word, as a broken network does.
func (k *socket) cut() { k.stop() }
