package ablylocal_test

import (
	"context"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ably/ably-go/ably"
	"github.com/golang-jwt/jwt/v5"

	"github.com/royalglow/booking/internal/ablylocal"
)

const testKey = "app.key:secret"

// endpoint is a running server of one test.
type endpoint struct {
	*ablylocal.Server
	host string
	port int
	ln   *cuttable
}

// start runs a server on a free loopback port until the test ends.
func start(tb testing.TB, cfg ablylocal.Config) *endpoint {
	tb.Helper()
	if cfg.Key == "" {
		cfg.Key = testKey
	}
	server, err := ablylocal.New(cfg)
	if err != nil {
		tb.Fatalf("new server: %v", err)
	}
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatalf("listen: %v", err)
	}
	ln := &cuttable{Listener: inner}
	ctx, cancel := context.WithCancel(context.WithoutCancel(tb.Context()))
	done := make(chan error, 1)
	go func() { done <- server.Run(ctx, ln) }()
	tb.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			tb.Errorf("run server: %v", err)
		}
	})
	addr := inner.Addr().(*net.TCPAddr)
	return &endpoint{Server: server, host: addr.IP.String(), port: addr.Port, ln: ln}
}

// options point a client of ably-go at the endpoint.
func (e *endpoint) options(more ...ably.ClientOption) []ably.ClientOption {
	return append([]ably.ClientOption{
		ably.WithEndpoint(e.host), ably.WithPort(e.port), ably.WithTLS(false),
		ably.WithInsecureAllowBasicAuthWithoutTLS(),
		ably.WithDisconnectedRetryTimeout(50 * time.Millisecond),
		ably.WithLogLevel(ably.LogNone),
	}, more...)
}

func (e *endpoint) rest(t *testing.T, more ...ably.ClientOption) *ably.REST {
	t.Helper()
	client, err := ably.NewREST(e.options(append([]ably.ClientOption{ably.WithKey(e.Key())}, more...)...)...)
	if err != nil {
		t.Fatalf("new rest client: %v", err)
	}
	return client
}

// realtime connects a client and closes it with the test.
func (e *endpoint) realtime(t *testing.T, more ...ably.ClientOption) *ably.Realtime {
	t.Helper()
	client, err := ably.NewRealtime(e.options(more...)...)
	if err != nil {
		t.Fatalf("new realtime client: %v", err)
	}
	t.Cleanup(func() {
		closed := make(chan struct{})
		var once sync.Once
		done := func(ably.ConnectionStateChange) { once.Do(func() { close(closed) }) }
		client.Connection.Once(ably.ConnectionEventClosed, done)
		client.Connection.Once(ably.ConnectionEventFailed, done)
		client.Close()
		if s := client.Connection.State(); s == ably.ConnectionStateClosed || s == ably.ConnectionStateFailed {
			return
		}
		select {
		case <-closed:
		case <-time.After(5 * time.Second):
			t.Errorf("client did not close: %v", client.Connection.State())
		}
	})
	return client
}

// withJWT authenticates with tokens that last ttl, each made when asked for.
func withJWT(t *testing.T, capability, clientID string, ttl time.Duration) ably.ClientOption {
	t.Helper()
	return ably.WithAuthCallback(func(context.Context, ably.TokenParams) (ably.Tokener, error) {
		return ably.TokenString(signJWT(t, jwtClaims(capability, clientID, ttl))), nil
	})
}

func jwtClaims(capability, clientID string, ttl time.Duration) jwt.MapClaims {
	// The claims have whole seconds; a token that is issued now and lasts a
	// fraction would be expired at birth.
	now := time.Now()
	c := jwt.MapClaims{"iat": now.Unix(), "exp": now.Add(ttl).Unix(), "x-ably-capability": capability}
	if clientID != "" {
		c["x-ably-clientId"] = clientID
	}
	return c
}

func signJWT(tb testing.TB, claims jwt.MapClaims) string {
	tb.Helper()
	name, secret, _ := strings.Cut(testKey, ":")
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, claims)
	token.Header["kid"] = name
	text, err := token.SignedString([]byte(secret))
	if err != nil {
		tb.Fatalf("sign jwt: %v", err)
	}
	return text
}

// cuttable is a listener whose connections a test can break and refuse.
type cuttable struct {
	net.Listener

	mu    sync.Mutex
	conns []net.Conn
	down  bool
}

func (c *cuttable) Accept() (net.Conn, error) {
	for {
		conn, err := c.Listener.Accept()
		if err != nil {
			return nil, err
		}
		c.mu.Lock()
		down := c.down
		if !down {
			c.conns = append(c.conns, conn)
		}
		c.mu.Unlock()
		if !down {
			return conn, nil
		}
		_ = conn.Close() // there is nobody to tell
	}
}

// setDown says whether connections break as soon as they come about.
func (c *cuttable) setDown(down bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.down = down
}

// cut breaks every connection, as a dying network does, and tells how many.
func (c *cuttable) cut() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, conn := range c.conns {
		_ = conn.Close() // it may be closed already
	}
	n := len(c.conns)
	c.conns = nil
	return n
}

// receive takes the next value of a channel, or fails the test.
func receive[T any](t *testing.T, from <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(10 * time.Second):
		t.Fatalf("timed out waiting for %s", what)
		panic("unreachable")
	}
}
