package console_test

import (
	"crypto/sha512"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/royalglow/booking/internal/console"
)

func get(t *testing.T, h http.Handler, path string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
	return w
}

func open(t *testing.T, c console.Config) http.Handler {
	t.Helper()
	h, err := console.New(c)
	check(t, err)
	return h
}

func check(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

func TestThePageAndItsPartsAreServed(t *testing.T) {
	t.Parallel()
	h := open(t, console.Config{})
	page := get(t, h, "/")
	if page.Code != http.StatusOK || !strings.HasPrefix(page.Header().Get("Content-Type"), "text/html") {
		t.Fatalf("page: %d %s", page.Code, page.Header())
	}
	// Every part that the page or another part names is there, with a type that the browser takes.
	named := regexp.MustCompile(`"/(assets/[a-z.]+)"|from '\./([a-z]+\.js)'`)
	todo, seen := []string{"/"}, map[string]bool{"/": true}
	for len(todo) > 0 {
		part := get(t, h, todo[0])
		if part.Code != http.StatusOK {
			t.Errorf("%s: %d", todo[0], part.Code)
		}
		todo = todo[1:]
		for _, m := range named.FindAllStringSubmatch(part.Body.String(), -1) {
			path := "/" + m[1]
			if m[2] != "" {
				path = "/assets/" + m[2]
			}
			if !seen[path] && path != "/assets/ably.min.js" {
				seen[path] = true
				todo = append(todo, path)
			}
		}
	}
	if len(seen) < 15 {
		t.Errorf("only %d parts were found: %v", len(seen), seen)
	}
	for _, missing := range []string{"/nothing", "/assets/", "/assets/nothing.js", "/assets/../console.go"} {
		if w := get(t, h, missing); w.Code == http.StatusOK {
			t.Errorf("%s is served", missing)
		}
	}
}

func TestThePolicyAllowsWhatThePageNeedsAndNoMore(t *testing.T) {
	t.Parallel()
	for endpoint, want := range map[string]string{
		"":                 "connect-src 'self' https://*.ably.net wss://*.ably.net",
		"127.0.0.1:18080":  "connect-src 'self' http://127.0.0.1:18080 ws://127.0.0.1:18080;",
		"[::1]:18080":      "connect-src 'self' http://[::1]:18080 ws://[::1]:18080;",
		"localhost:18080":  "connect-src 'self' http://localhost:18080 ws://localhost:18080;",
		"ably.example:443": "connect-src 'self' https://ably.example:443 wss://ably.example:443;",
	} {
		policy := get(t, open(t, console.Config{AblyEndpoint: endpoint}), "/").Header().Get("Content-Security-Policy")
		if !strings.Contains(policy, want) {
			t.Errorf("endpoint %q: policy %q", endpoint, policy)
		}
		if strings.Contains(policy, "unsafe") || !strings.Contains(policy, "default-src 'none'") {
			t.Errorf("endpoint %q: the policy is open: %q", endpoint, policy)
		}
	}
}

func TestTheClientComesFromHereWhenItIsHere(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "client.js")
	check(t, os.WriteFile(file, []byte("window.Ably = {}"), 0o600))
	h := open(t, console.Config{AblyJS: file})
	if got := get(t, h, "/assets/ably.min.js"); got.Body.String() != "window.Ably = {}" {
		t.Errorf("client: %d %s", got.Code, got.Body)
	}
	if page := get(t, h, "/").Body.String(); !strings.Contains(page, `data-ably-local="/assets/ably.min.js"`) {
		t.Error("the page does not know that the client is here")
	}
	if _, err := console.New(console.Config{AblyJS: file + ".missing"}); err == nil {
		t.Error("a client that is not there was accepted")
	}
	if _, err := console.New(console.Config{AblyEndpoint: "no-port"}); err == nil {
		t.Error("an endpoint without a port was accepted")
	}
}

// The hashes in the page must be those of the package in the lock file: of its text as it is, and as Ably's deployment
// changes it for the CDN.
func TestTheHashesAreThoseOfTheClient(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(ablyClient(t))
	check(t, err)
	page := get(t, open(t, console.Config{}), "/").Body.String()
	withoutMap := regexp.MustCompile(`(?m)^//#\ssourceMappingURL=.*$`).ReplaceAll(text, nil)
	for name, content := range map[string][]byte{"npm": text, "cdn": withoutMap} {
		sum := sha512.Sum384(content)
		// The template writes + and = as entities where it must.
		want := strings.ReplaceAll(base64.StdEncoding.EncodeToString(sum[:]), "+", "&#43;")
		if !strings.Contains(page, "sha384-"+want) {
			t.Errorf("%s: the page does not have sha384-%s", name, want)
		}
	}
}
