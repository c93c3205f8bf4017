package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/royalglow/booking/internal/eventstore"
)

// receipt is what a command's answer acknowledges.
type receipt struct {
	ID       string              `json:"id"`
	Revision eventstore.Revision `json:"revision"`
	Position eventstore.Position `json:"position"`
}

// insistentDoor stands before an engine that may be killed at any time. A request that gets no answer it sends again, the
// same one with the same key, until there is one. It keeps the receipts.
type insistentDoor struct {
	target string
	client *http.Client

	mu       sync.Mutex
	receipts []receipt
	repeats  int
	changed  chan struct{} // closed and replaced at every receipt
}

func newInsistentDoor(addr string) *insistentDoor {
	return &insistentDoor{
		target: "http://" + addr, changed: make(chan struct{}),
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}},
	}
}

func startHTTP(_ context.Context, t *testing.T, h http.Handler) string {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL
}

func (d *insistentDoor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for first := true; ; first = false {
		if status, header, data, err := d.forward(r, body); err == nil {
			d.note(r.Method, status, data, !first)
			maps.Copy(w.Header(), header)
			w.WriteHeader(status)
			_, _ = w.Write(data)
			return
		}
		select {
		case <-r.Context().Done():
			return
		case <-ticker.C:
		}
	}
}

func (d *insistentDoor) forward(r *http.Request, body []byte) (status int, header http.Header, data []byte, err error) {
	req, err := http.NewRequestWithContext(r.Context(), r.Method, d.target+r.URL.RequestURI(), bytes.NewReader(body))
	if err != nil {
		return 0, nil, nil, err
	}
	req.Header = r.Header.Clone()
	resp, err := d.client.Do(req)
	if err != nil {
		return 0, nil, nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	data, err = io.ReadAll(resp.Body)
	return resp.StatusCode, resp.Header, data, err
}

func (d *insistentDoor) note(method string, status int, data []byte, repeated bool) {
	var got receipt
	if method == http.MethodGet || status/100 != 2 || json.Unmarshal(data, &got) != nil || got.Position == 0 {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.receipts = append(d.receipts, got)
	if repeated {
		d.repeats++
	}
	close(d.changed)
	d.changed = make(chan struct{})
}

func (d *insistentDoor) acknowledged() []receipt {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]receipt(nil), d.receipts...)
}

// repeated counts the commands that were acknowledged only after a repeat.
func (d *insistentDoor) repeated() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.repeats
}

// waitForAnswers blocks until n more commands have been acknowledged.
func (d *insistentDoor) waitForAnswers(ctx context.Context, n int) error {
	d.mu.Lock()
	goal := len(d.receipts) + n
	d.mu.Unlock()
	for {
		d.mu.Lock()
		have, changed := len(d.receipts), d.changed
		d.mu.Unlock()
		if have >= goal {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
