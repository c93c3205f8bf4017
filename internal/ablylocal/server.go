package ablylocal

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
)

// Server is the endpoint. It is safe for concurrent use. It holds goroutines only
// for connections that are open; Run, or else Drain, waits for them.
type Server struct {
	cfg   Config
	key   apiKey
	table limitTable
	hub   *hub

	accountMessages *bucket
	requests        *bucket
	tokenRequests   *bucket
	newConnections  *bucket

	nonces      nonces
	revocations revocations
	sessions    sessions
	counts      counters
	switches    Switches

	socketsMu sync.Mutex
	sockets   map[*socket]struct{}
	admitted  int // sockets that count as connections
	draining  bool
	open      sync.WaitGroup // one per socket
}

// New makes a Server. It fails with a *KeyError or a capability's parse error when
// the configured key is malformed.
func New(cfg Config) (*Server, error) {
	cfg = cfg.withDefaults()
	key, err := parseKey(cfg.Key, cfg.KeyCapability)
	if err != nil {
		return nil, err
	}
	table := cfg.Limits.table()
	return &Server{
		cfg: cfg, key: key, table: table,
		hub:             newHub(table, cfg.Window, cfg.Now()),
		accountMessages: newBucket(table.accountMessages),
		requests:        newBucket(table.requests),
		tokenRequests:   newBucket(table.tokenRequests),
		newConnections:  newBucket(table.newConnections),
		sessions:        sessions{window: cfg.Window},
		sockets:         map[*socket]struct{}{},
	}, nil
}

// Key is the API key "appId.keyId:secret" that the endpoint accepts.
func (s *Server) Key() string { return s.cfg.Key }

// Handler serves the whole endpoint, REST and WebSocket, on one origin.
func (s *Server) Handler() http.Handler {
	var h http.Handler = http.HandlerFunc(s.serve)
	if s.cfg.Faults != nil {
		h = s.cfg.Faults(h)
	}
	return h
}

// Run serves on ln until ctx ends, then tells every connection that it is
// disconnected, lets requests finish and returns nil. It closes ln. A listener
// that is not on loopback is refused with an *ExposedError unless Config.Expose.
func (s *Server) Run(ctx context.Context, ln net.Listener) error {
	if !s.cfg.Expose && !isLoopback(ln.Addr()) {
		return errors.Join(&ExposedError{Addr: ln.Addr().String()}, ln.Close())
	}
	srv := &http.Server{Handler: s.Handler(), ReadHeaderTimeout: readHeaderTimeout}
	var stopping sync.WaitGroup
	defer stopping.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stopping.Go(func() {
		<-ctx.Done()
		// Hijacked connections are not the HTTP server's: they are drained first,
		// so that clients hear of it, then requests in flight are awaited.
		grace, done := context.WithTimeout(context.WithoutCancel(ctx), writeTimeout)
		defer done()
		_ = s.Drain(grace)
		if srv.Shutdown(grace) != nil {
			_ = srv.Close() // what would not end in time is cut
		}
	})
	if err := srv.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve ably endpoint: %w", err)
	}
	return nil
}

// Drain disconnects every connection, refuses new ones and waits until all are
// gone or ctx ends. It is for those who mount Handler on a server of their own.
func (s *Server) Drain(ctx context.Context) error {
	s.socketsMu.Lock()
	s.draining = true
	for sock := range s.sockets {
		sock.disconnect(refuse(CodeDisconnected, "the endpoint is shutting down"))
	}
	s.socketsMu.Unlock()
	gone := make(chan struct{})
	go func() {
		s.open.Wait()
		close(gone)
	}()
	select {
	case <-gone:
		return nil
	case <-ctx.Done():
		// Cut what did not go by itself; that cannot hang.
		s.socketsMu.Lock()
		for sock := range s.sockets {
			sock.cut()
		}
		s.socketsMu.Unlock()
		<-gone
		return context.Cause(ctx)
	}
}

// isLoopback tells whether only this machine can reach an address.
func isLoopback(addr net.Addr) bool {
	switch addr := addr.(type) {
	case *net.TCPAddr:
		return addr.IP.IsLoopback()
	case *net.UnixAddr:
		return true
	}
	return false
}

// enter registers a socket; false when the endpoint is draining. It comes before
// the upgrade, so that Drain misses none.
func (s *Server) enter(sock *socket) bool {
	s.socketsMu.Lock()
	defer s.socketsMu.Unlock()
	if s.draining {
		return false
	}
	s.sockets[sock] = struct{}{}
	s.open.Add(1)
	s.counts.connections.Add(1)
	s.counts.connected.Add(1)
	return true
}

// admit makes a socket one of the package's connections, unless it has as many as
// it allows. One that is refused counts no more, however long its closing takes.
func (s *Server) admit(sock *socket) bool {
	s.socketsMu.Lock()
	defer s.socketsMu.Unlock()
	if s.table.connections > 0 && s.admitted >= s.table.connections {
		return false
	}
	s.admitted++
	sock.admitted = true
	return true
}

// leave ends what enter began.
func (s *Server) leave(sock *socket) {
	s.socketsMu.Lock()
	defer s.socketsMu.Unlock()
	delete(s.sockets, sock)
	if sock.admitted {
		s.admitted--
	}
	s.counts.connections.Add(-1)
	s.open.Done()
}
