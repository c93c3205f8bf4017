package publishers

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/ably/ably-go/ably"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
)

// sender makes one attempt to deliver one array on each of several distinct channels. It never repeats on its own.
type sender interface {
	send(ctx context.Context, arrays []array) answer
	// has tells whether the service has shown an array to its channel.
	has(ctx context.Context, a array) (bool, answer)
}

// ablySender publishes over REST with the API key: the only way that gives batches, and the one that neither reorders nor
// carries on in the background after its context has ended.
type ablySender struct {
	rest    *ably.REST
	timeout time.Duration
}

// newAblySender makes the client. It sends nothing yet.
func newAblySender(cfg Config) (*ablySender, error) {
	options := []ably.ClientOption{
		ably.WithKey(cfg.Key),
		ably.WithUseBinaryProtocol(false),
		// What goes wrong is in our status and log, once; the library would print every attempt.
		ably.WithLogLevel(ably.LogNone),
		ably.WithHTTPClient(&http.Client{Transport: capturing{otelhttp.NewTransport(cfg.Transport,
			otelhttp.WithTracerProvider(cfg.Tracer),
			otelhttp.WithSpanNameFormatter(func(_ string, r *http.Request) string { return r.Method }))}}),
	}
	where, err := endpointOptions(cfg.Endpoint)
	if err != nil {
		return nil, err
	}
	rest, err := ably.NewREST(append(options, where...)...)
	if err != nil {
		return nil, fmt.Errorf("make realtime client: %w", err)
	}
	return &ablySender{rest: rest, timeout: cfg.AttemptTimeout}, nil
}

// endpointOptions names another endpoint than the service's own. Plain HTTP is for this machine only: the key travels with
// every request.
func endpointOptions(endpoint string) ([]ably.ClientOption, error) {
	if endpoint == "" {
		return nil, nil
	}
	host, portText, err := net.SplitHostPort(endpoint)
	if err != nil {
		return nil, fmt.Errorf("realtime endpoint %q: must be host:port", endpoint)
	}
	port, err := strconv.ParseUint(portText, 10, 16)
	if err != nil || host == "" {
		return nil, fmt.Errorf("realtime endpoint %q: must be host:port", endpoint)
	}
	if !loopback(host) {
		return []ably.ClientOption{ably.WithEndpoint(host), ably.WithTLSPort(int(port))}, nil
	}
	return []ably.ClientOption{
		ably.WithEndpoint(host), ably.WithPort(int(port)), ably.WithTLS(false), ably.WithInsecureAllowBasicAuthWithoutTLS(),
	}, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

func (s *ablySender) send(ctx context.Context, arrays []array) answer {
	specs := make([]wireSpec, 0, len(arrays))
	for _, a := range arrays {
		specs = append(specs, a.spec())
	}
	// The empty header is not sent. It tells the transport that it may repeat the request when the service has closed a
	// connection that was kept open; the ids make that safe.
	a, _ := s.post(ctx, "/messages", specs, ably.RequestWithHeaders(http.Header{"Idempotency-Key": {}}))
	return a
}

// post makes one request, and returns the answer and its body. An answer without a status is none.
func (s *ablySender) post(ctx context.Context, path string, wish any, more ...ably.RequestOption) (a answer, body []byte) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	ctx, got := withCapture(ctx)
	_, err := s.rest.Request(http.MethodPost, path, append(more, ably.RequestWithBody(wish))...).Pages(ctx)
	if got.status != 0 {
		return readAnswer(got.status, got.header, got.body, time.Now()), got.body
	}
	if err == nil {
		err = errNoAnswer
	}
	return answer{outcome: classify(0, 0, err), reason: err.Error()}, nil
}

// newTransport keeps connections open between events: on a quiet evening the handshake would be most of the latency. The
// timeouts are shorter than an attempt's, so that the client can still turn to another host within it.
//
// trusted tells for how long the lease is surely held (see fence); nil: there is none.
func newTransport(trusted func() time.Duration) *http.Transport {
	dialer := &net.Dialer{Timeout: 2 * time.Second, KeepAlive: 15 * time.Second}
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := dialer.DialContext(ctx, network, address)
		if err != nil || trusted == nil {
			return c, err
		}
		return fence{c, trusted}, nil
	}
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           dial,
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          maxAllInFlight,
		MaxIdleConnsPerHost:   maxInFlight + maxQueueInFlight,
		IdleConnTimeout:       5 * time.Minute,
		TLSHandshakeTimeout:   2 * time.Second,
		ExpectContinueTimeout: time.Second,
	}
}
