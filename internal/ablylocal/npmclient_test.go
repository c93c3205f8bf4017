package ablylocal_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ably/ably-go/ably"

	"github.com/royalglow/booking/internal/ablylocal"
)

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
	for {
		f := receive(s.t, s.facts, "step "+step)
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

func TestNpmClientWorksUnchanged(t *testing.T) {
	t.Parallel() // it waits for real seconds
	dir := npmInstall(t)
	for _, format := range []string{"json", "msgpack"} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			const window = 5 * time.Second // in place of two minutes
			e := start(t, ablylocal.Config{Revocable: true, Window: window})
			var tokens, issued atomic.Int64 // how many, and when the last one was, in seconds since 1970
			auth := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				ttl := time.Hour
				if tokens.Add(1) == 1 {
					ttl = 32 * time.Second // renewal is asked for 30 s before the end
				}
				issued.Store(time.Now().Unix())
				w.Header().Set("Content-Type", "application/jwt")
				_, _ = io.WriteString(w, signJWT(t, jwtClaims(`{"customer:u1:*":["subscribe"]}`, "u1", ttl)))
			}))
			defer auth.Close()
			s := runScript(t, dir, e.host, strconv.Itoa(e.port), auth.URL, e.Key(), format)
			publisher := e.rest(t).Channels.Get("customer:u1:bookings")

			s.want("connected", fact{"clientId": "u1"})
			s.want("attached", fact{"modes": []any{"subscribe", "presence_subscribe"}})
			s.want("denied", fact{"code": 40160.0, "status": 401.0})
			s.want("publish denied", fact{"code": 40160.0})
			s.next("ready")

			err := publisher.PublishMultiple(t.Context(), []*ably.Message{{
				ID: "evt:0", Name: "booking.confirmed", Data: map[string]any{"bookingId": "bkg_1"},
				Extras: map[string]any{"headers": map[string]any{"traceparent": "00-1-2-01"}},
			}})
			if err != nil {
				t.Fatalf("publish: %v", err)
			}
			s.want("message", fact{
				"name": "booking.confirmed", "data": map[string]any{"bookingId": "bkg_1"},
				"trace": "00-1-2-01", "id": "evt:0",
			})

			s.want("renewed", fact{"code": 0.0})
			if n := tokens.Load(); n != 2 {
				t.Errorf("%d tokens were asked for, want 2", n)
			}

			e.ln.cut()
			s.next("disconnected")
			publish(t, publisher, "in the gap")
			s.want("reconnected", fact{"same": true})
			s.want("message", fact{"name": "in the gap"})

			// A JWT has whole seconds: only one of a later second is taken for a later one.
			next := time.Unix(issued.Load()+1, 0)
			<-time.After(time.Until(next))
			revoke(t, e.Server, frame{"targets": []string{"clientId:u1"}, "issuedBefore": next.UnixMilli()})
			s.want("disconnected", fact{"code": 40141.0})
			s.want("reconnected", fact{"same": true})
			if n := tokens.Load(); n != 3 {
				t.Errorf("%d tokens were asked for, want 3", n)
			}
			publish(t, publisher, "after the revocation")
			s.want("message", fact{"name": "after the revocation"})

			// Away for too long: what was missed does not come by itself any more, and the page is told.
			e.ln.setDown(true)
			e.ln.cut()
			s.next("disconnected")
			call(t, e.Server, "POST", "/channels/customer:u1:bookings/messages", frame{"name": "missed"},
				"Authorization", "Bearer "+signJWT(t, jwtClaims(`{"*":["*"]}`, "", time.Hour)))
			<-time.After(window + 500*time.Millisecond)
			e.ln.setDown(false)
			s.want("reconnected", fact{"same": false})
			s.want("attached again", fact{"resumed": false})
			publish(t, publisher, "back")
			s.want("message", fact{"name": "back"})

			publish(t, publisher, "goodbye")
			s.want("history", fact{"names": []any{"a", "b", "once"}, "bytes": []any{0.0, 255.0}})
			s.want("batch", fact{"ok": 1.0, "failed": 1.0, "code": 40010.0})
			s.want("token", fact{"clientId": "u2", "capability": `{"open:*":["subscribe"]}`})
			s.next("time")
			s.want("echo", fact{"name": "mine", "data": map[string]any{"deep": []any{1.0, 2.5, "x"}}, "clientId": "u3"})
			s.want("ping", fact{"ok": true})
			s.want("detached", fact{"state": "detached"})
			s.next("closed")
		})
	}
}

// npmInstall copies the client's folder and fetches what its lock file names.
func npmInstall(t *testing.T) string {
	t.Helper()
	for _, tool := range []string{"node", "npm"} {
		if _, err := exec.LookPath(tool); err != nil {
			if os.Getenv("CI") == "true" {
				t.Fatalf("%s is not installed: %v", tool, err)
			}
			t.Skipf("%s is not installed, the npm client is not tested", tool)
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

// runScript starts the script; it must end by itself, and well, by the test's end.
func runScript(t *testing.T, dir string, args ...string) *script {
	t.Helper()
	// Not the test's context: that ends before the script may.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Minute)
	cmd := exec.CommandContext(ctx, "node", append([]string{"client.mjs"}, args...)...)
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
			var f fact
			if err := json.Unmarshal(lines.Bytes(), &f); err != nil {
				f = fact{"step": lines.Text()}
			}
			s.facts <- f
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
