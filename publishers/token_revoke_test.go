package publishers_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/ablylocal"
	"github.com/royalglow/booking/publishers"
)

// revocation is a request that the service was sent, and at what it was sent.
type revocation struct {
	Targets           []string
	IssuedBefore      int64
	AllowReauthMargin bool
}

var (
	// revokedAt is when the tests revoke: at the end of a second, so that they do not wait for long.
	revokedAt = issuedAt.Truncate(time.Second).Add(time.Second - time.Millisecond)
	// revokedBefore is before when the revoked tokens were issued: in whole seconds, as the tokens have it.
	revokedBefore = revokedAt.Add(time.Millisecond)
)

// guard is the revocation route of the service as its documentation has it (https://ably.com/docs/auth/revocation).
type guard struct {
	server *httptest.Server

	mu    sync.Mutex
	asked []revocation
	// answer overrides the nth answer (from 0); nil, or a status of 0: as documented.
	answer func(n int, r revocation) reply
	// arrived is told of each request.
	arrived chan struct{}
}

func newGuard(tb testing.TB) *guard {
	tb.Helper()
	g := &guard{arrived: make(chan struct{}, 1000)}
	g.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, secret, _ := r.BasicAuth()
		body, err := io.ReadAll(r.Body)
		var asked revocation
		if err != nil || json.Unmarshal(body, &asked) != nil || r.Method != http.MethodPost || r.URL.Path != "/keys/app.key/revokeTokens" ||
			name != "app.key" || secret != "secret" {
			tb.Errorf("%s %s as %q: %s", r.Method, r.URL.Path, name, body)
		}
		status, header, text := g.take(asked)
		w.Header().Set("Content-Type", "application/json")
		if header != "" {
			w.Header().Set("Retry-After", header)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, text)
		g.arrived <- struct{}{}
	}))
	tb.Cleanup(g.server.Close)
	return g
}

func (g *guard) take(asked revocation) (status int, retryAfter, body string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := len(g.asked)
	g.asked = append(g.asked, asked)
	if g.answer != nil {
		if a := g.answer(n, asked); a.status != 0 {
			return a.status, a.retryAfter, a.body
		}
	}
	var results []string
	for _, target := range asked.Targets {
		results = append(results, fmt.Sprintf(`{"target":%q,"issuedBefore":%d,"appliesAt":%d}`, target, asked.IssuedBefore, asked.IssuedBefore+1))
	}
	return http.StatusCreated, "", fmt.Sprintf(`{"successCount":%d,"failureCount":0,"results":[%s]}`, len(results), strings.Join(results, ","))
}

// requests returns what was asked so far.
func (g *guard) requests() []revocation {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.asked)
}

func (g *guard) revoker(tb testing.TB, change func(c *publishers.RevokerConfig)) *publishers.Revoker {
	tb.Helper()
	transport := &http.Transport{}
	tb.Cleanup(transport.CloseIdleConnections)
	cfg := publishers.RevokerConfig{
		Config: publishers.Config{
			Key: testKey, Endpoint: strings.TrimPrefix(g.server.URL, "http://"), Transport: transport, Jitter: func() float64 { return 0 },
		},
		Revocable: true, Now: func() time.Time { return revokedAt },
	}
	if change != nil {
		change(&cfg)
	}
	r, err := publishers.NewRevoker(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

func TestAUsersTokensAreRevoked(t *testing.T) {
	t.Parallel()
	g := newGuard(t)
	got, err := g.revoker(t, nil).RevokeUser(t.Context(), customer)
	if err != nil || !got.Revoked || !got.EndsBy.Equal(revokedBefore) {
		t.Fatalf("%+v, %v", got, err)
	}
	want := []revocation{{Targets: []string{"clientId:" + customer}, IssuedBefore: revokedBefore.UnixMilli()}}
	if asked := g.requests(); !reflect.DeepEqual(asked, want) {
		t.Errorf("asked %+v, want %+v", asked, want)
	}
}

// TestWhereTheKeyDoesNotAllowItTokensEndByThemselves: nothing is sent then.
func TestWhereTheKeyDoesNotAllowItTokensEndByThemselves(t *testing.T) {
	t.Parallel()
	g := newGuard(t)
	r := g.revoker(t, func(c *publishers.RevokerConfig) { c.Revocable = false })
	got, err := r.RevokeUser(t.Context(), customer)
	if err != nil || got.Revoked || !got.EndsBy.Equal(revokedAt.Add(publishers.TokenTTL)) || r.Allowed() {
		t.Errorf("%+v, %v", got, err)
	}
	none := g.revoker(t, func(c *publishers.RevokerConfig) { c.Key = "" })
	if _, err := none.RevokeUser(t.Context(), customer); !isRefusal(err, domain.CodeUnavailable) || none.Allowed() {
		t.Errorf("without a key: %v", err)
	}
	for _, id := range []string{"", "*", "usr_abcdef:*", "stf_asha01", "usr_abcdef\n"} {
		if _, err := g.revoker(t, nil).RevokeUser(t.Context(), id); !isRefusal(err, domain.CodeValidation) {
			t.Errorf("%q: %v", id, err)
		}
	}
	if asked := g.requests(); len(asked) != 0 {
		t.Errorf("asked %+v", asked)
	}
	if _, err := publishers.NewRevoker(publishers.RevokerConfig{Config: publishers.Config{Key: "hidden"}, Revocable: true}); err == nil ||
		strings.Contains(err.Error(), "hidden") {
		t.Errorf("a malformed key: %v", err)
	}
}

func isRefusal(err error, code domain.Code) bool {
	r, ok := errors.AsType[*domain.Refusal](err)
	return ok && r.Code == code
}

// TestARevocationIsRepeatedUntilTheServiceSaysThatItIsDone: as long as that is in doubt the tokens may still be good. Every repeat has
// the time of the first.
func TestARevocationIsRepeatedUntilTheServiceSaysThatItIsDone(t *testing.T) {
	t.Parallel()
	target := "clientId:" + customer
	for name, first := range map[string]reply{
		"too many requests":        {status: http.StatusTooManyRequests, body: `{"error":{"code":42918,"statusCode":429,"message":"slow down"}}`},
		"a failure":                {status: http.StatusInternalServerError, body: `{"error":{"code":50000,"statusCode":500,"message":"oops"}}`},
		"a portal":                 {status: http.StatusOK, body: `<html>sign in</html>`},
		"nothing of the target":    {status: http.StatusCreated, body: `{"successCount":0,"failureCount":0,"results":[]}`},
		"another target":           {status: http.StatusCreated, body: `{"results":[{"target":"clientId:usr_somebody1","appliesAt":1}]}`},
		"a failure of the target":  {status: http.StatusCreated, body: `{"results":[{"target":"` + target + `","error":{"code":50000,"statusCode":500}}]}`},
		"a time that is to come":   {status: http.StatusBadRequest, body: `{"error":{"code":40000,"statusCode":400,"message":"issuedBefore in the future"}}`},
		"a refusal of the target":  {status: http.StatusCreated, body: `{"results":[{"target":"` + target + `","error":{"code":40000,"statusCode":400}}]}`},
		"a gateway that is strict": {status: http.StatusForbidden, body: `no`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGuard(t)
			g.answer = func(n int, _ revocation) reply {
				if n < 2 {
					return first
				}
				return reply{}
			}
			got, err := g.revoker(t, nil).RevokeUser(t.Context(), customer)
			if err != nil || !got.Revoked {
				t.Fatalf("%+v, %v", got, err)
			}
			asked := g.requests()
			if len(asked) != 3 || !reflect.DeepEqual(asked[0], asked[1]) || !reflect.DeepEqual(asked[1], asked[2]) {
				t.Errorf("asked %+v", asked)
			}
		})
	}
}

func TestTheOlderFormOfAnAnswerIsUnderstood(t *testing.T) {
	t.Parallel()
	g := newGuard(t)
	g.answer = func(int, revocation) reply {
		return reply{status: http.StatusCreated, body: `[{"target":"clientId:` + customer + `","issuedBefore":1,"appliesAt":2}]`}
	}
	if got, err := g.revoker(t, nil).RevokeUser(t.Context(), customer); err != nil || !got.Revoked || len(g.requests()) != 1 {
		t.Errorf("%+v, %v, asked %+v", got, err, g.requests())
	}
}

// TestARevocationThatTheServiceRefusesIsGivenUpAndSaysSo: no repetition makes a key revocable.
func TestARevocationThatTheServiceRefusesIsGivenUpAndSaysSo(t *testing.T) {
	t.Parallel()
	g := newGuard(t)
	g.answer = func(int, revocation) reply {
		return reply{status: http.StatusUnauthorized, body: `{"error":{"code":40163,"statusCode":401,"message":"not revocable"}}`}
	}
	got, err := g.revoker(t, nil).RevokeUser(t.Context(), customer)
	if !isRefusal(err, domain.CodeUnavailable) || got.Revoked || !strings.Contains(err.Error(), "not revocable") {
		t.Errorf("%+v, %v", got, err)
	}
	if n := len(g.requests()); n < 3 || n > 20 {
		t.Errorf("asked %d times", n)
	}
}

func TestARevocationEndsWithItsContext(t *testing.T) {
	t.Parallel()
	g := newGuard(t)
	g.answer = func(int, revocation) reply { return reply{status: http.StatusServiceUnavailable, retryAfter: "3600"} }
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		<-g.arrived
		cancel()
	}()
	got, err := g.revoker(t, nil).RevokeUser(ctx, customer)
	if !isRefusal(err, domain.CodeUnavailable) || got.Revoked || !got.EndsBy.Equal(revokedAt.Add(publishers.TokenTTL)) {
		t.Errorf("%+v, %v", got, err)
	}
	if n := len(g.requests()); n != 1 {
		t.Errorf("asked %d times within the hour", n)
	}
}

// TestATokenOfRightAfterARevocationIsGood: before a real endpoint, in whatever part of a second it is revoked. A token of before is not
// good any more, though it may be of the same second, and the service counts in milliseconds.
func TestATokenOfRightAfterARevocationIsGood(t *testing.T) {
	t.Parallel()
	endpoint, err := ablylocal.New(ablylocal.Config{Key: testKey, Revocable: true})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(endpoint.Handler())
	t.Cleanup(server.Close)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	r, err := publishers.NewRevoker(publishers.RevokerConfig{Revocable: true, Config: publishers.Config{
		Key: testKey, Endpoint: strings.TrimPrefix(server.URL, "http://"), Transport: transport,
	}})
	if err != nil {
		t.Fatal(err)
	}
	issue := func() string {
		token, err := publishers.TokenIssuer{Key: testKey, Revocable: true}.Issue(time.Now(), publishers.Grant{UserID: customer, Role: domain.RoleCustomer})
		if err != nil {
			t.Fatal(err)
		}
		return token.Token
	}
	code := func(token string) int {
		asked := httptest.NewRequest(http.MethodGet, "/stats", nil)
		asked.Header.Set("Authorization", "Bearer "+token)
		answered := httptest.NewRecorder()
		endpoint.Handler().ServeHTTP(answered, asked)
		var body struct{ Error struct{ Code int } }
		_ = json.Unmarshal(answered.Body.Bytes(), &body) // a success is a list, and has no code
		return body.Error.Code
	}
	const revoked = 40141
	for range 3 {
		before := issue()
		if got := code(before); got == revoked {
			t.Fatalf("a fresh token is revoked")
		}
		if _, err := r.RevokeUser(t.Context(), customer); err != nil {
			t.Fatal(err)
		}
		if got := code(before); got != revoked {
			t.Errorf("a token of before: code %d", got)
		}
		if got := code(issue()); got == revoked {
			t.Error("a token of right after it is revoked")
		}
	}
}

// TestTheTokensOfStaffCanBeFound: the log names members of staff, and never the users that they sign in as.
func TestTheTokensOfStaffCanBeFound(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		issuer publishers.TokenIssuer
		role   domain.Role
		want   string
	}{
		"staff, revocable":     {publishers.TokenIssuer{Key: testKey, Revocable: true}, domain.RoleStaff, asha},
		"staff, not revocable": {publishers.TokenIssuer{Key: testKey}, domain.RoleStaff, ""},
		"a customer":           {publishers.TokenIssuer{Key: testKey, Revocable: true}, domain.RoleCustomer, ""},
	} {
		token, err := tc.issuer.Issue(issuedAt, publishers.Grant{UserID: customer, Role: tc.role, StaffID: asha})
		if err != nil {
			t.Fatal(err)
		}
		if got := read(t, token.Token).RevocationKey; got != tc.want {
			t.Errorf("%s: revocation key %q, want %q", name, got, tc.want)
		}
	}
}
