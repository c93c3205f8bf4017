package publishers_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
)

// fault is something that goes wrong with one request.
type fault int

const (
	none        fault = iota
	refuse429         // refused before the service looked at it
	fail500           // failed before the service looked at it
	answerLost        // taken, and then the connection breaks
	answer500         // taken, and then a proxy fails
	answerTorn        // taken, and the answer breaks off in its middle
	connectFail       // never sent
)

func allFaults() []fault {
	return []fault{refuse429, fail500, answerLost, answer500, answerTorn, connectFail}
}

var errReset = errors.New("connection reset by peer")

// network stands between publisher and endpoint. It does what plan says to the n-th request (from 0) and remembers what
// it saw.
type network struct {
	next http.RoundTripper
	plan func(n int, body []spec) fault
	// reply, when set, answers instead of the endpoint; nil lets the request pass.
	reply func(n int, body []spec) *reply

	mu       sync.Mutex
	requests [][]spec
	happened map[fault]int
	lookedUp int // times that history was asked for
}

// spec is a BatchSpec as it is on the wire.
type spec struct {
	Channels []string `json:"channels"`
	Messages []struct {
		ID     string `json:"id"`
		Name   string `json:"name"`
		Data   string `json:"data"`
		Extras struct {
			Headers map[string]string `json:"headers"`
		} `json:"extras"`
	} `json:"messages"`
}

func newNetwork(plan func(n int, body []spec) fault) *network {
	return &network{next: http.DefaultTransport, plan: plan, happened: map[fault]int{}}
}

func (w *network) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method == http.MethodGet {
		w.mu.Lock()
		w.lookedUp++
		w.mu.Unlock()
		if w.reply != nil {
			return answer(http.StatusOK, "[]").response(req), nil
		}
		return w.next.RoundTrip(req)
	}
	raw, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	var body []spec
	if err := json.Unmarshal(raw, &body); err != nil {
		return nil, err
	}
	req = req.Clone(req.Context())
	req.Body = io.NopCloser(bytes.NewReader(raw))
	if r, todo := w.decide(body); r != nil {
		return r.response(req), nil
	} else if todo != none {
		return w.act(todo, req)
	}
	return w.next.RoundTrip(req)
}

// decide settles what becomes of a request: one at a time, so that scripts need no locks of their own.
func (w *network) decide(body []spec) (*reply, fault) {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := len(w.requests)
	w.requests = append(w.requests, body)
	todo := none
	if w.plan != nil {
		todo = w.plan(n, body)
	}
	w.happened[todo]++
	if w.reply != nil {
		return w.reply(n, body), todo
	}
	return nil, todo
}

func (w *network) act(todo fault, req *http.Request) (*http.Response, error) {
	switch todo {
	case connectFail, refuse429, fail500:
		status := map[fault]int{refuse429: http.StatusTooManyRequests, fail500: http.StatusBadGateway}[todo]
		if status == 0 {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errReset}
		}
		return answer(status, "<html>not the service's own words</html>").response(req), nil
	case none, answerLost, answer500, answerTorn:
	}
	resp, err := w.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	taken, err := io.ReadAll(resp.Body)
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		return nil, err
	}
	switch todo {
	case answer500:
		return answer(http.StatusBadGateway, "").response(req), nil
	case answerTorn:
		resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(taken[:len(taken)/2]), brokenReader{}))
		return resp, nil
	case none, refuse429, fail500, answerLost, connectFail:
	}
	return nil, errReset
}

// seen returns the requests so far.
func (w *network) seen() [][]spec {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([][]spec(nil), w.requests...)
}

// ids lists, for each channel, the ids sent on it, in order.
func ids(requests [][]spec) map[string][]string {
	out := map[string][]string{}
	for _, r := range requests {
		for _, s := range r {
			for _, m := range s.Messages {
				out[s.Channels[0]] = append(out[s.Channels[0]], m.ID)
			}
		}
	}
	return out
}

// reply is an answer in place of the endpoint's.
type reply struct {
	status     int
	body       string
	retryAfter string
}

func answer(status int, body string) *reply { return &reply{status: status, body: body} }

func (r *reply) response(req *http.Request) *http.Response {
	resp := &http.Response{
		StatusCode: r.status, Status: http.StatusText(r.status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(r.body)),
		ContentLength: int64(len(r.body)), Request: req,
	}
	if r.retryAfter != "" {
		resp.Header.Set("Retry-After", r.retryAfter)
	}
	return resp
}

// created is the service's answer to a batch that it took.
func created(body []spec) string {
	var results []any
	for _, s := range body {
		results = append(results, map[string]any{
			"successCount": 1, "results": []any{map[string]any{"channel": s.Channels[0], "messageId": s.Messages[0].ID}},
		})
	}
	text, err := json.Marshal(results)
	if err != nil {
		panic(err) // strings always marshal
	}
	return string(text)
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
