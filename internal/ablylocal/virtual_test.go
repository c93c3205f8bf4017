package ablylocal_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/coder/websocket"

	"github.com/royalglow/booking/internal/ablylocal"
)

// virtual is an endpoint within a synctest bubble: time moves only when everything
// waits, and connections are pipes in memory.
type virtual struct {
	*ablylocal.Server
	pipes *pipes
}

// newVirtual runs an endpoint until the test of a bubble ends.
func newVirtual(t *testing.T, cfg ablylocal.Config) *virtual {
	t.Helper()
	v := &virtual{
		Server: newServer(t, cfg),
		pipes:  &pipes{conns: make(chan net.Conn), closed: make(chan struct{})},
	}
	done := make(chan error, 1)
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	go func() { done <- v.Run(ctx, v.pipes) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("run server: %v", err)
		}
	})
	return v
}

// pipes is a listener of net.Pipe connections. It gives itself a loopback address,
// which is what it amounts to.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	select {
	case <-p.closed:
	default:
		close(p.closed)
	}
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

func (p *pipes) dial(context.Context, string, string) (net.Conn, error) {
	here, there := net.Pipe()
	p.conns <- there
	return here, nil
}

// wire is a WebSocket whose frames a test sends and reads itself.
type wire struct {
	t  *testing.T
	ws *websocket.Conn
}

// frame is a protocol message as JSON shows it.
type frame map[string]any

// dial opens a WebSocket with the key unless the query brings other credentials.
func (v *virtual) dial(t *testing.T, query url.Values) *wire {
	t.Helper()
	if !query.Has("access_token") && !query.Has("key") {
		query.Set("key", testKey)
	}
	client := &http.Client{Transport: &http.Transport{DialContext: v.pipes.dial}}
	ws, response, err := websocket.Dial(t.Context(), "ws://127.0.0.1/?"+query.Encode(), &websocket.DialOptions{HTTPClient: client})
	if err != nil {
		t.Fatalf("dial: %v", err)
	}
	if response.Body != nil {
		_ = response.Body.Close() // empty: the connection is the WebSocket's
	}
	ws.SetReadLimit(-1)
	t.Cleanup(func() { _ = ws.CloseNow() })
	return &wire{t, ws}
}

// connect opens a WebSocket and takes the CONNECTED.
func (v *virtual) connect(t *testing.T, query url.Values) (*wire, frame) {
	t.Helper()
	w := v.dial(t, query)
	return w, w.want(4)
}

func (w *wire) send(f frame) {
	w.t.Helper()
	data, err := json.Marshal(f)
	if err != nil {
		w.t.Fatalf("marshal: %v", err)
	}
	if err := w.ws.Write(w.t.Context(), websocket.MessageText, data); err != nil {
		w.t.Fatalf("send: %v", err)
	}
}

// next reads one frame; nil when the connection has ended.
func (w *wire) next() frame {
	w.t.Helper()
	_, data, err := w.ws.Read(w.t.Context())
	if err != nil {
		return nil
	}
	var f frame
	if err := json.Unmarshal(data, &f); err != nil {
		w.t.Fatalf("unmarshal %s: %v", data, err)
	}
	return f
}

// want reads one frame of an action.
func (w *wire) want(action int) frame {
	w.t.Helper()
	f := w.next()
	if f == nil || f["action"] != float64(action) {
		w.t.Fatalf("got frame %v, want action %d", f, action)
	}
	return f
}

// attach attaches and gives the ATTACHED.
func (w *wire) attach(channel string, more frame) frame {
	w.t.Helper()
	f := frame{"action": 10, "channel": channel}
	maps.Copy(f, more)
	w.send(f)
	return w.want(11)
}

// code is the error code that a frame carries; 0 for none.
func (f frame) code() int {
	info, _ := f["error"].(map[string]any)
	code, _ := info["code"].(float64)
	return int(code)
}

func (f frame) details() map[string]any {
	details, _ := f["connectionDetails"].(map[string]any)
	return details
}

// answer is what a REST request got.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// code is the error code of an answer; 0 for none.
func (a answer) code() int {
	var body struct {
		Error struct{ Code int }
	}
	_ = json.Unmarshal(a.body, &body) // other bodies have no code
	return body.Error.Code
}

// call makes a REST request with the key, straight to the handler. The body is
// marshalled unless it is text; headers come in pairs and may replace the defaults.
func call(tb testing.TB, s *ablylocal.Server, method, path string, body any, headers ...string) answer {
	tb.Helper()
	data, isText := body.(string)
	if !isText && body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			tb.Fatalf("marshal body: %v", err)
		}
		data = string(raw)
	}
	r := httptest.NewRequestWithContext(tb.Context(), method, path, bytes.NewReader([]byte(data)))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(testKey)))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Del(headers[i])
		if headers[i+1] != "" {
			r.Header.Set(headers[i], headers[i+1])
		}
	}
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	return answer{w.Code, w.Header(), w.Body.Bytes()}
}

// newServer makes a server that is called without a network.
func newServer(tb testing.TB, cfg ablylocal.Config) *ablylocal.Server {
	tb.Helper()
	if cfg.Key == "" {
		cfg.Key = testKey
	}
	server, err := ablylocal.New(cfg)
	if err != nil {
		tb.Fatalf("new server: %v", err)
	}
	return server
}

// refuseEverySecond is a fault: each second request gets 503.
func refuseEverySecond() func(http.Handler) http.Handler {
	n := 0
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if n++; n%2 == 0 {
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}
