package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/royalglow/booking/internal/httpapi"
)

// endless is a handler whose answer never ends by itself, and what became of it.
func endless() (http.Handler, <-chan error) {
	ended := make(chan error, 1)
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		chunk := bytes.Repeat([]byte("x"), 64<<10)
		for {
			if _, err := w.Write(chunk); err != nil {
				ended <- err
				return
			}
		}
	}), ended
}

// startAPI serves the handler to a client who has read the first byte of its answer, and no more.
func startAPI(t *testing.T, handler http.Handler, opts engineOptions, log *slog.Logger) (*apiServer, *background) {
	t.Helper()
	s := newAPIServer(t.Context(), handler, opts, log)
	ln := listen(t.Context(), t)
	serving := goBackground(t.Context(), func(context.Context) error { return s.Serve(ln) })
	conn := dial(t, ln.Addr().String())
	if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(conn, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	return s, serving
}

func dial(t *testing.T, addr string) net.Conn {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func TestASlowReaderIsNotHeldForEver(t *testing.T) {
	t.Parallel()
	handler, ended := endless()
	s, serving := startAPI(t, handler, engineOptions{Answer: 200 * time.Millisecond, Drain: time.Second}, slog.New(slog.DiscardHandler))
	select {
	case err := <-ended:
		t.Logf("the answer ended: %v", err)
	case <-time.After(startLimit):
		t.Error("the answer goes on")
	}
	if err := s.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	if err := serving.Stop(); err != nil {
		t.Error(err)
	}
}

func TestASlowReaderDoesNotSpoilTheStop(t *testing.T) {
	t.Parallel()
	var log lockedBuffer
	handler, ended := endless()
	s, serving := startAPI(t, handler, engineOptions{Answer: time.Hour, Drain: 50 * time.Millisecond}, slog.New(slog.NewTextHandler(&log, nil)))
	if err := s.Stop(t.Context()); err != nil {
		t.Errorf("stopped with %v", err)
	}
	select {
	case err := <-ended:
		t.Logf("the answer ended: %v", err)
	default:
		t.Error("the handler still runs after the stop")
	}
	if err := serving.Stop(); err != nil {
		t.Error(err)
	}
	if text := log.String(); !strings.Contains(text, "cut short") || !strings.Contains(text, "connections=1") {
		t.Errorf("logged %q", text)
	}
}

// sendHalfABody sends a request whose body does not end, and returns once the engine waits for it.
func (e *runningEngine) sendHalfABody(t *testing.T) *bufio.Reader {
	t.Helper()
	token, err := httpapi.SignSession([]byte(childSecret), customer("usr_customer001"), time.Now(), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	conn := dial(t, strings.TrimPrefix(e.url, "http://"))
	head := "POST /api/bookings HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + token +
		"\r\nContent-Type: application/json\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n"
	if _, err := io.WriteString(conn, head); err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(conn)
	line, err := r.ReadString('\n')
	if err != nil || !strings.Contains(line, "100 Continue") {
		t.Fatalf("the body is not waited for: %q, %v", line, err)
	}
	if _, err := io.WriteString(conn, "{"); err != nil {
		t.Fatal(err)
	}
	return r
}

// TestASlowSenderDoesNotSpoilTheStop stops a whole engine while one client has sent half a body.
func TestASlowSenderDoesNotSpoilTheStop(t *testing.T) {
	t.Parallel()
	var log lockedBuffer
	e, running := runEngine(t, engineOptions{Drain: 50 * time.Millisecond},
		slog.New(slog.NewTextHandler(&log, nil)), nil, nil)
	e.sendHalfABody(t)
	if err := running.Stop(); err != nil {
		t.Errorf("the engine stopped with %v", err)
	}
	if text := log.String(); !strings.Contains(text, "cut short") || strings.Contains(text, "panic") {
		t.Errorf("logged %q", text)
	}
}

// TestHalfABodyEndsByItself: who does not send the rest is told so, and the connection is not kept for it.
func TestHalfABodyEndsByItself(t *testing.T) {
	t.Parallel()
	var log lockedBuffer
	e, running := runEngine(t, engineOptions{}, slog.New(slog.NewTextHandler(&log, nil)), nil, nil)
	answer := e.sendHalfABody(t)
	if err := running.Stop(); err != nil {
		t.Errorf("the engine stopped with %v", err)
	}
	text, err := io.ReadAll(answer)
	if err != nil || !strings.Contains(string(text), "408 Request Timeout") || !strings.Contains(string(text), "REQUEST_TIMEOUT") {
		t.Errorf("answer %q, %v", text, err)
	}
	if text := log.String(); strings.Contains(text, "cut short") {
		t.Errorf("the stop had to hang up: %s", text)
	}
}

// TestHalfABodyForNobodyEndsByItself: a stranger's body is not asked for, and he must not hold a connection with it.
func TestHalfABodyForNobodyEndsByItself(t *testing.T) {
	t.Parallel()
	var log lockedBuffer
	e, running := runEngine(t, engineOptions{}, slog.New(slog.NewTextHandler(&log, nil)), nil, nil)
	conn := dial(t, strings.TrimPrefix(e.url, "http://"))
	if _, err := io.WriteString(conn, "POST /api/bookings HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"); err != nil {
		t.Fatal(err)
	}
	// The answer comes at once; what the server waits for then is the rest of the body.
	r := bufio.NewReader(conn)
	line, err := r.ReadString('\n')
	if err != nil || !strings.Contains(line, "401") {
		t.Fatalf("answer %q, %v", line, err)
	}
	if err := running.Stop(); err != nil {
		t.Errorf("the engine stopped with %v", err)
	}
	if text := log.String(); strings.Contains(text, "cut short") {
		t.Errorf("the stop had to hang up: %s", text)
	}
}

// A client who sends as slowly as he may must not be cut short.
func TestTheDrainOutlastsAHeaderAndABody(t *testing.T) {
	t.Parallel()
	if longest := max(readHeaderTimeout, httpapi.BodyTime); longest >= drainHTTP {
		t.Errorf("a header or body may take %v, the drain %v", longest, drainHTTP)
	}
}

// TestAStopDuringTheStartIsNoFailure sends the signal at many moments of a start.
func TestAStopDuringTheStartIsNoFailure(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	early := 0
	for _, args := range [][]string{
		{"serve", "-data", dir, "-listen", "127.0.0.1:0"},
		{"eventstore", "serve", "-listen", "127.0.0.1:0", "-data", t.TempDir()},
		{"ably", "serve", "-listen", "127.0.0.1:0"},
	} {
		for delay := time.Duration(0); delay <= 60*time.Millisecond; delay += 4 * time.Millisecond {
			ctx, stop := context.WithCancel(t.Context())
			if delay == 0 {
				stop()
			}
			signal := time.AfterFunc(delay, stop)
			got := runProgram(ctx, t, map[string]string{"SESSION_SECRET": childSecret}, args...)
			signal.Stop()
			stop()
			if got.code != exitOK || strings.Contains(got.stderr, "booking:") {
				t.Errorf("%s, stopped after %v: exit %d, %s", args[0], delay, got.code, got.stderr)
			}
			if strings.Contains(got.stderr, "before the start was over") {
				early++
			}
		}
	}
	if early == 0 {
		t.Error("no start was broken off")
	}
	if _, _, err := readEngineFile(dir); err == nil {
		t.Error("engine.json is left")
	}
}
