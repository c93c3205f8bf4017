package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/httpapi"
)

// startGuard answers what the engine asks Ably for as the service does, and tells of the targets whose tokens are revoked.
func startGuard(t *testing.T) (endpoint string, revoked <-chan string) {
	t.Helper()
	targets := make(chan string, 100)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		if !strings.HasSuffix(r.URL.Path, "/revokeTokens") {
			_, _ = io.WriteString(w, `[]`)
			return
		}
		var asked struct{ Targets []string }
		_ = json.NewDecoder(r.Body).Decode(&asked) // of what is not understood nothing is revoked, and the test fails
		var results []string
		for _, target := range asked.Targets {
			results = append(results, fmt.Sprintf(`{"target":%q,"appliesAt":1}`, target))
			targets <- target
		}
		_, _ = io.WriteString(w, `{"results":[`+strings.Join(results, ",")+`]}`)
	}))
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://"), targets
}

func receiveTarget(t *testing.T, from <-chan string) string {
	t.Helper()
	select {
	case target := <-from:
		return target
	case <-time.After(startLimit):
		t.Fatal("nothing is revoked")
		return ""
	}
}

// TestWhoIsUnassignedLosesHisTokens goes the whole way: the token names the member, his booking is given away, and the service is asked
// to end what names him.
func TestWhoIsUnassignedLosesHisTokens(t *testing.T) {
	t.Parallel()
	endpoint, revoked := startGuard(t)
	e := startEngine(t, func(c *Config) {
		c.AblyKey, c.AblyEndpoint, c.AblyRevocable = "app.key:secret", endpoint, true
	}, nil)
	x := e.openSalon(t)[0]
	made := e.call(t, customer("usr_customer001"), http.MethodPost, "/api/bookings", wish(x, 10)).want(t, http.StatusCreated)
	path := "/api/bookings/" + made.text("id")
	firm := e.call(t, owner(), http.MethodPatch, path, map[string]any{"action": "approve"}, "If-Match", made.header.Get("ETag")).
		want(t, http.StatusOK)
	// Until the read model has seen it, the token does not cover it.
	e.call(t, owner(), http.MethodGet, fmt.Sprintf("%s?minPosition=%.0f", path, firm.body["position"]), nil).want(t, http.StatusOK)

	member := httpapi.Session{UserID: "usr_member0001", Role: domain.RoleStaff, StaffID: x}
	token := e.call(t, member, http.MethodGet, "/api/ably/token", nil).want(t, http.StatusOK)
	claims := jwt.MapClaims{}
	if _, _, err := jwt.NewParser().ParseUnverified(token.text("token"), claims); err != nil || claims["x-ably-revocation-key"] != x {
		t.Fatalf("claims %v, %v", claims, err)
	}
	if !strings.Contains(token.text("capability"), `"booking:`+made.text("id")+`"`) {
		t.Fatalf("the token does not cover the booking: %v", token.body)
	}

	lost := e.call(t, owner(), http.MethodPatch, path, map[string]any{"action": "unassign", "segmentId": "seg_1", "reason": "Ill."},
		"If-Match", firm.header.Get("ETag")).want(t, http.StatusOK)
	if got := receiveTarget(t, revoked); got != "revocationKey:"+x {
		t.Errorf("revoked %s", got)
	}
	// What the member gets now was made of what is there now: the watch has waited for that.
	token = e.call(t, member, http.MethodGet, "/api/ably/token", nil).want(t, http.StatusOK)
	if strings.Contains(token.text("capability"), made.text("id")) || lost.text("id") == "" {
		t.Errorf("the next token covers the booking: %v", token.body)
	}

	done := e.call(t, owner(), http.MethodPost, "/api/ops/users/usr_member0001/revoke", nil).want(t, http.StatusOK)
	if got := receiveTarget(t, revoked); got != "clientId:usr_member0001" || done.body["revoked"] != true {
		t.Errorf("revoked %s: %v", got, done.body)
	}
}

// TestTroubleWithRevocationsHoldsNothingUp: the service is away altogether, and the engine is ready and works.
func TestTroubleWithRevocationsHoldsNothingUp(t *testing.T) {
	t.Parallel()
	e := startEngine(t, func(c *Config) {
		c.AblyKey, c.AblyEndpoint, c.AblyRevocable = "app.key:secret", "127.0.0.1:1", true
	}, nil)
	if !slices.ContainsFunc(e.consumers(), func(c consumer) bool { return c.Status().Name == e.watch.Name() }) {
		t.Fatal("nobody watches for those who lose access")
	}
	x := e.openSalon(t)[0]
	e.call(t, owner(), http.MethodDelete, "/api/branches/"+testBranch+"/staff/"+x, nil).want(t, http.StatusOK)
	e.callWith(t, "", http.MethodGet, "/readyz", nil).want(t, http.StatusOK)
}
