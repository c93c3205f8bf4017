package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/royalglow/booking/commands"
	"github.com/royalglow/booking/internal/httpapi"
)

// The times that a client may take.
const (
	readHeaderTimeout = 5 * time.Second
	idleTimeout       = 2 * time.Minute
	// readingTime is what a slow reader has for the answer at the least.
	readingTime = 15 * time.Second
	// answerTimeout is from the end of the header to the end of the answer.
	answerTimeout = httpapi.BodyTime + commands.DefaultDeadline + readingTime
	// drainHTTP is how long requests that are being answered may take once the engine is told to stop. It is longer than a
	// header and a body may take.
	drainHTTP = 10 * time.Second
)

// apiServer is the HTTP server with an orderly end.
type apiServer struct {
	server *http.Server
	drain  time.Duration
	log    *slog.Logger

	handlers sync.WaitGroup
	hangUp   context.CancelFunc // ends the contexts of all requests

	mu   sync.Mutex
	over bool                  // no handler may begin any more
	busy map[net.Conn]struct{} // those that a request or an answer is on
}

// newAPIServer serves handler; opts may shorten the times.
func newAPIServer(ctx context.Context, handler http.Handler, opts engineOptions, log *slog.Logger) *apiServer {
	ctx, hangUp := context.WithCancel(context.WithoutCancel(ctx))
	s := &apiServer{drain: opts.Drain, log: log, hangUp: hangUp, busy: map[net.Conn]struct{}{}}
	s.server = &http.Server{
		Handler: s.counted(handler), ReadHeaderTimeout: readHeaderTimeout, IdleTimeout: idleTimeout, WriteTimeout: opts.Answer,
		ErrorLog:    slog.NewLogLogger(log.Handler(), slog.LevelWarn),
		BaseContext: func(net.Listener) context.Context { return ctx },
		ConnState:   s.note,
	}
	return s
}

// counted lets Stop wait for what runs.
func (s *apiServer) counted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.enter() {
			panic(http.ErrAbortHandler) // the connection is gone
		}
		defer s.handlers.Done()
		next.ServeHTTP(w, r)
	})
}

func (s *apiServer) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over {
		return false
	}
	s.handlers.Add(1)
	return true
}

func (s *apiServer) note(c net.Conn, state http.ConnState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if state == http.StateActive {
		s.busy[c] = struct{}{}
		return
	}
	delete(s.busy, c)
}

// Serve answers until Stop.
func (s *apiServer) Serve(ln net.Listener) error {
	if err := s.server.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve API: %w", err)
	}
	return nil
}

// Stop lets the requests in hand finish, for as long as the drain takes, and then hangs up on the rest: one client that
// sends or reads too slowly must not turn an orderly stop into a failure. When it returns no handler runs any more.
func (s *apiServer) Stop(ctx context.Context) error {
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.drain)
	defer cancel()
	err := s.server.Shutdown(drain)
	if errors.Is(err, context.DeadlineExceeded) {
		s.log.WarnContext(ctx, "requests are cut short by the stop",
			slog.Int("connections", s.left()), slog.Duration("after", s.drain))
		err = s.server.Close()
	}
	s.hangUp()
	s.mu.Lock()
	s.over = true
	s.mu.Unlock()
	s.handlers.Wait()
	if err != nil {
		return fmt.Errorf("stop API: %w", err)
	}
	return nil
}

func (s *apiServer) left() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.busy)
}
