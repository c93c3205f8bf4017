package ablylocal_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/royalglow/booking/internal/browsertest"
)

// walkTime bounds one walk.
const walkTime = time.Minute

// fact is one line of the script's output.
type fact map[string]any

// script is the running npm client.
type script struct {
	t     *testing.T
	facts chan fact
}

// next skips to the next fact of a step. A failed connection ends the test.
func (s *script) next(step string) fact {
	s.t.Helper()
	// Browsers make those wait who reconnect in vain, and wait longer the busier the machine is.
	patience := time.After(walkTime / 2)
	for {
		var f fact
		select {
		case f = <-s.facts:
		case <-patience:
			s.t.Fatalf("timed out waiting for step %q", step)
		}
		switch f["step"] {
		case step:
			return f
		case nil:
			s.t.Fatalf("the script ended before step %q", step)
		case "failed":
			s.t.Fatalf("connection failed: %v", f)
		}
	}
}

// want checks some fields of the next fact of a step.
func (s *script) want(step string, fields fact) {
	s.t.Helper()
	got := s.next(step)
	for name, value := range fields {
		if !reflect.DeepEqual(got[name], value) {
			s.t.Errorf("step %q: %s is %v, want %v", step, name, got[name], value)
		}
	}
}

// npmInstall copies the client's folder and fetches what its lock file names.
func npmInstall(t *testing.T) string {
	t.Helper()
	for _, tool := range []string{"node", "npm"} {
		if _, err := exec.LookPath(tool); err != nil {
			browsertest.Missing(t, "the npm client is not tested: "+err.Error())
		}
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "client"))); err != nil {
		t.Fatalf("copy client: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	install := exec.CommandContext(ctx, "npm", "ci", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error")
	install.Dir = dir
	if out, err := install.CombinedOutput(); err != nil {
		t.Fatalf("npm ci: %v\n%s", err, out)
	}
	return dir
}

// said takes one line of the script's output.
func (s *script) said(line string) {
	var f fact
	if err := json.Unmarshal([]byte(line), &f); err != nil {
		f = fact{"step": line}
	}
	s.facts <- f
}

// runNode runs the walk in Node; it must end by itself, and well, by the test's end.
func runNode(t *testing.T, dir, _ string, arguments []byte) *script {
	t.Helper()
	// Not the test's context: that ends before the script may.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), walkTime)
	cmd := exec.CommandContext(ctx, "node", "node.mjs", string(arguments))
	cmd.Dir = dir
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatalf("pipe: %v", err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("start node: %v", err)
	}
	s := &script{t: t, facts: make(chan fact, 1000)}
	read := make(chan struct{})
	go func() {
		defer close(read)
		defer close(s.facts)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			s.said(lines.Text())
		}
	}()
	t.Cleanup(func() {
		if t.Failed() {
			cancel()
		}
		<-read
		if err := cmd.Wait(); err != nil && !t.Failed() {
			t.Errorf("the script failed: %v", err)
		}
		cancel()
	})
	return s
}

// runPage runs the walk in Chromium, in a page of the site.
func runPage(t *testing.T, _, site string, arguments []byte) *script {
	t.Helper()
	s := &script{t: t, facts: make(chan fact, 1000)}
	tab := browsertest.Start(t, walkTime, chromedp.WithListener(func(event any) {
		switch e := event.(type) {
		case *runtime.EventConsoleAPICalled:
			var line string
			if err := json.Unmarshal(e.Args[0].Value, &line); err == nil {
				s.said(line)
			}
		case *runtime.EventExceptionThrown:
			s.facts <- fact{"step": "failed", "exception": e.ExceptionDetails.Text}
		}
	}))
	if err := chromedp.Do(tab, chromedp.Navigate(site+"/page.html?where="+url.QueryEscape(string(arguments)))); err != nil {
		t.Fatalf("open page: %v", err)
	}
	return s
}
