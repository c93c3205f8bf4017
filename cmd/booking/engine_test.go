package main

import (
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

func TestWithoutAKeyEverythingElseWorks(t *testing.T) {
	t.Parallel()
	e := startEngine(t, nil, nil)
	x := e.openSalon(t)[0]
	made := e.call(t, customer("usr_customer001"), http.MethodPost, "/api/bookings", wish(x, 10)).want(t, http.StatusCreated)
	e.call(t, owner(), http.MethodPatch, "/api/bookings/"+made.text("id"), map[string]any{"action": "approve"},
		"If-Match", made.header.Get("ETag")).want(t, http.StatusOK)
	refused := e.call(t, customer("usr_customer001"), http.MethodPost, "/api/ably/token", nil).
		want(t, http.StatusServiceUnavailable)
	if refused.text("code") != "SERVICE_UNAVAILABLE" {
		t.Errorf("code %q", refused.text("code"))
	}
	e.callWith(t, "", http.MethodGet, "/readyz", nil).want(t, http.StatusOK)
}

func TestARunningEngineIsFoundInItsFolder(t *testing.T) {
	t.Parallel()
	e := startEngine(t, nil, nil)
	info, err := os.Stat(engineFilePath(e.cfg.DataDir))
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, want 0600", info.Mode())
	}
	f, stale, err := readEngineFile(e.cfg.DataDir)
	if err != nil || stale {
		t.Fatalf("stale %v, %v", stale, err)
	}
	if f.API != e.url || f.PID != os.Getpid() {
		t.Errorf("engine.json says %+v", f)
	}
	e.callWith(t, f.OpsToken, http.MethodGet, "/api/branches", nil).want(t, http.StatusOK)
	e.callWith(t, f.OpsToken+"x", http.MethodGet, "/api/branches", nil).want(t, http.StatusUnauthorized)

	second := e.cfg
	second.Listen = "127.0.0.1:0"
	_, err = openEngine(t.Context(), second, engineOptions{}, e.log, e.tel)
	if err == nil || !strings.Contains(err.Error(), "another engine") {
		t.Errorf("a second engine on the folder: %v", err)
	}
}

func TestWhatIsNowhereIsAProblem(t *testing.T) {
	t.Parallel()
	e := startEngine(t, nil, nil)
	for _, path := range []string{
		"/nope", "/healthz/x", "/assets/nope.js", "/demo/sign-in?as=customer", "/api/nope", "/api//bookings", "/api/./bookings",
		"/assets", "/assets/", "/assets/index.html", "/assets//board.js", "/assets/../page.html", "//assets/board.js",
	} {
		got := e.callWith(t, "", http.MethodGet, path, nil)
		if got.status != http.StatusNotFound || got.text("code") != "NOT_FOUND" {
			t.Errorf("%s answers %d %v, want a problem", path, got.status, got.body)
		}
	}
	e.callWith(t, "", http.MethodGet, "/", nil).want(t, http.StatusOK)
	e.callWith(t, "", http.MethodGet, "/assets/board.js", nil).want(t, http.StatusOK)
	for status, headers := range map[int][]string{
		http.StatusRequestedRangeNotSatisfiable: {"Range", "bytes=99999999-"},
		http.StatusPreconditionFailed:           {"If-Match", `"x"`},
	} {
		got := e.callWith(t, "", http.MethodGet, "/assets/board.js", nil, headers...)
		if got.status != status || got.header.Get("Content-Type") != "application/problem+json" || got.text("code") == "" {
			t.Errorf("%s is answered with %d %v", headers, got.status, got.header)
		}
	}
}

func TestRealtimeIsLiveOnAnIdleEngine(t *testing.T) {
	t.Parallel()
	ably := startAbly(t.Context(), t)
	e := startEngine(t, func(c *Config) {
		c.AblyKey, c.AblyEndpoint = ably.server.Key(), ably.addr.String()
	}, nil)
	for _, c := range e.consumers() {
		select {
		case <-c.CaughtUp():
		case <-time.After(startLimit):
			t.Fatalf("%s has not caught up", c.Status().Name)
		}
	}
	if got := e.realtime(); got != "live" {
		t.Errorf("realtime is %q, want live", got)
	}
}

func TestAnEngineStartsWhereAnotherWasKilled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := (engineFile{PID: 1 << 30}).write(dir); err != nil {
		t.Fatal(err)
	}
	e := startEngine(t, func(c *Config) { c.DataDir = dir }, nil)
	f, stale, err := readEngineFile(dir)
	if err != nil || stale || f.API != e.url {
		t.Errorf("engine.json says %+v, stale %v, %v", f, stale, err)
	}
}

func TestADeadEnginesFileIsStale(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := (engineFile{PID: 1 << 30}).write(dir); err != nil {
		t.Fatal(err)
	}
	if _, stale, err := readEngineFile(dir); err != nil || !stale {
		t.Errorf("stale %v, %v", stale, err)
	}
	for range 2 {
		if err := removeEngineFile(dir); err != nil {
			t.Error(err)
		}
	}
}
