package publishers

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
)

// maxAnswerBytes bounds what is read of an answer; a real one is far smaller.
const maxAnswerBytes = 4 << 20

// capture keeps what the service answered. The client library consumes the body of every failed request before its caller
// can see it, so it is read here, underneath, and handed on as a copy.
type capture struct {
	status int
	header http.Header
	body   []byte
}

type captureKey struct{}

// withCapture returns a context whose requests leave their last answer in the capture.
func withCapture(ctx context.Context) (context.Context, *capture) {
	c := &capture{}
	return context.WithValue(ctx, captureKey{}, c), c
}

// capturing is the round tripper that fills captures.
type capturing struct{ next http.RoundTripper }

// RoundTrip passes the request on. An answer whose body breaks off counts as none.
func (t capturing) RoundTrip(req *http.Request) (*http.Response, error) {
	c, wanted := req.Context().Value(captureKey{}).(*capture)
	if wanted {
		*c = capture{} // of an earlier host
	}
	resp, err := t.next.RoundTrip(req)
	if err != nil || !wanted {
		return resp, err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswerBytes))
	if closeErr := resp.Body.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return nil, fmt.Errorf("read answer: %w", err)
	}
	*c = capture{status: resp.StatusCode, header: resp.Header, body: body}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}
