package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

// TestTheEndpointServesAloneAsItsFlagsSay: it prints what an engine needs to use it, answers integration suites only when told
// to, and has a revocable key only then.
func TestTheEndpointServesAloneAsItsFlagsSay(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		flags  []string
		status int
		want   string
	}{
		"plain":                   {nil, http.StatusNotFound, "40400"},
		"provision":               {[]string{"-provision"}, http.StatusCreated, `"revocableTokens":false`},
		"provision and revocable": {[]string{"--provision", "-revocable"}, http.StatusCreated, `"revocableTokens":true`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			printed := serveAbly(t, append([]string{"-key", "app.key:guarded"}, c.flags...)...)
			if printed["ABLY_PRIVATE_KEY"] != "app.key:guarded" || printed["ABLY_ENDPOINT"] == "" {
				t.Fatalf("printed %v", printed)
			}
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+printed["ABLY_ENDPOINT"]+"/apps", strings.NewReader("{}"))
			if err != nil {
				t.Fatal(err)
			}
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = resp.Body.Close() }()
			body, err := io.ReadAll(resp.Body)
			if err != nil || resp.StatusCode != c.status || !json.Valid(body) || !strings.Contains(string(body), c.want) {
				t.Errorf("%d %s, %v, want %d and %s", resp.StatusCode, body, err, c.status, c.want)
			}
		})
	}
}

// serveAbly runs the endpoint until the test ends, and returns the variables that it has printed for an engine.
func serveAbly(t *testing.T, flags ...string) map[string]string {
	t.Helper()
	out, stdout := io.Pipe()
	p := &program{
		Args: append([]string{"booking", "ably", "serve", "-listen", "127.0.0.1:0"}, flags...), Stdout: stdout, Stderr: io.Discard,
		Getenv: func(string) string { return "" },
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan int, 1)
	go func() {
		ended <- p.Run(ctx)
		_ = stdout.Close() // ends the reading below if nothing was printed
	}()
	t.Cleanup(func() {
		stop()
		if code := <-ended; code != exitOK {
			t.Errorf("exit %d", code)
		}
	})
	printed := map[string]string{}
	for lines := bufio.NewScanner(out); len(printed) < 2 && lines.Scan(); {
		if name, value, found := strings.Cut(lines.Text(), "="); found {
			printed[name] = value
		}
	}
	return printed
}
