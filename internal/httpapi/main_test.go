package httpapi_test

import (
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/royalglow/booking/internal/httpapi/contract"
)

// TestMain also sees to it that the suite has had every operation of the document succeed.
func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	if err := goleak.Find(); code == 0 && err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	if missing := heard.missing(); code == 0 && whole() && len(missing) > 0 {
		fmt.Fprintln(os.Stderr, "no test has these operations succeed:", missing)
		code = 1
	}
	os.Exit(code)
}

// whole reports whether all tests were run.
func whole() bool {
	for _, name := range []string{"test.run", "test.skip", "test.list", "test.fuzz"} {
		if f := flag.Lookup(name); f != nil && f.Value.String() != "" {
			return false
		}
	}
	return true
}

// coverage is which operations no test has had succeed.
type coverage struct {
	mu     sync.Mutex
	unseen map[string]bool // nil at first
}

var heard coverage

// add takes what one test has heard.
func (c *coverage) add(one *contract.Contract) {
	c.mu.Lock()
	defer c.mu.Unlock()
	unseen := map[string]bool{}
	for _, id := range one.Unseen() {
		if c.unseen == nil || c.unseen[id] {
			unseen[id] = true
		}
	}
	c.unseen = unseen
}

func (c *coverage) missing() (ids []string) {
	for id := range c.unseen {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// describedBy returns a server's document.
func describedBy(h http.Handler) []byte {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/openapi.json", nil))
	return w.Body.Bytes()
}
