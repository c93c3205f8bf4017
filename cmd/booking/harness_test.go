package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/trace/noop"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/httpapi"
	"github.com/royalglow/booking/internal/httpapi/contract"
	"github.com/royalglow/booking/internal/telemetry"
)

const (
	testBranch  = "br_test0001"
	testService = "svc_test0001"
)

// runningEngine is the whole engine in this process, as "serve" runs it.
type runningEngine struct {
	*engine
	url string
	// contract is the engine's own description, which all its answers are held against.
	contract *contract.Contract
}

// startEngine runs an engine on a folder of its own until the test ends. Without change it has no realtime.
func startEngine(t *testing.T, change func(*Config), tel *telemetry.Providers) *runningEngine {
	t.Helper()
	e, running := runEngine(t, engineOptions{}, slog.New(slog.DiscardHandler), change, tel)
	t.Cleanup(func() {
		if err := running.Stop(); err != nil {
			t.Errorf("run engine: %v", err)
		}
	})
	return e
}

// runEngine is startEngine for tests that stop the engine themselves, which they must.
func runEngine(
	tb testing.TB, opts engineOptions, log *slog.Logger, change func(*Config), tel *telemetry.Providers,
) (*runningEngine, *background) {
	tb.Helper()
	return runEngineWithin(tb, startLimit, opts, log, change, tel)
}

// runEngineWithin is runEngine for logs that take longer to catch up with.
func runEngineWithin(
	tb testing.TB, limit time.Duration, opts engineOptions, log *slog.Logger, change func(*Config), tel *telemetry.Providers,
) (*runningEngine, *background) {
	tb.Helper()
	if tel == nil {
		tel = &telemetry.Providers{Tracer: noop.NewTracerProvider()}
	}
	cfg := Config{Listen: "127.0.0.1:0", DataDir: tb.TempDir(), SessionSecret: childSecret}
	if change != nil {
		change(&cfg)
	}
	e, err := openEngine(tb.Context(), cfg, opts, log, tel)
	if err != nil {
		tb.Fatal(err)
	}
	ready := make(chan struct{})
	running := goBackground(context.WithoutCancel(tb.Context()), func(ctx context.Context) error {
		return e.Run(ctx, func() error { close(ready); return nil })
	})
	tb.Cleanup(func() {
		_ = running.Stop() // its error was reported before
		if err := e.Close(); err != nil {
			tb.Errorf("close engine: %v", err)
		}
	})
	select {
	case <-ready:
	case <-running.Done():
		tb.Fatal(running.err)
	case <-time.After(limit):
		tb.Fatal("the engine was not ready in time")
	}
	r := &runningEngine{engine: e, url: e.URL()}
	r.describe(tb)
	return r, running
}

// describe reads the engine's description.
func (e *runningEngine) describe(tb testing.TB) {
	tb.Helper()
	resp, err := http.Get(e.url + "/openapi.json")
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		tb.Fatal(err)
	}
	if e.contract, err = contract.New(text); err != nil {
		tb.Fatal(err)
	}
}

func customer(id string) httpapi.Session {
	return httpapi.Session{UserID: id, Role: domain.RoleCustomer}
}

func owner() httpapi.Session {
	return httpapi.Session{UserID: "usr_owner0001", Role: domain.RoleOwner}
}

// reply is an answer of the API.
type reply struct {
	status int
	header http.Header
	body   map[string]any
}

// call sends a request as the session's user; headers come in pairs.
func (e *runningEngine) call(tb testing.TB, as httpapi.Session, method, path string, body any, headers ...string) reply {
	tb.Helper()
	token, err := httpapi.SignSession([]byte(childSecret), as, time.Now(), time.Hour)
	if err != nil {
		tb.Fatal(err)
	}
	return e.callWith(tb, token, method, path, body, headers...)
}

func (e *runningEngine) callWith(tb testing.TB, token, method, path string, body any, headers ...string) reply {
	tb.Helper()
	var sent []byte
	if body != nil {
		var err error
		if sent, err = json.Marshal(body); err != nil {
			tb.Fatal(err)
		}
	}
	req, err := http.NewRequestWithContext(tb.Context(), method, e.url+path, bytes.NewReader(sent))
	if err != nil {
		tb.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		tb.Fatal(err)
	}
	if err := e.contract.Check(contract.Exchange{
		Method: method, Path: req.URL.Path, Request: sent, Status: resp.StatusCode, Header: resp.Header, Body: data,
	}); err != nil {
		tb.Errorf("the description is not kept: %v", err)
	}
	r := reply{status: resp.StatusCode, header: resp.Header}
	if len(data) > 0 && strings.Contains(resp.Header.Get("Content-Type"), "json") {
		if err := json.Unmarshal(data, &r.body); err != nil {
			tb.Fatalf("%s %s answered %q: %v", method, path, data, err)
		}
	}
	return r
}

func (r reply) want(tb testing.TB, status int) reply {
	tb.Helper()
	if r.status != status {
		tb.Fatalf("answer %d %v, want %d", r.status, r.body, status)
	}
	return r
}

func (r reply) text(key string) string {
	s, _ := r.body[key].(string)
	return s
}

// openSalon opens a branch with a service and three members of staff, and returns their ids.
func (e *runningEngine) openSalon(tb testing.TB) []string {
	tb.Helper()
	branch := "/api/branches/" + testBranch
	e.call(tb, owner(), http.MethodPut, branch, map[string]any{
		"name": "Test", "timeZone": "Asia/Kolkata", "currency": "INR",
		"policy": map[string]any{"leadMinutes": 0, "activeCap": 50, "horizonDays": 365},
	}).want(tb, http.StatusOK)
	e.call(tb, owner(), http.MethodPut, branch+"/services/"+testService, map[string]any{
		"name": "Cut", "durationMinutes": 30, "priceMinor": 50000,
	}).want(tb, http.StatusOK)
	staff := []string{"stf_memberX1", "stf_memberY1", "stf_memberZ1"}
	var last reply
	for _, id := range staff {
		last = e.call(tb, owner(), http.MethodPut, branch+"/staff/"+id, map[string]any{}).want(tb, http.StatusOK)
	}
	// Who names nobody gets one of those whom the index knows.
	e.call(tb, owner(), http.MethodGet, fmt.Sprintf("%s/availability?from=%s&serviceIds=%s&minPosition=%.0f",
		branch, time.Now().UTC().Format(time.DateOnly), testService, last.body["position"]), nil).want(tb, http.StatusOK)
	return staff
}

// wish is the body of a request for tomorrow at the given UTC hour.
func wish(staffID string, hour int) map[string]any {
	day := time.Now().UTC().AddDate(0, 0, 1)
	start := time.Date(day.Year(), day.Month(), day.Day(), hour, 0, 0, 0, time.UTC)
	return map[string]any{
		"branchId": testBranch, "startAt": start.Format(time.RFC3339),
		"services": []map[string]any{{"serviceId": testService, "staffId": staffID}},
	}
}

// lockedBuffer is a log that may be read while an engine writes to it.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
