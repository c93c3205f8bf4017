package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/royalglow/booking/internal/eventstore"
)

const (
	// answerTimeout bounds one attempt; it is longer than the engine's own deadline for a command, so that the engine's
	// answer is heard.
	answerTimeout = 15 * time.Second
	// maxAnswer bounds what is read of an answer, in bytes.
	maxAnswer = 4 << 20
	// attempts is how often somebody sends a command that got no usable answer; the key makes repeats harmless.
	attempts  = 4
	firstWait = 200 * time.Millisecond // before the second attempt; doubles each time
)

// api is the engine's HTTP API as the people see it.
type api struct {
	base string
	http *http.Client
}

func newAPI(base string, connections int) *api {
	transport := &http.Transport{MaxIdleConnsPerHost: connections, IdleConnTimeout: time.Minute}
	return &api{base: strings.TrimSuffix(base, "/"), http: &http.Client{Transport: transport, Timeout: answerTimeout}}
}

func (a *api) close() { a.http.CloseIdleConnections() }

// request is one HTTP request of a user.
type request struct {
	method, path string
	token        string
	key          string               // Idempotency-Key; empty for none
	ifMatch      *eventstore.Revision // nil for none
	body         any                  // nil for none
}

// answer is what came back, whatever the status.
type answer struct {
	status int
	body   []byte
}

func (a answer) ok() bool { return a.status >= 200 && a.status < 300 }

// tryLater reports whether the engine could not decide: the same request may well succeed.
func (a answer) tryLater() bool {
	return a.status == http.StatusTooManyRequests || a.status >= http.StatusInternalServerError
}

// into decodes the body of a success; any other answer is an *answerError.
func (a answer) into(v any) error {
	if !a.ok() {
		return &answerError{status: a.status, body: strings.TrimSpace(string(a.body))}
	}
	if err := json.Unmarshal(a.body, v); err != nil {
		return fmt.Errorf("decode answer: %w", err)
	}
	return nil
}

// answerError is an answer that is no success where one was needed.
type answerError struct {
	status int
	body   string
}

func (e *answerError) Error() string { return fmt.Sprintf("answer %d: %s", e.status, e.body) }

// send makes one attempt. The error is nil whenever the engine answered.
func (a *api) send(ctx context.Context, r request) (answer, error) {
	var body io.Reader
	if r.body != nil {
		data, err := json.Marshal(r.body)
		if err != nil {
			return answer{}, fmt.Errorf("encode request: %w", err)
		}
		body = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(ctx, r.method, a.base+r.path, body)
	if err != nil {
		return answer{}, fmt.Errorf("build request: %w", err)
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Authorization", "Bearer "+r.token)
	if r.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if r.key != "" {
		req.Header.Set("Idempotency-Key", r.key)
	}
	if r.ifMatch != nil {
		req.Header.Set("If-Match", fmt.Sprintf(`"%d"`, *r.ifMatch))
	}
	resp, err := a.http.Do(req)
	if err != nil {
		return answer{}, fmt.Errorf("send request: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return answer{}, fmt.Errorf("read answer: %w", err)
	}
	return answer{status: resp.StatusCode, body: data}, nil
}

// insist repeats the identical request until the engine has decided, or the attempts are used up. The last answer counts.
func (a *api) insist(ctx context.Context, r request) (answer, error) {
	wait := firstWait
	for n := 1; ; n++ {
		ans, err := a.send(ctx, r)
		if (err == nil && !ans.tryLater()) || n == attempts || ctx.Err() != nil {
			return ans, err
		}
		if err := pause(ctx, wait); err != nil {
			return ans, err
		}
		wait *= 2
	}
}

// errStopped says that the run ended while somebody waited.
var errStopped = errors.New("the run has ended")

// pause waits, or returns errStopped when the context ends first.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return errStopped
	}
}
