package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ably/ably-go/ably"
	"github.com/golang-jwt/jwt/v5"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/ablylocal"
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
	if got := await(t, revoked, "a revocation"); got != "revocationKey:"+x {
		t.Errorf("revoked %s", got)
	}
	// What the member gets now was made of what is there now: the watch has waited for that.
	token = e.call(t, member, http.MethodGet, "/api/ably/token", nil).want(t, http.StatusOK)
	if strings.Contains(token.text("capability"), made.text("id")) || lost.text("id") == "" {
		t.Errorf("the next token covers the booking: %v", token.body)
	}

	done := e.call(t, owner(), http.MethodPost, "/api/ops/users/usr_member0001/revoke", nil).want(t, http.StatusOK)
	if got := await(t, revoked, "a revocation"); got != "clientId:usr_member0001" || done.body["revoked"] != true {
		t.Errorf("revoked %s: %v", got, done.body)
	}

	developer := httpapi.Session{UserID: "usr_developer01", Role: domain.RoleDeveloper}
	operator, err := httpapi.SignSession([]byte(childSecret), developer, time.Now(), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	said := runProgram(t.Context(), t, map[string]string{"BOOKING_TOKEN": operator}, "users", "revoke", "usr_member0001", "-url", e.URL(), "-json")
	if got := await(t, revoked, "a revocation"); got != "clientId:usr_member0001" || said.code != exitOK || !strings.Contains(said.stdout, `"revoked":true`) {
		t.Errorf("revoked %s: %+v", got, said)
	}
}

// TestWhoIsUnassignedStopsHearing: the page of a member at a real endpoint loses its connection and comes back by itself, without the
// booking and with all the rest.
func TestWhoIsUnassignedStopsHearing(t *testing.T) {
	t.Parallel()
	endpoint, err := openAbly(t.Context(), ablylocal.Config{Revocable: true, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := endpoint.running.Stop(); err != nil {
			t.Errorf("run endpoint: %v", err)
		}
	})
	e := startEngine(t, func(c *Config) {
		c.AblyKey, c.AblyEndpoint, c.AblyRevocable = endpoint.server.Key(), endpoint.addr.String(), true
	}, nil)
	x := e.openSalon(t)[0]
	book := func(hour int) (id, tag string) {
		made := e.call(t, customer("usr_customer001"), http.MethodPost, "/api/bookings", wish(x, hour)).want(t, http.StatusCreated)
		firm := e.call(t, owner(), http.MethodPatch, "/api/bookings/"+made.text("id"), map[string]any{"action": "approve"},
			"If-Match", made.header.Get("ETag")).want(t, http.StatusOK)
		// Until the read model has seen it, a token does not cover it.
		e.call(t, owner(), http.MethodGet, fmt.Sprintf("/api/bookings/%s?minPosition=%.0f", made.text("id"), firm.body["position"]), nil).
			want(t, http.StatusOK)
		return made.text("id"), firm.header.Get("ETag")
	}
	id, tag := book(10)

	page := openStaffPage(t, e, endpoint, httpapi.Session{UserID: "usr_member0001", Role: domain.RoleStaff, StaffID: x})
	heard := make(chan string, 100)
	schedule, booking := page.Channels.Get("staff:"+x+":schedule"), page.Channels.Get("booking:"+id)
	if _, err := schedule.SubscribeAll(t.Context(), func(m *ably.Message) { heard <- fmt.Sprint(m.Data) }); err != nil {
		t.Fatal(err)
	}
	if err := booking.Attach(t.Context()); err != nil {
		t.Fatal(err)
	}
	changes, failed := make(chan ably.ConnectionStateChange, 100), make(chan ably.ChannelStateChange, 100)
	page.Connection.OnAll(func(c ably.ConnectionStateChange) { changes <- c })
	booking.On(ably.ChannelEventFailed, func(c ably.ChannelStateChange) { failed <- c })

	e.call(t, owner(), http.MethodPatch, "/api/bookings/"+id, map[string]any{"action": "unassign", "segmentId": "seg_1", "reason": "Ill."},
		"If-Match", tag).want(t, http.StatusOK)
	lost := await(t, changes, "the connection to end")
	if lost.Current != ably.ConnectionStateDisconnected || lost.Reason == nil || lost.Reason.Code != 40141 {
		t.Errorf("the connection is %v: %v", lost.Current, lost.Reason)
	}
	for c := lost; c.Current != ably.ConnectionStateConnected; c = await(t, changes, "a connection with another token") {
		if c.Current == ably.ConnectionStateFailed {
			t.Fatalf("the connection has failed: %v", c.Reason)
		}
	}
	if c := await(t, failed, "the booking's channel to be denied"); c.Reason == nil || c.Reason.Code != 40160 {
		t.Errorf("the booking's channel: %v", c.Reason)
	}
	later, _ := book(12)
	for got := ""; !strings.Contains(got, later); {
		got = await(t, heard, "the next booking")
	}
	if n := endpoint.server.Stats().Revoked; n != 1 {
		t.Errorf("%d connections lost their token", n)
	}
}

// openStaffPage connects a page until the test ends. It asks the engine for tokens.
func openStaffPage(t *testing.T, e *runningEngine, endpoint *demoAbly, as httpapi.Session) *ably.Realtime {
	t.Helper()
	session, err := httpapi.SignSession([]byte(childSecret), as, time.Now(), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	url := e.URL() + "/api/ably/token"
	page, err := ably.NewRealtime(
		ably.WithEndpoint(endpoint.addr.IP.String()), ably.WithPort(endpoint.addr.Port), ably.WithTLS(false), ably.WithLogLevel(ably.LogNone),
		ably.WithAuthCallback(func(ctx context.Context, _ ably.TokenParams) (ably.Tokener, error) {
			r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
			if err != nil {
				return nil, err
			}
			r.Header.Set("Authorization", "Bearer "+session)
			r.Header.Set("Accept", "application/jwt")
			answer, err := http.DefaultClient.Do(r)
			if err != nil {
				return nil, err
			}
			token, err := io.ReadAll(answer.Body)
			return ably.TokenString(token), errors.Join(err, answer.Body.Close())
		}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		closed := make(chan ably.ConnectionStateChange, 10)
		page.Connection.On(ably.ConnectionEventClosed, func(c ably.ConnectionStateChange) { closed <- c })
		page.Close()
		await(t, closed, "the page to close")
	})
	return page
}

// await takes the next value.
func await[T any](t *testing.T, from <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(startLimit):
		t.Fatalf("never: %s", what)
		panic("unreachable")
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
