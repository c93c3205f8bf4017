package console_test

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// gate is between the page and the API. A test puts a rule into it that answers in the API's place, or later, or not at all.
type gate struct {
	mu   sync.Mutex
	rule func(w http.ResponseWriter, r *http.Request, next http.Handler)
}

// set puts a rule in place of the one before; nil lets everything through.
func (g *gate) set(rule func(w http.ResponseWriter, r *http.Request, next http.Handler)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.rule = rule
}

// serve starts a server of its own and returns its URL.
func (g *gate) serve(t *testing.T, next http.Handler) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.mu.Lock()
		rule := g.rule
		g.mu.Unlock()
		if rule == nil {
			next.ServeHTTP(w, r)
			return
		}
		rule(w, r, next)
	}))
	t.Cleanup(server.Close)
	return server.URL
}
